/** a and b, for truth values. */
import { binaryExamples, elementwise } from "../op.ts"

export const logicalAnd = elementwise("logicalAnd", {
  reference: (a, b) => Number(a !== 0 && b !== 0),
  onnx: "And",
  examples: binaryExamples([0, 2], [0, 2], ["bool", "bool"]),
})
