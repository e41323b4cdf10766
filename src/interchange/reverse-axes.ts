/** Reverses the axes of an array in row-major order: a matrix is transposed. */
import { type Shape, stridesOf, walk } from "../tensor/shape.ts"
import type { SafeTensor } from "./safetensors.ts"

/** Elements of `shape` -> elements of the reversed shape, both in row-major order. */
export function reverseAxes<Data extends SafeTensor["data"] | Float32Array | Int32Array>(
  data: Data,
  shape: Shape,
): Data {
  const reversed = data.slice() as Data
  let at = 0
  walk(shape.toReversed(), [stridesOf(shape).toReversed()], ([from]) => {
    reversed[at++] = data[from]
  })
  return reversed
}
