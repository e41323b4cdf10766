/** a + b. d/da = 1, d/db = 1. */
import { binaryExamples, elementwise } from "../op.ts"

export const add = elementwise("add", {
  reference: (a, b) => a + b,
  onnx: "Add",
  gradient: (g) => [g, g],
  examples: binaryExamples(),
})
