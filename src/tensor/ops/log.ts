/** The natural logarithm of x. d/dx = 1 / x. */
import { elementwise, unaryExamples } from "../op.ts"

export const log = elementwise("log", {
  reference: Math.log,
  onnx: "Log",
  gradient: (g, [x]) => [g.div(x)],
  examples: unaryExamples([0.5, 4]),
})
