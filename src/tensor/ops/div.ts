/** a / b. d/da = 1 / b, d/db = -(a / b) / b. */
import { binaryExamples, elementwise } from "../op.ts"

export const div = elementwise("div", {
  reference: (a, b) => a / b,
  onnx: "Div",
  gradient: (g, [, b], y) => [g.div(b), g.mul(y).div(b).neg()],
  examples: binaryExamples([-2, 2], [0.5, 2]),
})
