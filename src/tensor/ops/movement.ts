/** Ops that only move data: reshape, permute, slice, pad, concatenate, broadcast. */

import { expanded, permuted, viewed } from "../javascript.ts"
import { exampleWith, type Op, type Values } from "../op.ts"
import {
  broadcast,
  broadcastStrides,
  type Shape,
  ShapeError,
  sameShape,
  show,
  sizeOf,
  stridesOf,
  walk,
} from "../shape.ts"

/** Fills y with elements of x, read from `start` with a stride for each axis of y. */
function read(x: Values, y: Values, strides: readonly number[], start = 0): void {
  let at = 0
  walk(y.shape, [strides], ([from]) => {
    y.data[at++] = x.data[start + from]
  })
}

/** Writes x into y, from `start` on along an axis. */
function write(x: Values, y: Values, axis: number, start: number): void {
  const strides = stridesOf(y.shape)
  let at = 0
  walk(x.shape, [strides], ([to]) => {
    y.data[to + start * strides[axis]] = x.data[at++]
  })
}

/** The same values in the same row-major order, in another shape. */
export const reshape: Op<{ shape: Shape }> = {
  name: "reshape",
  takes: ["any"],
  shape([x], { shape }) {
    if (sizeOf(x) !== sizeOf(shape))
      throw new ShapeError(
        `reshape: ${show(x)} has ${sizeOf(x)} numbers, ${show(shape)} has ${sizeOf(shape)}`,
      )
    return shape
  },
  reference: ([x], y) => y.data.set(x.data),
  onnx: (graph, [x], y) => graph.reshape(x, y.shape),
  javascript: (_, [x]) => x.text,
  gradient: (g, [x]) => [g.reshape(x.shape)],
  examples: [
    exampleWith({ shape: [2, 6] }, [3, 4]),
    exampleWith({ shape: [24] }, [2, 3, 4]),
    exampleWith({ shape: [1, 1] }, []),
    exampleWith({ shape: [] }, [1, 1]),
  ],
}

/** The axes in another order: axis i of the output is axis order[i] of the input. */
export const permute: Op<{ order: readonly number[] }> = {
  name: "permute",
  takes: ["any"],
  shape: ([x], { order }) => order.map((axis) => x[axis]),
  reference([x], y, { order }) {
    const strides = stridesOf(x.shape)
    const moved = order.map((axis) => strides[axis])
    read(x, y, moved)
  },
  onnx: (graph, [x], y, { order }) => graph.node("Transpose", [x], y, { perm: order }),
  javascript: (call, [x], _, { order }) => permuted(call, x, order),
  gradient: (g, _, __, { order }) => [g.permute(order.map((_, axis) => order.indexOf(axis)))],
  examples: [
    exampleWith({ order: [1, 0] }, [3, 4]),
    exampleWith({ order: [2, 0, 1] }, [2, 3, 4]),
    exampleWith({ order: [0, 2, 1, 3] }, [2, 3, 4, 5]),
  ],
}

/** Broadcasting to a larger shape. The gradient is summed over the broadcast axes. */
export const expand: Op<{ shape: Shape }> = {
  name: "expand",
  takes: ["any"],
  shape([x], { shape }) {
    if (!sameShape(broadcast("expand", [x, shape]), shape))
      throw new ShapeError(`expand: ${show(x)} does not broadcast to the smaller ${show(shape)}`)
    return shape
  },
  reference: ([x], y) => read(x, y, broadcastStrides(x.shape, y.shape)),
  onnx: (graph, [x], y) => graph.expand(x, y.shape),
  javascript: (call, [x], { shape }) => expanded(call, x, shape),
  gradient: (g, [x]) => [g.sumTo(x.shape)],
  examples: [
    exampleWith({ shape: [3, 4] }, [3, 1]),
    exampleWith({ shape: [2, 3, 4] }, [4]),
    exampleWith({ shape: [2, 3] }, []),
  ],
}

/** One axis from `start` up to but excluding `end`. The gradient is padded with zeros. */
export const slice: Op<{ axis: number; start: number; end: number }> = {
  name: "slice",
  takes: ["any"],
  shape: ([x], { axis, start, end }) => x.with(axis, end - start),
  reference([x], y, { axis, start }) {
    const strides = stridesOf(x.shape)
    read(x, y, strides, start * strides[axis])
  },
  onnx: (graph, [x], y, { axis, start, end }) =>
    graph.node("Slice", [x, ...[start, end, axis].map((number) => graph.integers([number]))], y),
  javascript(call, [x], { shape }, { axis, start }) {
    const strides = stridesOf(x.shape)
    return viewed(call, x, shape, strides, start * strides[axis])
  },
  gradient: (g, [x], _, { axis, start, end }) => [g.pad(axis, start, x.shape[axis] - end)],
  examples: [
    exampleWith({ axis: 1, start: 1, end: 3 }, [3, 4]),
    exampleWith({ axis: 0, start: 0, end: 1 }, [2, 3, 4]),
    exampleWith({ axis: 0, start: 4, end: 5 }, [5]),
  ],
}

const sideBySide = `
/** Arrays side by side, in so many rows; each part is an array and its width. */
function concat(rows, ...parts) {
  const y = new Float64Array(parts.reduce((total, [, width]) => total + rows * width, 0))
  let at = 0
  for (let row = 0; row < rows; row++)
    for (const [a, width] of parts) for (let i = 0; i < width; i++) y[at++] = a[row * width + i]
  return y
}`

/** Zeros before and after along one axis. The gradient is the slice between them. */
export const pad: Op<{ axis: number; before: number; after: number }> = {
  name: "pad",
  takes: ["any"],
  shape([x], { axis, before, after }) {
    if (![before, after].every((count) => Number.isInteger(count) && count >= 0))
      throw new ShapeError(
        `pad: ${show(x)} by ${before} before and ${after} after: give whole numbers from 0`,
      )
    return x.with(axis, before + x[axis] + after)
  },
  reference: ([x], y, { axis, before }) => write(x, y, axis, before),
  onnx(graph, [x], y, { axis, before, after }) {
    const amounts = [before, after].flatMap((amount) => x.shape.map((_, at) => (at === axis ? amount : 0)))
    return graph.node("Pad", [x, graph.integers(amounts)], y)
  },
  javascript(call, [x], _, { axis, before, after }) {
    const rows = sizeOf(x.shape.slice(0, axis))
    const inner = sizeOf(x.shape.slice(axis + 1))
    const zeros = (count: number) =>
      count > 0 ? [[`new Float64Array(${rows * count * inner})`, count * inner]] : []
    return call(sideBySide, rows, ...zeros(before), [x.text, x.shape[axis] * inner], ...zeros(after))
  },
  gradient: (g, [x], _, { axis, before }) => [g.slice(axis, before, before + x.shape[axis])],
  examples: [
    exampleWith({ axis: 1, before: 1, after: 2 }, [3, 4]),
    exampleWith({ axis: 1, before: 2, after: 0 }, [2, 3, 4]),
    exampleWith({ axis: 0, before: 0, after: 3 }, [2]),
  ],
}

/** Concatenation along one axis; all other extents are equal. Each input gets its slice of the gradient. */
export const concat: Op<{ axis: number }> = {
  name: "concat",
  takes: ["any"],
  shape(inputs, { axis }) {
    const total = inputs.reduce((sum, shape) => sum + shape[axis], 0)
    const others = (shape: Shape) => shape.toSpliced(axis, 1)
    if (inputs.some((shape) => shape.length <= axis || !sameShape(others(shape), others(inputs[0]))))
      throw new ShapeError(
        `concat: ${inputs.map(show).join(", ")}: all extents but those of axis ${axis} must be equal`,
      )
    return inputs[0].with(axis, total)
  },
  reference(inputs, y, { axis }) {
    let start = 0
    for (const x of inputs) {
      write(x, y, axis, start)
      start += x.shape[axis]
    }
  },
  onnx: (graph, inputs, y, { axis }) => graph.node("Concat", inputs, y, { axis }),
  javascript(call, inputs, y, { axis }) {
    const parts = inputs.map(({ text, shape }) => [text, sizeOf(shape.slice(axis))])
    return call(sideBySide, sizeOf(y.shape.slice(0, axis)), ...parts)
  },
  gradient(g, inputs, _, { axis }) {
    let end = 0
    return inputs.map((x) => {
      const start = end
      end += x.shape[axis]
      return g.slice(axis, start, end)
    })
  },
  examples: [
    exampleWith({ axis: 1 }, [3, 4], [3, 2]),
    exampleWith({ axis: 0 }, [2, 3, 4], [1, 3, 4], [2, 3, 4]),
    exampleWith({ axis: 0 }, [2]),
  ],
}
