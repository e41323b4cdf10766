/** ln softmax x along the last axis: (..., V) -> (..., V), log-probabilities from logits. d/dx = g - e^y Σ g. */
import type { Op } from "../op.ts"

export const logSoftmax: Op<undefined> = {
  name: "logSoftmax",
  shape: ([x]) => x,
  reference([x], y) {
    const V = x.shape.at(-1)!
    for (let row = 0; row < x.data.length; row += V) {
      const largest = x.data.subarray(row, row + V).reduce((a, b) => Math.max(a, b))
      let total = 0
      for (let v = row; v < row + V; v++) total += Math.exp(x.data[v] - largest)
      for (let v = row; v < row + V; v++) y.data[v] = x.data[v] - largest - Math.log(total)
    }
  },
  onnx: (graph, [x], y) => graph.node("LogSoftmax", [x], y, { axis: -1 }),
  gradient: (g, _, y) => [g.sub(y.exp().mul(g.sum(-1, { keepDim: true })))],
  examples: [{ shapes: [[3, 4]] }, { shapes: [[2, 3, 4]] }, { shapes: [[1]] }],
}
