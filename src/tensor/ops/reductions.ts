/** Reductions along axes, running sums, and sorting. */

import { permuted, rowsAlong } from "../javascript.ts"
import { type Direct, exampleWith, type Op, type Value } from "../op.ts"
import { type Shape, sizeOf, stridesOf, walk } from "../shape.ts"

interface Reduction {
  /** Axes from 0 to rank - 1, ascending. */
  readonly axes: readonly number[]
  /** Keeps reduced axes, with extent 1. */
  readonly keepDim: boolean
}

/** The shape after a reduction. */
const reducedShape = (shape: Shape, { axes, keepDim }: Reduction): number[] =>
  keepDim
    ? shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))
    : shape.filter((_, axis) => !axes.includes(axis))

const foldFunction = `
/** Each row, folded by f from a first value. */
function fold(a, width, first, f) {
  const y = new Float64Array(a.length / width).fill(first)
  for (let i = 0; i < a.length; i++) {
    const row = Math.floor(i / width)
    y[row] = f(y[row], a[i])
  }
  return y
}`

type Fold = "takes" | "shape" | "reference" | "javascript" | "examples"

/** The fields of a reduction that combines elements by f, in JavaScript `text`. */
const folding = (
  first: number,
  f: (a: number, b: number) => number,
  text: string,
): Pick<Direct<Reduction>, Fold> => ({
  takes: ["number"],
  shape: ([x], reduction) => reducedShape(x, reduction),
  reference([x], y, { axes }) {
    const strides = stridesOf(reducedShape(x.shape, { axes, keepDim: true }))
    y.data.fill(first)
    let at = 0
    walk(x.shape, [strides.map((stride, axis) => (axes.includes(axis) ? 0 : stride))], ([to]) => {
      y.data[to] = f(y.data[to], x.data[at++])
    })
  },
  javascript: (call, [x], _, { axes }) => call(foldFunction, ...rowsAlong(call, x, axes), first, text),
  examples: [
    exampleWith({ axes: [0], keepDim: false }, [3, 4]),
    exampleWith({ axes: [1], keepDim: true }, [3, 4]),
    exampleWith({ axes: [0, 1], keepDim: false }, [2, 3, 4]),
    exampleWith({ axes: [1], keepDim: true }, [2, 3, 4]),
    exampleWith({ axes: [0, 1, 2], keepDim: false }, [2, 3, 4]),
    exampleWith({ axes: [0, 1], keepDim: true }, [1, 1]),
  ],
})

/** The sum along axes. Each summand's gradient is the sum's. */
export const sum: Op<Reduction> = {
  ...folding(0, (a, b) => a + b, "(a, b) => a + b"),
  name: "sum",
  onnx(graph, [x], y, { axes, keepDim }) {
    // Integers are summed in 64 bits: ONNX Runtime's 32-bit sum does not wrap around as its addition does.
    const wide = y.dtype === "int32"
    const kind: Value = wide ? { shape: y.shape, dtype: "int64" } : y
    const terms = [wide ? graph.cast(x, "int64") : x, graph.integers(axes)]
    const total = graph.node("ReduceSum", terms, kind, { keepdims: Number(keepDim) })
    return wide ? graph.cast(total, "int32") : total
  },
  gradient: (g, [x], _, reduction) => [
    (reduction.keepDim || sizeOf(g.shape) === 1
      ? g
      : g.reshape(reducedShape(x.shape, { ...reduction, keepDim: true }))
    ).expand(x.shape),
  ],
}

/** The maximum along axes. Ties share the gradient, as in torch.amax. */
export const amax: Op<Reduction> = {
  ...folding(-Infinity, Math.max, "Math.max"),
  name: "amax",
  onnx: (graph, [x], y, { axes, keepDim }) =>
    graph.node("ReduceMax", [x, graph.integers(axes)], y, { keepdims: Number(keepDim) }),
  gradient(g, [x], y, reduction) {
    const kept = reducedShape(x.shape, { ...reduction, keepDim: true })
    const largest = x.equal(y.reshape(kept)).cast("float32")
    return [largest.mul(g.reshape(kept).div(largest.sum(reduction.axes, { keepDim: true })))]
  },
}

const indexOfLargest = `
/** The index of the largest element of each row, the first of equal ones. */
function indexOfLargest(a, width) {
  const y = new Float64Array(a.length / width)
  for (let row = 0; row < y.length; row++)
    for (let i = 1; i < width; i++) if (a[row * width + i] > a[row * width + y[row]]) y[row] = i
  return y
}`

/** The index of the maximum along one axis, the first of ties. It passes no gradient. */
export const argmax: Op<{ axis: number }> = {
  name: "argmax",
  takes: ["number"],
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
  onnx(graph, [x], y, { axis }) {
    const wide = graph.node("ArgMax", [x], { ...y, dtype: "int64" }, { axis, keepdims: 0 })
    return graph.cast(wide, "int32")
  },
  javascript: (call, [x], _, { axis }) => call(indexOfLargest, ...rowsAlong(call, x, [axis])),
  examples: [
    exampleWith({ axis: 1 }, [3, 4]),
    exampleWith({ axis: 0 }, [2, 3, 4]),
    exampleWith({ axis: 0 }, [5]),
  ],
}

const runningSum = `
/** The sums of each row up to each element; from each element on, if reverse is 1. */
function runningSum(a, width, reverse) {
  const y = Float64Array.from(a)
  for (let k = 0; k < y.length; k++)
    if (k % width > 0) {
      const i = reverse ? y.length - 1 - k : k
      y[i] += y[reverse ? i + 1 : i - 1]
    }
  return y
}`

/** Running sums along an axis, from its end if `reverse`. Source: torch.cumsum. */
export const cumsum: Op<{ axis: number; reverse: boolean }> = {
  name: "cumsum",
  takes: ["number"],
  shape: ([x]) => x,
  reference([x], y, { axis, reverse }) {
    const stride = stridesOf(x.shape)[axis]
    const extent = x.shape[axis]
    for (let k = 0; k < x.data.length; k++) {
      const i = reverse ? x.data.length - 1 - k : k
      const first = Math.floor(k / stride) % extent === 0
      y.data[i] = x.data[i] + (first ? 0 : y.data[reverse ? i + stride : i - stride])
    }
  },
  onnx: (graph, [x], y, { axis, reverse }) =>
    graph.node("CumSum", [x, graph.constant([axis], [], "int64")], y, { reverse: Number(reverse) }),
  javascript(call, [x], { shape }, { axis, reverse }) {
    // Move the axis to the end, and back.
    const order = [...shape.keys()].toSpliced(axis, 1).concat(axis)
    const rows = { text: permuted(call, x, order), shape: order.map((at) => shape[at]) }
    const text = call(runningSum, rows.text, shape[axis], Number(reverse))
    return permuted(
      call,
      { ...rows, text },
      [...shape.keys()].map((at) => order.indexOf(at)),
    )
  },
  // Each element is in all sums from its position on.
  gradient: (g, _, __, { axis, reverse }) => [g.cumsum(axis, { reverse: !reverse })],
  examples: [
    exampleWith({ axis: 0, reverse: false }, [3, 4]),
    exampleWith({ axis: 1, reverse: true }, [3, 4]),
    exampleWith({ axis: 1, reverse: false }, [2, 3, 4]),
    exampleWith({ axis: 0, reverse: true }, [2, 3, 4]),
  ],
}

/** The indices that sort each row along one axis, equal elements in their own order. Source: torch.argsort with stable=True. */
export const argsort: Op<{ axis: number; descending: boolean }> = {
  name: "argsort",
  takes: ["number"],
  shape: ([x]) => x,
  dtype: () => "int32",
  reference([x], y, { axis, descending }) {
    const stride = stridesOf(x.shape)[axis]
    const starts = x.shape.with(axis, 1)
    walk(starts, [stridesOf(x.shape)], ([start]) => {
      const at = (i: number) => x.data[start + i * stride]
      const order = Array.from({ length: x.shape[axis] }, (_, i) => i)
      order.sort((i, j) => (descending ? at(j) - at(i) : at(i) - at(j)))
      for (const [place, i] of order.entries()) y.data[start + place * stride] = i
    })
  },
  // Of equal elements TopK puts the one with the lower index first, whichever way it sorts.
  onnx(graph, [x], y, { axis, descending }) {
    const kind: Value = { ...y, dtype: "int64" }
    const count = graph.integers([y.shape[axis]])
    const wide = graph.node("TopK", [x, count], kind, { axis, largest: Number(descending), sorted: 1 }, 1)
    return graph.cast(wide, "int32")
  },
  javascript: { none: "models do not sort; only the draw does" },
  examples: [
    exampleWith({ axis: 1, descending: true }, [3, 6]),
    exampleWith({ axis: 0, descending: false }, [2, 3, 4]),
    exampleWith({ axis: 0, descending: true }, [7]),
  ],
}
