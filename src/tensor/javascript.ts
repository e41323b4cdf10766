/**
 * The form of an op in a model exported as JavaScript: an expression that calls functions, whose source is written into the file
 * too. Arrays are flat, in row-major order and double precision.
 */
import type { Kind } from "./op.ts"
import { broadcastStrides, type Shape, sizeOf, stridesOf } from "./shape.ts"

/** An input of an op in the script. */
export interface ScriptValue {
  /** The expression that reads it. */
  readonly text: string
  readonly shape: Shape
}

/** The text of a call. The source of the called function, with its comment, is written into the file once. */
export type Call = (
  source: string,
  ...args: readonly (string | number | readonly (string | number)[])[]
) => string

/** The form of an elementwise op: an expression of x, y and z, the elements of its inputs in order. */
export interface Each<A> {
  readonly each: string | ((call: Call, attributes: A) => string)
}

/** The expression of the output; an input's own text means that the values are unchanged. */
export type JavaScript<A> = (call: Call, inputs: readonly ScriptValue[], y: Kind, attributes: A) => string

const view = `
/** The elements from start on, read with a stride for each axis of the shape. */
function view(a, start, shape, strides) {
  const y = new a.constructor(shape.reduce((product, extent) => product * extent, 1))
  const last = shape.length - 1
  const [width, stride] = last < 0 ? [1, 0] : [shape[last], strides[last]]
  const position = shape.map(() => 0)
  for (let row = 0, from = start; row < y.length; row += width) {
    for (let i = 0; i < width; i++) y[row + i] = a[from + i * stride]
    for (let axis = last - 1; axis >= 0; axis--) {
      position[axis]++
      from += strides[axis]
      if (position[axis] < shape[axis]) break
      from -= strides[axis] * shape[axis]
      position[axis] = 0
    }
  }
  return y
}`

/** Elements of an input, read from `start` with a stride for each axis of `to`. Contiguous ones are not copied. */
export function viewed(
  call: Call,
  { text, shape }: ScriptValue,
  to: Shape,
  strides: readonly number[],
  start = 0,
): string {
  const own = stridesOf(to)
  if (to.some((extent, axis) => extent !== 1 && strides[axis] !== own[axis]))
    return call(view, text, start, to, strides)
  return sizeOf(to) === sizeOf(shape) ? text : `${text}.subarray(${start}, ${start + sizeOf(to)})`
}

/** An input broadcast to a larger shape. */
export const expanded = (call: Call, x: ScriptValue, to: Shape): string =>
  viewed(call, x, to, broadcastStrides(x.shape, to))

/** An input with its axes in another order. */
export function permuted(call: Call, x: ScriptValue, order: readonly number[]): string {
  const [shape, strides] = [x.shape, stridesOf(x.shape)].map((each) => order.map((axis) => each[axis]))
  return viewed(call, x, shape, strides)
}

/** An input with these axes moved to the end, as rows of this width. */
export function rowsAlong(
  call: Call,
  x: ScriptValue,
  axes: readonly number[],
): [rows: string, width: number] {
  const others = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  return [permuted(call, x, [...others, ...axes]), sizeOf(axes.map((axis) => x.shape[axis]))]
}
