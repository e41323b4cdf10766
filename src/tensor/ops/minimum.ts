/** The smaller of a and b. The gradient goes to the smaller; equal ones share it, as in PyTorch. */
import { binaryExamples, elementwise } from "../op.ts"
import { toTheChosen } from "./maximum.ts"

export const minimum = elementwise("minimum", {
  reference: (a, b) => Math.min(a, b),
  onnx: "Min",
  gradient: toTheChosen,
  examples: binaryExamples(),
})
