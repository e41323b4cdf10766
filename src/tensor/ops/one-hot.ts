/** Indices as rows of zeros with a one at the index: int32 (...) -> float32 (..., V). An index outside gives only zeros. */
import type { Op } from "../op.ts"

export const oneHot: Op<{ classes: number }> = {
  name: "oneHot",
  shape: ([indices], { classes }) => [...indices, classes],
  dtype: () => "float32",
  reference([indices], y, { classes }) {
    indices.data.forEach((index, i) => {
      if (index >= 0 && index < classes) y.data[i * classes + index] = 1
    })
  },
  onnx(graph, [indices], y, { classes }) {
    const column = [...indices.shape, 1]
    const ids = graph.node("Reshape", [indices, graph.constant(column, [column.length], "int64")], {
      shape: column,
      dtype: "int32",
    })
    const classIds = graph.constant(
      Array.from({ length: classes }, (_, id) => id),
      [classes],
      "int32",
    )
    return graph.node("Cast", [graph.node("Equal", [ids, classIds], { shape: y.shape, dtype: "bool" })], y, {
      to: 1,
    })
  },
  examples: [
    { shapes: [[4]], attributes: { classes: 5 }, ranges: [[-1, 6]], dtypes: ["int32"] },
    { shapes: [[2, 3]], attributes: { classes: 3 }, ranges: [[0, 3]], dtypes: ["int32"] },
    { shapes: [[]], attributes: { classes: 2 }, ranges: [[0, 2]], dtypes: ["int32"] },
  ],
}
