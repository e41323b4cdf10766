/** |x|. d/dx = 1 above 0, -1 below, 0 at 0. */
import { elementwise, unaryExamples } from "../op.ts"

export const abs = elementwise("abs", {
  reference: Math.abs,
  onnx: "Abs",
  gradient: (g, [x]) => [g.mul(x.greater(0).cast("float32").sub(x.less(0).cast("float32")))],
  examples: unaryExamples(),
})
