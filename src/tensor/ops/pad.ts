/** Zeros before and after along one axis. The gradient is the slice between them. */
import type { Op } from "../op.ts"
import { stridesOf, walk } from "../shape.ts"

export const pad: Op<{ axis: number; before: number; after: number }> = {
  name: "pad",
  shape: ([x], { axis, before, after }) => x.with(axis, before + x[axis] + after),
  reference([x], y, { axis, before }) {
    const strides = stridesOf(y.shape)
    let at = 0
    walk(x.shape, [strides], ([to]) => {
      y.data[to + before * strides[axis]] = x.data[at++]
    })
  },
  onnx(graph, [x], y, { axis, before, after }) {
    const amounts = [before, after].flatMap((amount) => x.shape.map((_, at) => (at === axis ? amount : 0)))
    return graph.node("Pad", [x, graph.integers(amounts)], y)
  },
  gradient: (g, [x], _, { axis, before }) => [g.slice(axis, before, before + x.shape[axis])],
  examples: [
    { shapes: [[3, 4]], attributes: { axis: 1, before: 1, after: 2 } },
    { shapes: [[2, 3, 4]], attributes: { axis: 1, before: 2, after: 0 } },
    { shapes: [[2]], attributes: { axis: 0, before: 0, after: 3 } },
  ],
}
