/** Indices as rows of zeros with a one at the index: int32 (...) -> float32 (..., V). Source: torch.nn.functional.one_hot. */
import type { Op } from "../op.ts"

const identities = new Map<number, Float32Array>()

/** The same array each time, by which a graph knows that it is the same constant. */
function identity(size: number): Float32Array {
  let matrix = identities.get(size)
  if (!matrix) {
    matrix = Float32Array.from({ length: size ** 2 }, (_, i) => Number(i % (size + 1) === 0))
    identities.set(size, matrix)
  }
  return matrix
}

export const oneHot: Op<{ classes: number }> = {
  name: "oneHot",
  shape: ([indices], { classes }) => [...indices, classes],
  dtype: () => "float32",
  reference([indices], y, { classes }) {
    indices.data.forEach((index, i) => {
      if (!(index >= 0 && index < classes))
        throw new RangeError(`oneHot: index ${index} at ${i} is not one of ${classes} classes`)
      y.data[i * classes + index] = 1
    })
  },
  onnx(graph, [indices], y, { classes }) {
    // Rows of the identity are looked up faster than numbers are compared, but it grows with the square of the classes.
    if (classes <= 256) {
      const rows = graph.constant(identity(classes), [classes, classes], "float32")
      return graph.node("Gather", [rows, indices], y, { axis: 0 })
    }
    const column = [...indices.shape, 1]
    const ids = graph.node("Reshape", [indices, graph.integers(column)], {
      shape: column,
      dtype: "int32",
    })
    const classIds = graph.constant(
      Int32Array.from({ length: classes }, (_, id) => id),
      [classes],
      "int32",
    )
    return graph.node("Cast", [graph.node("Equal", [ids, classIds], { shape: y.shape, dtype: "bool" })], y, {
      to: 1,
    })
  },
  examples: [
    { shapes: [[4]], attributes: { classes: 5 }, ranges: [[0, 5]], dtypes: ["int32"] },
    { shapes: [[2, 3]], attributes: { classes: 3 }, ranges: [[0, 3]], dtypes: ["int32"] },
    { shapes: [[3]], attributes: { classes: 300 }, ranges: [[0, 300]], dtypes: ["int32"] },
    { shapes: [[]], attributes: { classes: 2 }, ranges: [[0, 2]], dtypes: ["int32"] },
  ],
}
