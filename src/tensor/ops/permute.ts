/** The axes in another order: axis i of the output is axis order[i] of the input. */
import type { Op } from "../op.ts"
import { stridesOf, walk } from "../shape.ts"

export const permute: Op<{ order: readonly number[] }> = {
  name: "permute",
  shape: ([x], { order }) => order.map((axis) => x[axis]),
  reference([x], y, { order }) {
    const strides = stridesOf(x.shape)
    let at = 0
    walk(y.shape, [order.map((axis) => strides[axis])], ([from]) => {
      y.data[at++] = x.data[from]
    })
  },
  onnx: (graph, [x], y, { order }) => graph.node("Transpose", [x], y, { perm: order }),
  gradient: (g, _, __, { order }) => [g.permute(order.map((_, axis) => order.indexOf(axis)))],
  examples: [
    { shapes: [[3, 4]], attributes: { order: [1, 0] } },
    { shapes: [[2, 3, 4]], attributes: { order: [2, 0, 1] } },
    { shapes: [[2, 3, 4, 5]], attributes: { order: [0, 2, 1, 3] } },
  ],
}
