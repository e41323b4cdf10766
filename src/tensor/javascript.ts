/**
 * How ops write themselves in a model exported as JavaScript: as expressions that call functions, whose source goes into the file
 * too. Arrays are flat, in row-major order and double precision.
 */
import type { Kind } from "./op.ts"
import { broadcastStrides, type Shape, sizeOf, stridesOf } from "./shape.ts"

/** An input of an op in the script. */
export interface ScriptValue {
  /** The expression that reads it. */
  readonly text: string
  readonly shape: Shape
  /** The value, if it is a constant scalar. */
  readonly number?: number
}

/** The text of a call. The source of the called function, with its comment, goes into the file once. */
export type Call = (
  source: string,
  ...args: readonly (string | number | readonly (string | number)[])[]
) => string

/** The expression of the output; an input's own text means that the values are unchanged. */
export type JavaScript<A> = (call: Call, inputs: readonly ScriptValue[], y: Kind, attributes: A) => string

export const map = `
/** f of each number, or of the numbers at each place of several arrays. */
function map(f, a, b, c) {
  const y = new Float64Array(a.length)
  for (let i = 0; i < y.length; i++) y[i] = f(a[i], b?.[i], c?.[i])
  return y
}`

export const view = `
/** The numbers from start on, read with a stride for each axis of the shape. */
function view(a, start, shape, strides) {
  const y = new Float64Array(shape.reduce((product, extent) => product * extent, 1))
  const position = shape.map(() => 0)
  for (let i = 0, from = start; i < y.length; i++) {
    y[i] = a[from]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position[axis]++
      from += strides[axis]
      if (position[axis] < shape[axis]) break
      from -= strides[axis] * shape[axis]
      position[axis] = 0
    }
  }
  return y
}`

/** An elementwise op, from an expression of x, y and z. Constants are inlined. */
export const elementwiseJavaScript =
  (expression: string | ((call: Call) => string)): JavaScript<unknown> =>
  (call, inputs, { shape }) => {
    const someVary = inputs.some(({ number }) => number === undefined)
    const constants = inputs.map(({ number }) => (someVary ? number : undefined))
    const body = (typeof expression === "string" ? expression : expression(call)).replace(
      /\b[xyz]\b/g,
      (letter) => String(constants["xyz".indexOf(letter)] ?? letter),
    )
    const arguments_ = inputs.flatMap((input, k) =>
      constants[k] === undefined ? [{ letter: "xyz"[k], array: expanded(call, input, shape) }] : [],
    )
    const parameters = arguments_.map(({ letter }) => letter).join(", ")
    return call(map, `(${parameters}) => ${body}`, ...arguments_.map(({ array }) => array))
  }

/** An input broadcast to a larger shape. */
export const expanded = (call: Call, { text, shape }: ScriptValue, to: Shape): string =>
  sizeOf(shape) === sizeOf(to) ? text : call(view, text, 0, to, broadcastStrides(shape, to))

/** An input with its axes in another order. */
export function permuted(call: Call, { text, shape }: ScriptValue, order: readonly number[]): string {
  const strides = stridesOf(shape)
  // If only extents of 1 move, the order in memory stays.
  const moving = order.filter((axis) => shape[axis] !== 1)
  if (moving.every((axis, k) => k === 0 || axis > moving[k - 1])) return text
  const [extents, steps] = [shape, strides].map((each) => order.map((axis) => each[axis]))
  return call(view, text, 0, extents, steps)
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
