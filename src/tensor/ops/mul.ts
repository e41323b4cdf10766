/** a b. d/da = b, d/db = a. */
import { binaryExamples, elementwise } from "../op.ts"

export const mul = elementwise("mul", {
  reference: (a, b) => a * b,
  onnx: "Mul",
  gradient: (g, [a, b]) => [g.mul(b), g.mul(a)],
  examples: binaryExamples(),
})
