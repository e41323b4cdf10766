/** The sine of x, in radians. d/dx = cos x. */
import { elementwise, unaryExamples } from "../op.ts"

export const sin = elementwise("sin", {
  reference: Math.sin,
  onnx: "Sin",
  gradient: (g, [x]) => [g.mul(x.cos())],
  examples: unaryExamples([-4, 4]),
})
