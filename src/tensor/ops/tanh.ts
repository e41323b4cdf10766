/** tanh x, between -1 and 1. d/dx = 1 - tanh². */
import { elementwise, unaryExamples } from "../op.ts"

export const tanh = elementwise("tanh", {
  reference: Math.tanh,
  onnx: "Tanh",
  gradient: (g, _, y) => [g.sub(g.mul(y).mul(y))],
  examples: unaryExamples(),
})
