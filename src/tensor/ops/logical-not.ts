/** Not a, for truth values. */
import { elementwise } from "../op.ts"

export const logicalNot = elementwise("logicalNot", {
  reference: (a) => Number(a === 0),
  onnx: "Not",
  examples: [{ shapes: [[3, 4]], ranges: [[0, 2]], dtypes: ["bool"] }],
})
