/** Exponentials along the last axis, divided by their sum: (..., V) -> (..., V). d/dx = (g - Σ g y) y. */
import type { Op } from "../op.ts"

export const softmax: Op<undefined> = {
  name: "softmax",
  shape: ([x]) => x,
  reference([x], y) {
    const V = x.shape.at(-1)!
    for (let row = 0; row < x.data.length; row += V) {
      const largest = x.data.subarray(row, row + V).reduce((a, b) => Math.max(a, b))
      let total = 0
      for (let v = row; v < row + V; v++) total += y.data[v] = Math.exp(x.data[v] - largest)
      for (let v = row; v < row + V; v++) y.data[v] /= total
    }
  },
  onnx: (graph, [x], y) => graph.node("Softmax", [x], y, { axis: -1 }),
  gradient: (g, _, y) => [g.sub(g.mul(y).sum(-1, { keepDim: true })).mul(y)],
  examples: [{ shapes: [[3, 4]] }, { shapes: [[2, 3, 4]] }, { shapes: [[1]] }],
}
