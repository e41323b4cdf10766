/** The logistic function 1 / (1 + e^-x), between 0 and 1. d/dx = σ (1 - σ). */
import { elementwise, unaryExamples } from "../op.ts"

export const sigmoid = elementwise("sigmoid", {
  reference: (x) => 1 / (1 + Math.exp(-x)),
  onnx: "Sigmoid",
  gradient: (g, _, y) => [g.mul(y.sub(y.mul(y)))],
  examples: unaryExamples(),
})
