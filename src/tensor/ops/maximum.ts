/** The larger of a and b. The gradient goes to the larger; equal ones share it, as in PyTorch. */
import { binaryExamples, elementwise } from "../op.ts"
import type { Tensor } from "../tensor.ts"

/** The gradient of a choice between a and b: to the one that became y, or to both in equal shares. */
export function toTheChosen(g: Tensor, [a, b]: readonly Tensor[], y: Tensor): Tensor[] {
  const toA = a.equal(y).cast("float32")
  const toB = b.equal(y).cast("float32")
  const share = g.div(toA.add(toB))
  return [share.mul(toA), share.mul(toB)]
}

export const maximum = elementwise("maximum", {
  reference: (a, b) => Math.max(a, b),
  onnx: "Max",
  gradient: toTheChosen,
  examples: binaryExamples(),
})
