/** Tensors one after the other along one axis; their other extents are equal. Each gets its slice of the gradient. */
import type { Op } from "../op.ts"
import { ShapeError, show, stridesOf, walk } from "../shape.ts"

export const concat: Op<{ axis: number }> = {
  name: "concat",
  shape(inputs, { axis }) {
    const [first] = inputs
    for (const shape of inputs)
      if (shape.length !== first.length || shape.some((extent, at) => at !== axis && extent !== first[at]))
        throw new ShapeError(
          `concat: ${inputs.map(show).join(", ")}: all extents but those of axis ${axis} must be equal`,
        )
    return first.with(
      axis,
      inputs.reduce((total, shape) => total + shape[axis], 0),
    )
  },
  reference(inputs, y, { axis }) {
    const strides = stridesOf(y.shape)
    let start = 0
    for (const x of inputs) {
      let at = 0
      walk(x.shape, [strides], ([to]) => {
        y.data[to + start * strides[axis]] = x.data[at++]
      })
      start += x.shape[axis]
    }
  },
  onnx: (graph, inputs, y, { axis }) => graph.node("Concat", inputs, y, { axis }),
  gradient(g, inputs, _, { axis }) {
    let end = 0
    return inputs.map((x) => {
      const start = end
      end += x.shape[axis]
      return g.slice(axis, start, end)
    })
  },
  examples: [
    {
      shapes: [
        [3, 4],
        [3, 2],
      ],
      attributes: { axis: 1 },
    },
    {
      shapes: [
        [2, 3, 4],
        [1, 3, 4],
        [2, 3, 4],
      ],
      attributes: { axis: 0 },
    },
    { shapes: [[2]], attributes: { axis: 0 } },
  ],
}
