/** a or b, for truth values. */
import { binaryExamples, elementwise } from "../op.ts"

export const logicalOr = elementwise("logicalOr", {
  reference: (a, b) => Number(a !== 0 || b !== 0),
  onnx: "Or",
  examples: binaryExamples([0, 2], [0, 2], ["bool", "bool"]),
})
