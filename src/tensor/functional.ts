/**
 * Functions of tensors that are more than one op and belong to no layer: the loss that a model is trained by.
 * Names as in torch.nn.functional.
 */
import type { Tensor } from "./tensor.ts"

/**
 * The mean surprise of the targets, in nats: logits (..., V), int32 targets (...) -> one number, as
 * torch.nn.functional.cross_entropy. With `ignoreIndex`, targets of that value count neither in the sum nor in the number.
 */
export function crossEntropy(
  logits: Tensor,
  targets: Tensor,
  { ignoreIndex, reduction = "mean" }: { ignoreIndex?: number; reduction?: "mean" | "sum" | "none" } = {},
): Tensor {
  if (ignoreIndex === undefined) {
    const losses = logits.crossEntropy(targets)
    return reduction === "none" ? losses : reduction === "sum" ? losses.sum() : losses.mean()
  }
  const counted = targets.notEqual(ignoreIndex)
  const weights = counted.cast("float32")
  const losses = logits.crossEntropy(counted.where(targets, 0)).mul(weights)
  return reduction === "none" ? losses : reduction === "sum" ? losses.sum() : losses.sum().div(weights.sum())
}
