/** The same numbers in the same row-major order, under another shape. */
import type { Op } from "../op.ts"
import { type Shape, ShapeError, show, sizeOf } from "../shape.ts"

export const reshape: Op<{ shape: Shape }> = {
  name: "reshape",
  shape([x], { shape }) {
    if (sizeOf(x) !== sizeOf(shape))
      throw new ShapeError(
        `reshape: ${show(x)} has ${sizeOf(x)} numbers, ${show(shape)} has ${sizeOf(shape)}`,
      )
    return shape
  },
  reference: ([x], y) => y.data.set(x.data),
  onnx: (graph, [x], y) => graph.node("Reshape", [x, graph.integers(y.shape)], y),
  gradient: (g, [x]) => [g.reshape(x.shape)],
  examples: [
    { shapes: [[3, 4]], attributes: { shape: [2, 6] } },
    { shapes: [[2, 3, 4]], attributes: { shape: [24] } },
    { shapes: [[]], attributes: { shape: [1, 1] } },
    { shapes: [[1, 1]], attributes: { shape: [] } },
  ],
}
