/** -x. d/dx = -1. */
import { elementwise, unaryExamples } from "../op.ts"

export const neg = elementwise("neg", {
  reference: (x) => -x,
  onnx: "Neg",
  gradient: (g) => [g.neg()],
  examples: unaryExamples(),
})
