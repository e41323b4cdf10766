/** The cosine of x, in radians. d/dx = -sin x. */
import { elementwise, unaryExamples } from "../op.ts"

export const cos = elementwise("cos", {
  reference: Math.cos,
  onnx: "Cos",
  gradient: (g, [x]) => [g.mul(x.sin()).neg()],
  examples: unaryExamples([-4, 4]),
})
