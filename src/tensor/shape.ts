/**
 * Shapes: sizes, strides, broadcasting by NumPy's rules (https://numpy.org/doc/stable/user/basics.broadcasting.html), and the error
 * for shapes that do not fit.
 */
export type Shape = readonly number[]

/** Thrown for shapes that do not fit. The message begins with the op or layer and shows the shapes. */
export class ShapeError extends Error {
  override readonly name = "ShapeError"
}

/** A shape as text: "(32, 8, 24)". */
export const show = (shape: Shape): string => `(${shape.join(", ")})`

/** The shape, if its extents are whole numbers. A ShapeError names the op. */
export function requireShape(name: string, shape: Shape): Shape {
  if (shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) return shape
  throw new ShapeError(`${name}: ${show(shape)} is not a shape: give whole numbers of at least 0`)
}

/** The number of elements of a tensor of this shape; 1 for a scalar. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1)

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((extent, axis) => extent === b[axis])

/** Row-major strides, in elements: (2, 3, 4) -> (12, 4, 1). */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis]
  }
  return strides
}

/** The common shape that `shapes` broadcast to. A ShapeError names the op. */
export function broadcast(name: string, shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length))
  const result = new Array<number>(rank).fill(1)
  for (const shape of shapes) {
    for (let axis = 0; axis < shape.length; axis++) {
      const at = rank - shape.length + axis
      if (result[at] === 1) result[at] = shape[axis]
      else if (shape[axis] !== 1 && shape[axis] !== result[at])
        throw new ShapeError(
          `${name}: ${shapes.map(show).join(" and ")} do not broadcast: from the right, extents must be equal or 1`,
        )
    }
  }
  return result
}

/** Strides that read a tensor of `shape` as if it had the shape `to`: 0 along broadcast axes. */
export function broadcastStrides(shape: Shape, to: Shape): number[] {
  const missing = to.length - shape.length
  const strides = stridesOf(shape)
  return to.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : strides[axis - missing]))
}

/** An axis as 0 to rank - 1; negative axes count from the end. */
export function axisOf(name: string, axis: number, shape: Shape): number {
  const at = axis < 0 ? axis + shape.length : axis
  if (!Number.isInteger(axis) || at < 0 || at >= shape.length)
    throw new ShapeError(
      `${name}: ${show(shape)} has no axis ${axis}: axes go from ${-shape.length} to ${shape.length - 1}`,
    )
  return at
}

/** Calls `visit` for every position of `shape` in row-major order, with the flat offset into each operand, by its strides. */
export function walk(
  shape: Shape,
  strides: readonly (readonly number[])[],
  visit: (offsets: number[]) => void,
): void {
  const position = new Array<number>(shape.length).fill(0)
  const offsets = new Array<number>(strides.length).fill(0)
  for (let remaining = sizeOf(shape); remaining > 0; remaining--) {
    visit(offsets)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position[axis]++
      for (let k = 0; k < strides.length; k++) offsets[k] += strides[k][axis]
      if (position[axis] < shape[axis]) break
      for (let k = 0; k < strides.length; k++) offsets[k] -= strides[k][axis] * shape[axis]
      position[axis] = 0
    }
  }
}
