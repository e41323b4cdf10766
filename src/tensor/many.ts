/**
 * Where many classes, or the rows of a large table, are computed otherwise than few: by index in place of one-hot rows, and with as few
 * passes over a matrix of all of them as there can be.
 */
import type { Shape } from "./shape.ts"

/** Up to this many classes or rows, ops work with one-hot rows: products and lookups in a small matrix. */
export const MOST_ONE_HOT = 256

/**
 * Whether a matrix (..., N) is much larger than a factor of `narrow` columns or rows that it is multiplied with, as logits of many
 * classes are beside hidden units: then a pass over it costs more than all operations on the factor.
 */
export const isWide = (shape: Shape, narrow: number): boolean =>
  shape.at(-1)! > MOST_ONE_HOT && shape.at(-1)! >= 8 * narrow
