/** e to the power x. d/dx = e^x, the output itself. */
import { elementwise, unaryExamples } from "../op.ts"

export const exp = elementwise("exp", {
  reference: Math.exp,
  onnx: "Exp",
  gradient: (g, _, y) => [g.mul(y)],
  examples: unaryExamples(),
})
