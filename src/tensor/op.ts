/**
 * An op is one typed record that holds everything known about it. The interpreter, the gradients, the compiler, the exports and
 * the conformance test ask the record; none of them knows an op by name.
 */
import type { Call, Each, JavaScript } from "./javascript.ts"
import { broadcast, broadcastStrides, type Shape, walk } from "./shape.ts"
import type { Tensor } from "./tensor.ts"

/** Real numbers, integers and truth values. */
export type DType = "float32" | "int32" | "bool"

/** The shape and dtype of a tensor. */
export interface Kind {
  readonly shape: Shape
  readonly dtype: DType
}

/** The values that references read and write: row-major, in double precision whatever the dtype. */
export interface Values extends Kind {
  readonly data: Float64Array
}

/** ONNX's own operands, such as shapes and axes, are int64; bits are uint32. */
export type OnnxType = DType | "int64" | "uint32"

/** A value in the ONNX graph that is being written. */
export interface Value {
  readonly shape: Shape
  readonly dtype: OnnxType
}

/** The attributes of an ONNX node: a float, integers, a string. Integers are written as `int` or `ints`, `{ float }` as a float. */
export type OnnxAttributes = Record<string, number | readonly number[] | string | { float: number }>

/** Writes a record into an ONNX graph (https://onnx.ai/onnx/operators/). */
export interface Emitter {
  /** One node, its first output. `output` is the kind that comes out; `index` picks another of several outputs. */
  node(
    operator: string,
    inputs: readonly Value[],
    output: Value,
    attributes?: OnnxAttributes,
    index?: number,
  ): Value
  /** A constant of the model. */
  constant(values: ArrayLike<number>, shape: Shape, dtype: OnnxType): Value
  cast(x: Value, dtype: OnnxType): Value
  reshape(x: Value, shape: Shape): Value
  expand(x: Value, shape: Shape): Value
  /** int32 indices, checked to be from 0 to count - 1 when the graph is run; errors name the op. */
  indices(values: Value, count: number): Value
  /** An int64 vector, the form in which ONNX takes shapes, axes and bounds. */
  integers(values: readonly number[]): Value
}

/** The dtypes that an input may have. `number` is float32 or int32; inputs that are `number` or `any` share one dtype. */
export type Accepted = DType | "number" | "any"

interface Common<A> {
  readonly name: string
  /** The dtypes of each input, float32 by default. The last entry holds for all further inputs. */
  readonly takes?: readonly Accepted[]
  /** The shape of the output; throws a ShapeError where the inputs do not fit. */
  shape(inputs: readonly Shape[], attributes: A): Shape
  /** The dtype of the output; that of the first input by default. */
  dtype?(inputs: readonly DType[], attributes: A): DType
  /** The definition, in double precision: fills `y`, which is all zeros. All other forms are tested against it. */
  reference(inputs: readonly Values[], y: Values, attributes: A): void
  /** Incoming gradient `g` -> the gradient of each input; undefined for an input that has none. It may use the output `y`. */
  gradient?(g: Tensor, inputs: readonly Tensor[], y: Tensor, attributes: A): readonly (Tensor | undefined)[]
  /** The ONNX operator of an elementwise op that is a single node. */
  readonly pointwise?: string
  /** Whether the order of the two inputs does not matter. */
  readonly commutative?: boolean
  /** Whether an activation with the output y is saturated: its gradient is almost 0. */
  readonly flat?: (y: number) => boolean
  /** The number of multiplications, if it exceeds the number of outputs. */
  multiplications?(inputs: readonly Shape[], y: Shape): number
  /** The values of a leaf that never change. */
  readonly constant?: (attributes: A) => ArrayLike<number>
  readonly examples: readonly Example<A>[]
}

/** An op that is run as ONNX nodes of its own. */
export interface Direct<A> extends Common<A> {
  /** An ONNX operator with the same inputs, or a function that writes nodes. */
  readonly onnx: string | ((graph: Emitter, inputs: readonly Value[], y: Kind, attributes: A) => Value)
  /** The form in a model exported as JavaScript, or why no exported model needs one. */
  readonly javascript: JavaScript<A> | Each<A> | { readonly none: string }
  readonly composed?: undefined
}

/** An op that is run as other ops. */
interface Composed<A> extends Common<A> {
  composed(inputs: readonly Tensor[], attributes: A): Tensor
  readonly onnx?: undefined
  readonly javascript?: undefined
}

// biome-ignore lint/suspicious/noExplicitAny: shared code never looks into an op's attributes, it hands them back to the op
export type Op<A = any> = Direct<A> | Composed<A>

const members: Readonly<{ [Name in Accepted]: readonly DType[] }> = {
  float32: ["float32"],
  int32: ["int32"],
  bool: ["bool"],
  number: ["float32", "int32"],
  any: ["float32", "int32", "bool"],
}

/** Throws if the op does not take inputs of these dtypes. */
export function checkDTypes({ name, takes = ["float32"] }: Op, dtypes: readonly DType[]): void {
  const wanted = dtypes.map((_, k) => takes[k] ?? takes.at(-1)!)
  const generic = dtypes.filter((_, k) => members[wanted[k]].length > 1)
  if (dtypes.some((dtype, k) => !members[wanted[k]].includes(dtype)))
    throw new TypeError(
      `${name} takes ${[...new Set(wanted)].map((each) => members[each].join(" or ")).join(", ")}, got ${dtypes.join(", ")}: cast first`,
    )
  if (generic.some((dtype) => dtype !== generic[0]))
    throw new TypeError(`${name} takes operands of one dtype, got ${dtypes.join(", ")}: cast one of them`)
}

const fits: Readonly<Record<DType, (x: unknown) => boolean>> = {
  float32: (x) => typeof x === "number",
  int32: (x) => (Number(x) | 0) === Number(x),
  bool: (x) => Number(x) === 0 || Number(x) === 1,
}

/** The position of the first value that the dtype cannot represent, if any. */
export function firstMisfit(values: ArrayLike<number>, dtype: DType): number | undefined {
  if (ArrayBuffer.isView(values) && (dtype === "float32" || values instanceof Int32Array) && dtype !== "bool")
    return undefined
  const at = Array.prototype.findIndex.call(values, (x) => !fits[dtype](x))
  return at < 0 ? undefined : at
}

/** An elementwise op's record, apart from its reference. */
interface Elementwise extends Pick<Common<undefined>, "takes" | "dtype" | "commutative" | "flat"> {
  /** The ONNX operator; by default it has the op's name, capitalized. */
  readonly onnx?: string
  /** An expression of x, y and z, the inputs in order; a reference that is a function of Math needs none. */
  readonly javascript?: string | ((call: Call) => string)
  /** The reference for integers, if doubles are not exact enough. */
  readonly whole?: (...numbers: number[]) => number
  /** Gradients as for equal shapes: sums over broadcast axes are added here, for all records. */
  readonly gradient?: (g: Tensor, inputs: readonly Tensor[], y: Tensor) => readonly (Tensor | undefined)[]
  /** The ranges of the inputs in examples, the first for all if there is only one. */
  readonly ranges?: readonly Drawn["range"][]
}

/** An op that applies a function element by element, with broadcasting. */
export function elementwise(
  name: string,
  reference: (...numbers: number[]) => number,
  { onnx, javascript, whole = reference, gradient, ranges = [[-2, 2]], ...record }: Elementwise = {},
): Op<undefined> {
  const operator = onnx ?? name[0].toUpperCase() + name.slice(1)
  return {
    ...record,
    name,
    pointwise: operator,
    shape: (inputs) => broadcast(name, inputs),
    reference(inputs, y) {
      const apply = y.dtype === "int32" ? whole : reference
      const numbers = new Array<number>(inputs.length)
      const strides = inputs.map((input) => broadcastStrides(input.shape, y.shape))
      let at = 0
      walk(y.shape, strides, (offsets) => {
        for (let k = 0; k < inputs.length; k++) numbers[k] = inputs[k].data[offsets[k]]
        y.data[at++] = apply(...numbers)
      })
    },
    onnx: operator,
    javascript: {
      each: javascript ?? `Math.${reference.name}(${["x", "y", "z"].slice(0, reference.length).join(", ")})`,
    },
    gradient:
      gradient && ((g, inputs, y) => gradient(g, inputs, y).map((of, k) => of?.sumTo(inputs[k].shape))),
    examples: broadcasting[reference.length].map((shapes) =>
      example(...shapes.map((shape, k) => within(ranges[k] ?? ranges[0], shape))),
    ),
  }
}

/** Example shapes for one, two and three inputs: equal ones, rows, columns, scalars, all inputs broadcast. */
const broadcasting: readonly (readonly (readonly Shape[])[])[] = [
  [],
  [[[3, 4]], [[]], [[1, 1, 1]]],
  // biome-ignore format: a row for each example
  [[[3, 4], [3, 4]], [[2, 3, 4], [4]], [[3, 1], [1, 4]], [[], [2, 3]], [[1], [1]]],
  // biome-ignore format: a row for each example
  [[[3, 4], [3, 4], [3, 4]], [[4], [3, 1], []]],
]

/** A random input of an example, drawn in each dtype that the op takes; the range does not apply to bool. */
interface Drawn {
  readonly shape: Shape
  /** Includes `low`, excludes `high`. */
  readonly range: readonly [low: number, high: number]
}

/** One case of the conformance test. */
export interface Example<A> {
  readonly inputs: readonly Drawn[]
  readonly attributes?: A
}

export const within = (range: Drawn["range"], shape: Shape): Drawn => ({ shape, range })

/** An example of an op with these attributes. A shape alone means values between -2 and 2. */
export const exampleWith = <A>(attributes: A, ...inputs: readonly (Shape | Drawn)[]): Example<A> => ({
  attributes,
  inputs: inputs.map((input) => ("range" in input ? input : within([-2, 2], input))),
})

/** An example of an op without attributes. */
export const example = (...inputs: readonly (Shape | Drawn)[]) => exampleWith(undefined, ...inputs)
