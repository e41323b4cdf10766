/** The largest whole number not above x. Its slope is 0, so it passes no gradient. */
import { elementwise, unaryExamples } from "../op.ts"

export const floor = elementwise("floor", {
  reference: Math.floor,
  onnx: "Floor",
  examples: unaryExamples(),
})
