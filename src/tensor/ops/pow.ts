/** a to the power b, for a > 0 wherever the gradient of b is asked for. d/da = b a^(b-1), d/db = a^b ln a. */
import { binaryExamples, elementwise } from "../op.ts"

export const pow = elementwise("pow", {
  reference: (a, b) => a ** b,
  onnx: "Pow",
  gradient: (g, [a, b], y) => [g.mul(b).mul(a.pow(b.sub(1))), g.mul(y).mul(a.log())],
  examples: binaryExamples([0.5, 2], [-2, 2]),
})
