/**
 * What an op is: one typed record that holds everything known of it. The interpreter, the gradients, the compiler and the
 * conformance test ask the record; none of them knows an op by name. Adding a record (and a line in `tensor.ts`) adds the op.
 */
import { broadcast, broadcastStrides, type Shape, walk } from "./shape.ts"
import type { Tensor } from "./tensor.ts"

/** Numbers (float32), indices (int32) and truth values (bool). */
export type DType = "float32" | "int32" | "bool"

/** What is known of a tensor before any number is: its shape and dtype. */
export interface Kind {
  readonly shape: Shape
  readonly dtype: DType
}

/** Numbers in row-major order, in double precision whatever the dtype: what references read and write. */
export interface Values {
  readonly shape: Shape
  readonly data: Float64Array
}

/** Between the nodes of one op there may be more: ONNX's own operands, such as shapes and axes, are int64; bits are uint32. */
export type OnnxType = DType | "int64" | "uint32"

/** A value in the ONNX graph that is being written. */
export interface Value {
  readonly shape: Shape
  readonly dtype: OnnxType
}

/** The attributes of an ONNX node: a float, integers, a string. Integers are written as `int` or `ints`, `{ float }` as a float. */
export type OnnxAttributes = Record<string, number | readonly number[] | string | { float: number }>

/** The hand with which a record writes itself into an ONNX graph (https://onnx.ai/onnx/operators/). */
export interface Emitter {
  /** One node, its first output. `output` is the kind that comes out; `index` picks another output of several. */
  node(
    operator: string,
    inputs: readonly Value[],
    output: Value,
    attributes?: OnnxAttributes,
    index?: number,
  ): Value
  /** A constant of the model. */
  constant(values: ArrayLike<number>, shape: Shape, dtype: OnnxType): Value
  /** A row of int64, the form in which ONNX takes shapes, axes and bounds. */
  integers(values: readonly number[]): Value
}

/** One case of the conformance test: the kinds of the inputs, the attributes, and the numbers where not any will do. */
export interface Example<A> {
  readonly shapes: readonly Shape[]
  readonly attributes?: A
  /** Range of the random inputs, -2 to 2 unless told; a pair for each input. */
  readonly ranges?: readonly (readonly [number, number])[]
  /** Which inputs are not float32. Random int32 inputs are whole numbers in the range, its end excluded. */
  readonly dtypes?: readonly DType[]
}

// biome-ignore lint/suspicious/noExplicitAny: an op's attributes are its own business; shared code only hands them back
export interface Op<A = any> {
  readonly name: string
  /** The shape that comes out; throws a ShapeError where the inputs do not fit. */
  shape(inputs: readonly Shape[], attributes: A): Shape
  /** The dtype that comes out; that of the first input unless told. */
  dtype?(inputs: readonly DType[], attributes: A): DType
  /** The meaning, in double precision: fills `y`. It is the oracle of every other form. */
  reference(inputs: readonly Values[], y: Values, attributes: A): void
  /** How it is run: the name of the ONNX operator with the same inputs, or a function that writes nodes. */
  readonly onnx?: string | ((graph: Emitter, inputs: readonly Value[], y: Kind, attributes: A) => Value)
  /** How it is run where other ops say it best. */
  composed?(inputs: readonly Tensor[], attributes: A): Tensor
  /** Incoming gradient `g` -> gradient of each input; undefined for an input that has none. It may use the output `y`. */
  gradient?(g: Tensor, inputs: readonly Tensor[], y: Tensor, attributes: A): readonly (Tensor | undefined)[]
  readonly examples: readonly Example<A>[]
}

/** A function of numbers, applied position by position with broadcasting. */
export interface Elementwise<A> {
  readonly reference: (...numbers: number[]) => number
  readonly onnx: NonNullable<Op<A>["onnx"]>
  /** Gradients as for equal shapes: sums over broadcast axes are added here, once for all. */
  readonly gradient?: (g: Tensor, inputs: readonly Tensor[], y: Tensor) => readonly (Tensor | undefined)[]
  readonly dtype?: Op<A>["dtype"]
  readonly examples: readonly Example<A>[]
}

export function elementwise(name: string, record: Elementwise<undefined>): Op<undefined> {
  const { gradient } = record
  return {
    name,
    shape: (inputs) => broadcast(name, inputs),
    dtype: record.dtype,
    reference(inputs, y) {
      const numbers = new Array<number>(inputs.length)
      let at = 0
      walk(
        y.shape,
        inputs.map((input) => broadcastStrides(input.shape, y.shape)),
        (offsets) => {
          for (let k = 0; k < inputs.length; k++) numbers[k] = inputs[k].data[offsets[k]]
          y.data[at++] = record.reference(...numbers)
        },
      )
    },
    onnx: record.onnx,
    gradient:
      gradient && ((g, inputs, y) => gradient(g, inputs, y).map((of, k) => of?.sumTo(inputs[k].shape))),
    examples: record.examples,
  }
}

/** Examples that most functions of one number share: a matrix, a scalar, a single number in three axes. */
export const unaryExamples = (range: readonly [number, number] = [-2, 2]): Example<undefined>[] =>
  [[3, 4], [], [1, 1, 1]].map((shape) => ({ shapes: [shape], ranges: [range] }))

/** Examples that most functions of two numbers share: equal shapes, rows, columns, a scalar, both sides broadcast. */
export const binaryExamples = (
  first: readonly [number, number] = [-2, 2],
  second: readonly [number, number] = first,
  dtypes?: readonly DType[],
): Example<undefined>[] =>
  [
    [
      [3, 4],
      [3, 4],
    ],
    [[2, 3, 4], [4]],
    [
      [3, 1],
      [1, 4],
    ],
    [[], [2, 3]],
    [[1], [1]],
  ].map((shapes) => ({ shapes, ranges: [first, second], dtypes }))
