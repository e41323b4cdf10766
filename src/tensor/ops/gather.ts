/**
 * Rows of a table by their indices: (V, ...) and int32 (...) -> (..., ...), the lookup of an embedding and of a data set.
 * The gradient adds each row's gradient up where the row came from, as a product with one-hot rows.
 */
import type { Op } from "../op.ts"
import { ShapeError, show, sizeOf } from "../shape.ts"

export const gather: Op<undefined> = {
  name: "gather",
  shape([table, indices]) {
    if (table.length === 0) throw new ShapeError(`gather: a table needs rows; ${show(table)} is a scalar`)
    return [...indices, ...table.slice(1)]
  },
  reference([table, indices], y) {
    const width = sizeOf(table.shape.slice(1))
    indices.data.forEach((row, i) => {
      if (!(row >= 0 && row < table.shape[0]))
        throw new RangeError(`gather: index ${row} at ${i} is outside a table of ${table.shape[0]} rows`)
      y.data.set(table.data.subarray(row * width, (row + 1) * width), i * width)
    })
  },
  onnx: (graph, [table, indices], y) => graph.node("Gather", [table, indices], y, { axis: 0 }),
  gradient(g, [table, indices]) {
    const rows = g.reshape([indices.size, -1])
    const sums = indices.reshape([indices.size]).oneHot(table.shape[0]).transpose().matmul(rows)
    return [sums.reshape(table.shape), undefined]
  },
  examples: [
    {
      shapes: [[5, 3], [4]],
      ranges: [
        [-2, 2],
        [0, 5],
      ],
      dtypes: ["float32", "int32"],
    },
    {
      shapes: [
        [5, 3],
        [2, 4],
      ],
      ranges: [
        [-2, 2],
        [0, 5],
      ],
      dtypes: ["float32", "int32"],
    },
    {
      shapes: [[5], [2, 2]],
      ranges: [
        [-2, 2],
        [0, 5],
      ],
      dtypes: ["float32", "int32"],
    },
    {
      shapes: [[5, 3], []],
      ranges: [
        [0, 9],
        [0, 5],
      ],
      dtypes: ["int32", "int32"],
    },
  ],
}
