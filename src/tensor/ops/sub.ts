/** a - b. d/da = 1, d/db = -1. */
import { binaryExamples, elementwise } from "../op.ts"

export const sub = elementwise("sub", {
  reference: (a, b) => a - b,
  onnx: "Sub",
  gradient: (g) => [g, g.neg()],
  examples: binaryExamples(),
})
