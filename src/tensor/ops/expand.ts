/** The same numbers read as a larger shape, by broadcasting. The gradient is summed back. */
import type { Op } from "../op.ts"
import { broadcast, broadcastStrides, type Shape, ShapeError, sameShape, show, walk } from "../shape.ts"

export const expand: Op<{ shape: Shape }> = {
  name: "expand",
  shape([x], { shape }) {
    if (!sameShape(broadcast("expand", [x, shape]), shape))
      throw new ShapeError(`expand: ${show(x)} does not broadcast to the smaller ${show(shape)}`)
    return shape
  },
  reference([x], y) {
    let at = 0
    walk(y.shape, [broadcastStrides(x.shape, y.shape)], ([from]) => {
      y.data[at++] = x.data[from]
    })
  },
  onnx: (graph, [x], y) => graph.node("Expand", [x, graph.integers(y.shape)], y),
  gradient: (g, [x]) => [g.sumTo(x.shape)],
  examples: [
    { shapes: [[3, 1]], attributes: { shape: [3, 4] } },
    { shapes: [[4]], attributes: { shape: [2, 3, 4] } },
    { shapes: [[]], attributes: { shape: [2, 3] } },
  ],
}
