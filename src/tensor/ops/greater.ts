/** a > b, as a truth value. */
import { binaryExamples, elementwise } from "../op.ts"

export const greater = elementwise("greater", {
  reference: (a, b) => Number(a > b),
  onnx: "Greater",
  dtype: () => "bool",
  examples: [...binaryExamples(), ...binaryExamples([0, 3], [0, 3], ["int32", "int32"])],
})
