/** The index of the largest number along one axis, the first of equal ones. It passes no gradient. */
import type { Op } from "../op.ts"
import { stridesOf, walk } from "../shape.ts"

export const argmax: Op<{ axis: number }> = {
  name: "argmax",
  shape: ([x], { axis }) => x.toSpliced(axis, 1),
  dtype: () => "int32",
  reference([x], y, { axis }) {
    const stride = stridesOf(x.shape)[axis]
    let at = 0
    walk(y.shape, [stridesOf(x.shape).toSpliced(axis, 1)], ([start]) => {
      let best = 0
      for (let i = 1; i < x.shape[axis]; i++)
        if (x.data[start + i * stride] > x.data[start + best * stride]) best = i
      y.data[at++] = best
    })
  },
  onnx: (graph, [x], y, { axis }) =>
    graph.node("Cast", [graph.node("ArgMax", [x], { ...y, dtype: "int64" }, { axis, keepdims: 0 })], y, {
      to: 6,
    }),
  examples: [
    { shapes: [[3, 4]], attributes: { axis: 1 } },
    { shapes: [[2, 3, 4]], attributes: { axis: 0 } },
    { shapes: [[5]], attributes: { axis: 0 } },
  ],
}
