/** The sum along axes, which stay as extents of 1 or go. Each summand's gradient is the sum's. */
import type { Op } from "../op.ts"
import { sizeOf, stridesOf, walk } from "../shape.ts"

export interface Reduction {
  /** Axes from 0 to rank - 1, ascending. */
  readonly axes: readonly number[]
  /** PyTorch's keepdim: a summed axis stays, with extent 1. */
  readonly keepDim: boolean
}

/** The shape that a reduction leaves. */
export const reducedShape = (shape: readonly number[], { axes, keepDim }: Reduction): number[] =>
  keepDim
    ? shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))
    : shape.filter((_, axis) => !axes.includes(axis))

/** Strides that lead from a position of the input to the number it is reduced into. */
export function reducedStrides(shape: readonly number[], { axes }: Reduction): number[] {
  const strides = stridesOf(reducedShape(shape, { axes, keepDim: true }))
  return strides.map((stride, axis) => (axes.includes(axis) ? 0 : stride))
}

export const reductionExamples = [
  { shapes: [[3, 4]], attributes: { axes: [0], keepDim: false } },
  { shapes: [[3, 4]], attributes: { axes: [1], keepDim: true } },
  { shapes: [[2, 3, 4]], attributes: { axes: [0, 1], keepDim: false } },
  { shapes: [[2, 3, 4]], attributes: { axes: [1], keepDim: true } },
  { shapes: [[2, 3, 4]], attributes: { axes: [0, 1, 2], keepDim: false } },
  { shapes: [[1, 1]], attributes: { axes: [0, 1], keepDim: true } },
]

export const sum: Op<Reduction> = {
  name: "sum",
  shape: ([x], reduction) => reducedShape(x, reduction),
  reference([x], y, reduction) {
    let at = 0
    walk(x.shape, [reducedStrides(x.shape, reduction)], ([to]) => {
      y.data[to] += x.data[at++]
    })
  },
  onnx: (graph, [x], y, { axes, keepDim }) =>
    graph.node("ReduceSum", [x, graph.integers(axes)], y, {
      keepdims: Number(keepDim),
    }),
  gradient: (g, [x], _, reduction) => [
    (reduction.keepDim || sizeOf(g.shape) === 1
      ? g
      : g.reshape(reducedShape(x.shape, { ...reduction, keepDim: true }))
    ).expand(x.shape),
  ],
  examples: reductionExamples,
}
