/** The largest number along axes. Equal largest ones share the gradient, as in torch.amax. */
import type { Op } from "../op.ts"
import { walk } from "../shape.ts"
import { type Reduction, reducedShape, reducedStrides, reductionExamples } from "./sum.ts"

export const amax: Op<Reduction> = {
  name: "amax",
  shape: ([x], reduction) => reducedShape(x, reduction),
  reference([x], y, reduction) {
    y.data.fill(-Infinity)
    let at = 0
    walk(x.shape, [reducedStrides(x.shape, reduction)], ([to]) => {
      y.data[to] = Math.max(y.data[to], x.data[at++])
    })
  },
  onnx: (graph, [x], y, { axes, keepDim }) =>
    graph.node("ReduceMax", [x, graph.integers(axes)], y, {
      keepdims: Number(keepDim),
    }),
  gradient(g, [x], y, reduction) {
    const kept = reducedShape(x.shape, { ...reduction, keepDim: true })
    const largest = x.equal(y.reshape(kept)).cast("float32")
    return [largest.mul(g.reshape(kept).div(largest.sum(reduction.axes, { keepDim: true })))]
  },
  examples: reductionExamples,
}
