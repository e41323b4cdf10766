/** From row-major to column-major order: the same numbers with their axes in reverse, a matrix transposed. */
import { type Shape, stridesOf, walk } from "../tensor/shape.ts"
import type { SafeTensor } from "./safetensors.ts"

/** Numbers of `shape` -> those of the reversed shape, in row-major order both. */
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
