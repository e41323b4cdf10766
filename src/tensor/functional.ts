/**
 * Losses and measures that are more than one op and belong to no layer. Names and meanings are those of torch.nn.functional; classes
 * are on the last axis.
 */
import { MOST_ONE_HOT } from "./many.ts"
import { type Shape, ShapeError, sameShape, show } from "./shape.ts"
import { Tensor } from "./tensor.ts"

interface Reduced {
  /** The losses one by one, their sum, or their mean. */
  readonly reduction?: "none" | "sum" | "mean"
}

interface ByClass extends Reduced {
  /** (V), how much each class counts. */
  readonly weight?: Tensor
  /** Targets of this value count neither in the sum nor in the mean. */
  readonly ignoreIndex?: number
}

/** The squared differences of two tensors of one shape. */
export function mseLoss(x: Tensor, target: Tensor, { reduction }: Reduced = {}): Tensor {
  expectShape("mseLoss", target, x.shape)
  return reduced(x.sub(target).square(), reduction)
}

/** The absolute differences of two tensors of one shape. */
export function l1Loss(x: Tensor, target: Tensor, { reduction }: Reduced = {}): Tensor {
  expectShape("l1Loss", target, x.shape)
  return reduced(x.sub(target).abs(), reduction)
}

/** Minus the targets' log-probabilities: (..., V) and int32 targets (...). The mean is weighted by the targets' weights. */
export function nllLoss(
  logProbabilities: Tensor,
  targets: Tensor,
  { weight, ignoreIndex, reduction }: ByClass = {},
): Tensor {
  expectShape("nllLoss", targets, logProbabilities.shape.slice(0, -1))
  const { indices, weights } = counted(targets, weight, ignoreIndex)
  const V = logProbabilities.shape.at(-1)!
  const picked =
    V > MOST_ONE_HOT
      ? logProbabilities.takeAlong(indices.unsqueeze(-1)).squeeze(-1)
      : indices.oneHot(V).greater(0).where(logProbabilities, 0).sum(-1)
  return reduced(times(picked.neg(), weights), reduction, weights)
}

/**
 * Minus the targets' log-probabilities under logits (..., V), in nats. Targets are classes, int32 (...), or probabilities, float32 (..., V).
 * The mean over classes is weighted by their weights. `labelSmoothing` is the probability that is spread over all classes.
 */
export function crossEntropy(
  logits: Tensor,
  targets: Tensor,
  { weight, ignoreIndex, labelSmoothing = 0, reduction }: ByClass & { readonly labelSmoothing?: number } = {},
): Tensor {
  const V = logits.shape.at(-1)!
  const under = (probabilities: Tensor): Tensor => {
    const smooth = probabilities.mul(1 - labelSmoothing).add(labelSmoothing / V)
    return times(logits.logSoftmax(), weight).mul(smooth).sum(-1).neg()
  }
  if (targets.dtype === "float32") {
    expectShape("crossEntropy", targets, logits.shape)
    if (ignoreIndex !== undefined)
      throw new RangeError(
        "crossEntropy: ignoreIndex is for targets that are classes, these are probabilities",
      )
    return reduced(under(targets), reduction)
  }
  const { indices, present, weights } = counted(targets, weight, ignoreIndex)
  const ofTargets = () => times(logits.crossEntropy(indices), weights)
  if (labelSmoothing === 0) return reduced(ofTargets(), reduction, weights)
  const ofAll = () => times(times(logits.logSoftmax(), weight).mean(-1).neg(), present)
  const losses =
    V > MOST_ONE_HOT
      ? ofTargets()
          .mul(1 - labelSmoothing)
          .add(ofAll().mul(labelSmoothing))
      : times(under(indices.oneHot(V)), present)
  return reduced(losses, reduction, weights)
}

/**
 * Minus the log-probability of truth values under their logits, in nats. Targets are 0, 1 or a probability, in the logits' shape.
 * `weight` multiplies each loss, `posWeight` the part of positive targets.
 */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  targets: Tensor,
  { weight, posWeight, reduction }: Reduced & { readonly weight?: Tensor; readonly posWeight?: Tensor } = {},
): Tensor {
  expectShape("binaryCrossEntropyWithLogits", targets, logits.shape)
  // ln σ(x) and ln σ(-x) are the log-probabilities of two classes with the logits x and 0.
  const pair = Tensor.stack([logits, Tensor.full(logits.shape, 0)], -1)
  const [yes, no] = pair.logSoftmax().unbind(-1)
  const agreement = times(targets.mul(yes), posWeight).add(targets.neg().add(1).mul(no))
  return reduced(times(agreement.neg(), weight), reduction)
}

/** The cosine of the angle between vectors along an axis, which is removed. A norm below `eps` counts as `eps`. */
export function cosineSimilarity(a: Tensor, b: Tensor, { axis = 1, eps = 1e-8 } = {}): Tensor {
  const [normA, normB] = [a, b].map((x) => x.norm(axis).maximum(eps))
  return a.mul(b).sum(axis).div(normA.mul(normB))
}

function expectShape(name: string, target: Tensor, shape: Shape): void {
  if (!sameShape(target.shape, shape))
    throw new ShapeError(`${name}: the target is ${show(target.shape)}, it must be ${show(shape)}`)
}

/** The indices, with 0 for those to ignore; 1 for those present, 0 for the others; and the weight of each. */
function counted(targets: Tensor, weight: Tensor | undefined, ignoreIndex: number | undefined) {
  if (ignoreIndex === undefined) return { indices: targets, weights: weight?.gather(targets) }
  const kept = targets.notEqual(ignoreIndex)
  const indices = kept.where(targets, 0)
  const present = kept.cast("float32")
  return { indices, present, weights: weight ? weight.gather(indices).mul(present) : present }
}

const times = (x: Tensor, factor: Tensor | undefined): Tensor => (factor ? x.mul(factor) : x)

/** The losses are multiplied by their `weights` already. */
function reduced(losses: Tensor, reduction: Reduced["reduction"] = "mean", weights?: Tensor): Tensor {
  if (reduction === "none") return losses
  if (reduction === "sum") return losses.sum()
  return weights ? losses.sum().div(weights.sum()) : losses.mean()
}
