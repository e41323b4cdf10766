/** The square root of x. d/dx = 1 / (2 √x). */
import { elementwise, unaryExamples } from "../op.ts"

export const sqrt = elementwise("sqrt", {
  reference: Math.sqrt,
  onnx: "Sqrt",
  gradient: (g, _, y) => [g.div(y.mul(2))],
  examples: unaryExamples([0.5, 4]),
})
