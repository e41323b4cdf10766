/** a = b, as a truth value. */
import { binaryExamples, elementwise } from "../op.ts"

export const equal = elementwise("equal", {
  reference: (a, b) => Number(a === b),
  onnx: "Equal",
  dtype: () => "bool",
  examples: [...binaryExamples(), ...binaryExamples([0, 3], [0, 3], ["int32", "int32"])],
})
