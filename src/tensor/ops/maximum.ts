/** The larger of a and b. The gradient goes to the larger; equal ones share it, as in PyTorch. */
import { binaryExamples, elementwise } from "../op.ts"

export const maximum = elementwise("maximum", {
  reference: (a, b) => Math.max(a, b),
  onnx: "Max",
  gradient(g, [a, b], y) {
    const toA = a.equal(y).cast("float32")
    const toB = b.equal(y).cast("float32")
    const share = g.div(toA.add(toB))
    return [share.mul(toA), share.mul(toB)]
  },
  examples: binaryExamples(),
})
