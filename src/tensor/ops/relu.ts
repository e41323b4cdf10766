/** max(x, 0). d/dx = 1 above 0, else 0. */
import { elementwise, unaryExamples } from "../op.ts"

export const relu = elementwise("relu", {
  reference: (x) => Math.max(x, 0),
  onnx: "Relu",
  // Greater, Cast and Mul: a gradient by ONNX's Sign takes more than twice their time.
  gradient: (g, _, y) => [g.mul(y.greater(0).cast("float32"))],
  examples: unaryExamples(),
})
