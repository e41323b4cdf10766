/** The part of one axis from `start` up to, not including, `end`. The gradient is padded with zeros. */
import type { Op } from "../op.ts"
import { stridesOf, walk } from "../shape.ts"

export const slice: Op<{ axis: number; start: number; end: number }> = {
  name: "slice",
  shape: ([x], { axis, start, end }) => x.with(axis, end - start),
  reference([x], y, { axis, start }) {
    const strides = stridesOf(x.shape)
    let at = 0
    walk(y.shape, [strides], ([from]) => {
      y.data[at++] = x.data[from + start * strides[axis]]
    })
  },
  onnx: (graph, [x], y, { axis, start, end }) =>
    graph.node("Slice", [x, ...[start, end, axis].map((number) => graph.integers([number]))], y),
  gradient: (g, [x], _, { axis, start, end }) => [g.pad(axis, start, x.shape[axis] - end)],
  examples: [
    { shapes: [[3, 4]], attributes: { axis: 1, start: 1, end: 3 } },
    { shapes: [[2, 3, 4]], attributes: { axis: 0, start: 0, end: 1 } },
    { shapes: [[5]], attributes: { axis: 0, start: 4, end: 5 } },
  ],
}
