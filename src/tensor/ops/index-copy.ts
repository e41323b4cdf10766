/**
 * A table with some rows replaced: (V, ...), int32 (N) and rows (N, ...) -> (V, ...). The indices differ from each other.
 * Source: torch.Tensor.index_copy along the first axis; ONNX ScatterND.
 */
import type { Op } from "../op.ts"
import { ShapeError, sameShape, show, sizeOf } from "../shape.ts"

export const indexCopy: Op<undefined> = {
  name: "indexCopy",
  shape([table, indices, rows]) {
    if (indices.length !== 1 || !sameShape(rows, [...indices, ...table.slice(1)]))
      throw new ShapeError(
        `indexCopy: ${show(rows)} at the indices ${show(indices)} of ${show(table)}: give a row for each index`,
      )
    return table
  },
  reference([table, indices, rows], y) {
    const width = sizeOf(table.shape.slice(1))
    y.data.set(table.data)
    indices.data.forEach((row, i) => {
      if (!(row >= 0 && row < table.shape[0]))
        throw new RangeError(`indexCopy: index ${row} at ${i} is outside a table of ${table.shape[0]} rows`)
      y.data.set(rows.data.subarray(i * width, (i + 1) * width), row * width)
    })
  },
  onnx(graph, [table, indices, rows], y) {
    const column = graph.node("Reshape", [indices, graph.constant([-1, 1], [2], "int64")], {
      shape: [indices.shape[0], 1],
      dtype: "int32",
    })
    const wide = graph.node("Cast", [column], { shape: column.shape, dtype: "int64" }, { to: 7 })
    return graph.node("ScatterND", [table, wide, rows], y)
  },
  gradient: (g, [, indices, rows]) => [g.indexCopy(indices, rows.mul(0)), undefined, g.gather(indices)],
  examples: [
    {
      shapes: [[5, 3], [1], [1, 3]],
      ranges: [
        [-2, 2],
        [1, 4],
        [-2, 2],
      ],
      dtypes: ["float32", "int32", "float32"],
    },
    {
      shapes: [[4, 2, 3], [1], [1, 2, 3]],
      ranges: [
        [-2, 2],
        [3, 4],
        [-2, 2],
      ],
      dtypes: ["float32", "int32", "float32"],
    },
    {
      shapes: [[5], [1], [1]],
      ranges: [
        [-2, 2],
        [0, 5],
        [-2, 2],
      ],
      dtypes: ["float32", "int32", "float32"],
    },
  ],
}
