/** Ops that read or write rows by index. Indices out of range are errors. */
import { MOST_ONE_HOT } from "../many.ts"
import { example, exampleWith, type Op, type Values, within } from "../op.ts"
import { type Shape, ShapeError, sameShape, show, sizeOf } from "../shape.ts"
import { Tensor } from "../tensor.ts"

/** Calls `visit` with each index, checked to be from 0 to count - 1, and its position. */
function eachIndex(name: string, indices: Values, count: number, visit: (index: number, i: number) => void) {
  indices.data.forEach((index, i) => {
    if (!(index >= 0 && index < count))
      throw new RangeError(`${name}: index ${index} at ${i} is not one of 0 to ${count - 1}`)
    visit(index, i)
  })
}

const gatherFunction = `
/** Rows of a table. */
function gather(table, ids, width) {
  const y = new Float64Array(ids.length * width)
  for (let i = 0; i < y.length; i++) y[i] = table[ids[Math.floor(i / width)] * width + (i % width)]
  return y
}`

/**
 * Rows of a table by index: (V, ...) and int32 (...) -> (..., ...), as in an embedding or a data set.
 * The gradient adds up each row's gradients: for a small table by a product with one-hot rows, for a large one where they belong.
 */
export const gather: Op<undefined> = {
  name: "gather",
  takes: ["any", "int32"],
  shape([table, indices]) {
    if (table.length === 0) throw new ShapeError(`gather: a table needs rows; ${show(table)} is a scalar`)
    return [...indices, ...table.slice(1)]
  },
  reference([table, indices], y) {
    const width = sizeOf(table.shape.slice(1))
    eachIndex("gather", indices, table.shape[0], (row, i) => {
      y.data.set(table.data.subarray(row * width, (row + 1) * width), i * width)
    })
  },
  onnx: (graph, [table, indices], y) =>
    graph.node("Gather", [table, graph.indices(indices, table.shape[0])], y, { axis: 0 }),
  javascript: (call, [table, ids]) =>
    call(gatherFunction, table.text, ids.text, sizeOf(table.shape.slice(1))),
  gradient(g, [table, indices]) {
    const [V, ...row] = table.shape
    const each = indices.reshape([indices.size])
    if (V > MOST_ONE_HOT)
      return [Tensor.full(table.shape, 0).indexAdd(each, g.reshape([indices.size, ...row])), undefined]
    const sums = each
      .oneHot(V)
      .transpose()
      .matmul(g.reshape([indices.size, -1]))
    return [sums.reshape(table.shape), undefined]
  },
  examples: [
    example([5, 3], within([0, 5], [4])),
    example([5, 3], within([0, 5], [2, 4])),
    example([300, 2], within([290, 300], [2, 8])),
    example([5], within([0, 5], [2, 2])),
    example([5, 3], within([0, 5], [])),
  ],
}

const indexCopyFunction = `
/** A table with some rows replaced. */
function indexCopy(table, ids, rows, width) {
  const y = new Float64Array(table)
  for (let i = 0; i < rows.length; i++) y[ids[Math.floor(i / width)] * width + (i % width)] = rows[i]
  return y
}`

/**
 * A table with some rows replaced: (V, ...), int32 (N) and rows (N, ...) -> (V, ...). Indices must be distinct.
 * Source: torch.Tensor.index_copy along the first axis; ONNX ScatterND.
 */
export const indexCopy: Op<undefined> = {
  name: "indexCopy",
  takes: ["any", "int32", "any"],
  shape([table, indices, rows]) {
    if (indices.length !== 1 || !sameShape(rows, [...indices, ...table.slice(1)]))
      throw new ShapeError(
        `indexCopy: ${show(rows)} at the indices ${show(indices)} of ${show(table)}: expected one row per index`,
      )
    return table
  },
  reference([table, indices, rows], y) {
    const width = sizeOf(table.shape.slice(1))
    y.data.set(table.data)
    eachIndex("indexCopy", indices, table.shape[0], (row, i) => {
      y.data.set(rows.data.subarray(i * width, (i + 1) * width), row * width)
    })
  },
  onnx(graph, [table, indices, rows], y) {
    const column = graph.reshape(graph.indices(indices, table.shape[0]), [...indices.shape, 1])
    return graph.node("ScatterND", [table, graph.cast(column, "int64"), rows], y)
  },
  javascript: (call, [table, ids, rows]) =>
    call(indexCopyFunction, table.text, ids.text, rows.text, sizeOf(rows.shape) / sizeOf(ids.shape)),
  gradient: (g, [, indices, rows]) => [g.indexCopy(indices, rows.mul(0)), undefined, g.gather(indices)],
  examples: [
    example([5, 3], within([1, 4], [1]), [1, 3]),
    example([4, 2, 3], within([3, 4], [1]), [1, 2, 3]),
    example([5], within([0, 5], [1]), [1]),
  ],
}

const indexAddFunction = `
/** A table with rows added to some of its rows. */
function indexAdd(table, ids, rows, width) {
  const y = new Float64Array(table)
  for (let i = 0; i < rows.length; i++) y[ids[Math.floor(i / width)] * width + (i % width)] += rows[i]
  return y
}`

/**
 * A table with rows added to some of its rows, to one of them as often as its index comes: (V, ...), int32 (N) and rows (N, ...) ->
 * (V, ...). Source: torch.Tensor.index_add along the first axis.
 */
export const indexAdd: Op<undefined> = {
  name: "indexAdd",
  takes: ["number", "int32", "number"],
  shape([table, indices, rows]) {
    if (indices.length !== 1 || !sameShape(rows, [...indices, ...table.slice(1)]))
      throw new ShapeError(
        `indexAdd: ${show(rows)} at the indices ${show(indices)} of ${show(table)}: expected one row per index`,
      )
    return table
  },
  reference([table, indices, rows], y) {
    const width = sizeOf(table.shape.slice(1))
    y.data.set(table.data)
    eachIndex("indexAdd", indices, table.shape[0], (row, i) => {
      for (let k = 0; k < width; k++) y.data[row * width + k] += rows.data[i * width + k]
    })
  },
  // ScatterND takes a sixth of the time, and with several threads adds two rows to the same one at once.
  onnx(graph, [table, unchecked, rows], y) {
    const indices = graph.indices(unchecked, table.shape[0])
    const column = graph.reshape(
      indices,
      rows.shape.map((extent, axis) => (axis === 0 ? extent : 1)),
    )
    const inputs = [table, graph.expand(column, rows.shape), rows]
    return graph.node("ScatterElements", inputs, y, { axis: 0, reduction: "add" })
  },
  javascript: (call, [table, ids, rows]) =>
    call(indexAddFunction, table.text, ids.text, rows.text, sizeOf(rows.shape) / sizeOf(ids.shape)),
  gradient: (g, [, indices]) => [g, undefined, g.gather(indices)],
  examples: [
    example([5, 3], within([0, 5], [4]), [4, 3]),
    example([4, 2, 3], within([3, 4], [2]), [2, 2, 3]),
    example([5], within([0, 5], [3]), [3]),
  ],
}

/** The shape of indices (..., K) into the last axis of (..., V). */
function alongLast(name: string, x: Shape, indices: Shape): Shape {
  if (x.length === 0 || !sameShape(x.slice(0, -1), indices.slice(0, -1)) || x.length !== indices.length)
    throw new ShapeError(
      `${name}: the indices ${show(indices)} into the last axis of ${show(x)}: expected all other axes to be equal`,
    )
  return indices
}

const takeAlongFunction = `
/** Elements of each row by index, k of them. */
function takeAlong(x, ids, width, k) {
  return Float64Array.from(ids, (id, i) => x[Math.floor(i / k) * width + id])
}`

/**
 * Elements of each row by index: (..., V) and int32 (..., K) -> (..., K). The gradient puts each where it came from.
 * Source: torch.take_along_dim along the last axis.
 */
export const takeAlong: Op<undefined> = {
  name: "takeAlong",
  takes: ["any", "int32"],
  shape: ([x, indices]) => alongLast("takeAlong", x, indices),
  reference([x, indices], y) {
    const [V, K] = [x, indices].map(({ shape }) => shape.at(-1)!)
    eachIndex("takeAlong", indices, V, (index, i) => {
      y.data[i] = x.data[Math.floor(i / K) * V + index]
    })
  },
  onnx: (graph, [x, indices], y) =>
    graph.node("GatherElements", [x, graph.indices(indices, x.shape.at(-1)!)], y, { axis: -1 }),
  javascript: (call, [x, ids]) =>
    call(takeAlongFunction, x.text, ids.text, x.shape.at(-1)!, ids.shape.at(-1)!),
  gradient: (g, [x, indices]) => [Tensor.full(x.shape, 0).scatterAdd(indices, g), undefined],
  examples: [
    example([3, 5], within([0, 5], [3, 1])),
    example([2, 3, 4], within([0, 4], [2, 3, 2])),
    example([5], within([0, 5], [7])),
  ],
}

const scatterAddFunction = `
/** x with values added to elements of each row by index, k of them. */
function scatterAdd(x, ids, values, width, k) {
  const y = new Float64Array(x)
  for (let i = 0; i < values.length; i++) y[Math.floor(i / k) * width + ids[i]] += values[i]
  return y
}`

/**
 * x with values added to elements of each row by index: (..., V), int32 (..., K) and (..., K) -> (..., V).
 * Source: torch.Tensor.scatter_add along the last axis.
 */
export const scatterAdd: Op<undefined> = {
  name: "scatterAdd",
  takes: ["number", "int32", "number"],
  shape([x, indices, values]) {
    if (!sameShape(alongLast("scatterAdd", x, indices), values))
      throw new ShapeError(`scatterAdd: ${show(values)} at the indices ${show(indices)}: expected one each`)
    return x
  },
  reference([x, indices, values], y) {
    const [V, K] = [x, indices].map(({ shape }) => shape.at(-1)!)
    y.data.set(x.data)
    eachIndex("scatterAdd", indices, V, (index, i) => {
      y.data[Math.floor(i / K) * V + index] += values.data[i]
    })
  },
  // Written over x where nothing else needs it.
  onnx: (graph, [x, indices, values], y) =>
    graph.node("ScatterElements", [x, graph.indices(indices, x.shape.at(-1)!), values], y, {
      axis: -1,
      reduction: "add",
    }),
  javascript: (call, [x, ids, values]) =>
    call(scatterAddFunction, x.text, ids.text, values.text, x.shape.at(-1)!, ids.shape.at(-1)!),
  gradient: (g, [, indices]) => [g, undefined, g.takeAlong(indices)],
  examples: [
    example([3, 5], within([0, 5], [3, 1]), [3, 1]),
    example([2, 3, 4], within([0, 4], [2, 3, 2]), [2, 3, 2]),
    example([5], within([0, 5], [7]), [7]),
  ],
}

const identities = new Map<number, Float32Array>()

/** Always the same array for a size, so that a graph sees one constant. */
function identity(size: number): Float32Array {
  let matrix = identities.get(size)
  if (!matrix) {
    matrix = Float32Array.from({ length: size ** 2 }, (_, i) => Number(i % (size + 1) === 0))
    identities.set(size, matrix)
  }
  return matrix
}

const oneHotFunction = `
/** A row for each id, with a 1 in its column. */
function oneHot(ids, classes) {
  const y = new Float64Array(ids.length * classes)
  for (let i = 0; i < ids.length; i++) y[i * classes + ids[i]] = 1
  return y
}`

/** One-hot rows: int32 (...) -> float32 (..., V). Source: torch.nn.functional.one_hot. */
export const oneHot: Op<{ classes: number }> = {
  name: "oneHot",
  takes: ["int32"],
  shape: ([indices], { classes }) => [...indices, classes],
  dtype: () => "float32",
  reference([indices], y, { classes }) {
    eachIndex("oneHot", indices, classes, (index, i) => {
      y.data[i * classes + index] = 1
    })
  },
  onnx(graph, [unchecked], y, { classes }) {
    const indices = graph.indices(unchecked, classes)
    // Looking up rows of the identity is faster than comparing numbers, but its size is the square of the classes.
    if (classes <= MOST_ONE_HOT) {
      const rows = graph.constant(identity(classes), [classes, classes], "float32")
      return graph.node("Gather", [rows, indices], y, { axis: 0 })
    }
    const all = graph.constant([...Array(classes).keys()], [classes], "int32")
    // The lookup rejects indices that are too large.
    const own = graph.node("Gather", [all, indices], indices, { axis: 0 })
    const column = graph.reshape(own, [...indices.shape, 1])
    return graph.cast(graph.node("Equal", [column, all], { ...y, dtype: "bool" }), "float32")
  },
  javascript: (call, [ids], _, { classes }) => call(oneHotFunction, ids.text, classes),
  examples: [
    exampleWith({ classes: 5 }, within([0, 5], [4])),
    exampleWith({ classes: 3 }, within([0, 3], [2, 3])),
    exampleWith({ classes: 300 }, within([0, 300], [3])),
    exampleWith({ classes: 2 }, within([0, 2], [])),
  ],
}
