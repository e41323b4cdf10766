/**
 * A graph of tensors as lines of JavaScript, a call or so for each op. What does not depend on the inputs is apart, to be computed
 * once. The functions that are called stand in javascript-functions.ts.
 */
import { UserError } from "../errors.ts"
import { topological } from "../tensor/interpreter.ts"
import type * as ops from "../tensor/ops/index.ts"
import { broadcastStrides, type Shape, show, sizeOf, stridesOf } from "../tensor/shape.ts"
import type { Tensor } from "../tensor/tensor.ts"
import type { functions } from "./javascript-functions.ts"

type FunctionName = keyof typeof functions

export interface Script {
  /** Lines that run once. */
  readonly once: readonly string[]
  /** Lines that run for each input. */
  readonly each: readonly string[]
  /** What the lines call the output. */
  readonly output: string
  /** The functions that the lines call. */
  readonly functions: readonly FunctionName[]
  /** The constants that are too long for a line, by their names. */
  readonly constants: ReadonlyMap<string, ArrayLike<number>>
}

export interface Leaves {
  /** What the lines call the inputs. */
  readonly inputs: ReadonlyMap<Tensor, string>
  /** The names of the leaves that stay as they are. */
  readonly weights: ReadonlyMap<Tensor, string>
  /** How the lines read a weight or a long constant of this name. */
  readonly read: (name: string) => string
}

/** The lines that compute `output`. An op that has no JavaScript is a UserError. */
export function scriptOf(output: Tensor, { inputs, weights, read }: Leaves): Script {
  const lines = { once: [] as string[], each: [] as string[] }
  const called = new Set<FunctionName>()
  const constants = new Map<string, ArrayLike<number>>()
  const texts = new Map<Tensor, string>(inputs)
  for (const [tensor, name] of weights) texts.set(tensor, read(name))
  const varying = new Set<Tensor>(inputs.keys())

  const call: Call = (name, ...args) => {
    called.add(name)
    return `${name}(${args.map((arg) => (typeof arg === "object" ? `[${arg.join(", ")}]` : arg)).join(", ")})`
  }

  const write = (target: Tensor): string => {
    for (const tensor of topological([target], texts)) texts.set(tensor, textOf(tensor))
    return texts.get(target)!
  }

  const textOf = (tensor: Tensor): string => {
    const { op, inputs, attributes, shape } = tensor
    const varies = inputs.some((input) => varying.has(input))
    if (varies) varying.add(tensor)
    if (op.composed) return write(op.composed(inputs, attributes))
    if (op.name === "constant") return textOfConstant(attributes as Constant)
    const form = forms[op.name as keyof typeof ops]
    if (!form)
      throw new UserError(`${tensor}: the op ${op.name} has no JavaScript here: export the model as ONNX`)
    const operands = inputs.map((input) => ({
      text: texts.get(input)!,
      shape: input.shape,
      number: numberIn(input),
    }))
    const text = form(call, operands, tensor)
    if (operands.some((operand) => operand.text === text)) return text
    const [where, letter] = varies ? [lines.each, "t"] : [lines.once, "c"]
    where.push(`const ${letter}${where.length + 1} = ${text} // ${show(shape)}`)
    return `${letter}${where.length}`
  }

  const textOfConstant = ({ values }: Constant): string => {
    if (values.length <= 16) return `Float64Array.of(${Array.from(values).join(", ")})`
    const name = `constant ${constants.size + 1}`
    constants.set(name, values)
    return read(name)
  }

  return { ...lines, output: write(output), functions: [...called], constants }
}

type Constant = { readonly values: ArrayLike<number> }
type Call = (name: FunctionName, ...args: (string | number | readonly (string | number)[])[]) => string

interface Operand {
  readonly text: string
  readonly shape: Shape
  /** Of a constant scalar. */
  readonly number?: number
}

/** An op as JavaScript. A text that is an operand's own says that the numbers are the same. */
type Form = (call: Call, inputs: readonly Operand[], y: Tensor) => string

const numberIn = ({ op, attributes, size }: Tensor): number | undefined =>
  op.name === "constant" && size === 1 ? (attributes as Constant).values[0] : undefined

/** A function of the numbers at each place. A constant stands in the expression itself. */
const elementwise =
  (expression: (...x: string[]) => string): Form =>
  (call, inputs, { shape }) => {
    const someVary = inputs.some(({ number }) => number === undefined)
    const inlined = ({ number }: Operand) => someVary && number !== undefined
    const letters = inputs.map((_, k) => "xyz"[k])
    const terms = inputs.map((input, k) => (inlined(input) ? String(input.number) : letters[k]))
    const parameters = letters.filter((_, k) => !inlined(inputs[k]))
    const arrays = inputs.filter((input) => !inlined(input)).map((input) => expanded(call, input, shape))
    return call("map", `(${parameters.join(", ")}) => ${expression(...terms)}`, ...arrays)
  }

const truth = (expression: (...x: string[]) => string): Form =>
  elementwise((...x) => `Number(${expression(...x)})`)

const expanded = (call: Call, { text, shape }: Operand, to: Shape): string =>
  sizeOf(shape) === sizeOf(to) ? text : call("view", text, 0, to, broadcastStrides(shape, to))

const lastOf = ({ shape }: Operand): number => shape.at(-1)!

/** The numbers that are reduced side by side, as rows. */
function reduced(
  call: Call,
  { text, shape }: Operand,
  axes: readonly number[],
): [rows: string, width: number] {
  const others = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  const order = [...others, ...axes]
  return [permuted(call, { text, shape }, order), axes.reduce((product, axis) => product * shape[axis], 1)]
}

function permuted(call: Call, { text, shape }: Operand, order: readonly number[]): string {
  const strides = stridesOf(shape)
  // Numbers stay where they are if only extents of 1 move.
  const moving = order.filter((axis) => shape[axis] !== 1)
  if (moving.every((axis, k) => k === 0 || axis > moving[k - 1])) return text
  return call(
    "view",
    text,
    0,
    order.map((axis) => shape[axis]),
    order.map((axis) => strides[axis]),
  )
}

const same: Form = (_, [x]) => x.text

const attributesOf = <A>({ attributes }: Tensor): A => attributes as A

/** Each op of the language but those that are composed of others, and those that no trained model has. */
const forms: Partial<Record<keyof typeof ops, Form>> = {
  add: elementwise((x, y) => `${x} + ${y}`),
  sub: elementwise((x, y) => `${x} - ${y}`),
  mul: elementwise((x, y) => `${x} * ${y}`),
  div: elementwise((x, y) => `${x} / ${y}`),
  pow: elementwise((x, y) => `Math.pow(${x}, ${y})`),
  maximum: elementwise((x, y) => `Math.max(${x}, ${y})`),
  minimum: elementwise((x, y) => `Math.min(${x}, ${y})`),
  neg: elementwise((x) => `-${x}`),
  abs: elementwise((x) => `Math.abs(${x})`),
  exp: elementwise((x) => `Math.exp(${x})`),
  log: elementwise((x) => `Math.log(${x})`),
  sqrt: elementwise((x) => `Math.sqrt(${x})`),
  floor: elementwise((x) => `Math.floor(${x})`),
  sin: elementwise((x) => `Math.sin(${x})`),
  cos: elementwise((x) => `Math.cos(${x})`),
  tanh: elementwise((x) => `Math.tanh(${x})`),
  sigmoid: elementwise((x) => `1 / (1 + Math.exp(-${x}))`),
  relu: elementwise((x) => `Math.max(${x}, 0)`),
  erf: (call, [x]) => call("erf", x.text),
  where: elementwise((x, y, z) => `${x} ? ${y} : ${z}`),
  equal: truth((x, y) => `${x} === ${y}`),
  less: truth((x, y) => `${x} < ${y}`),
  greater: truth((x, y) => `${x} > ${y}`),
  logicalAnd: truth((x, y) => `${x} && ${y}`),
  logicalOr: truth((x, y) => `${x} || ${y}`),
  logicalNot: truth((x) => `!${x}`),
  cast(call, [x], y) {
    if (y.dtype === "float32") return x.text
    return call("map", y.dtype === "int32" ? "Math.trunc" : "(x) => Number(x !== 0)", x.text)
  },

  reshape: same,
  expand: (call, [x], { shape }) => expanded(call, x, shape),
  permute: (call, [x], y) => permuted(call, x, attributesOf<{ order: readonly number[] }>(y).order),
  slice(call, [x], y) {
    const { axis, start } = attributesOf<{ axis: number; start: number }>(y)
    const strides = stridesOf(x.shape)
    const from = start * strides[axis]
    // Rows of the first axis that has more than one lie together.
    if (x.shape.slice(0, axis).every((extent) => extent === 1))
      return `${x.text}.subarray(${from}, ${from + y.size})`
    return call("view", x.text, from, y.shape, strides)
  },
  pad(call, [x], y) {
    const { axis, before, after } = attributesOf<{ axis: number; before: number; after: number }>(y)
    const rows = sizeOf(x.shape.slice(0, axis))
    const inner = sizeOf(x.shape.slice(axis + 1))
    const zeros = (count: number) =>
      count > 0 ? [[`new Float64Array(${rows * count * inner})`, count * inner]] : []
    return call("concat", rows, ...zeros(before), [x.text, x.shape[axis] * inner], ...zeros(after))
  },
  concat(call, inputs, y) {
    const { axis } = attributesOf<{ axis: number }>(y)
    const parts = inputs.map(({ text, shape }) => [text, sizeOf(shape.slice(axis))])
    return call("concat", sizeOf(y.shape.slice(0, axis)), ...parts)
  },
  gather: (call, [table, ids]) => call("gather", table.text, ids.text, sizeOf(table.shape.slice(1))),
  oneHot: (call, [ids], y) => call("oneHot", ids.text, y.shape.at(-1)!),

  matmul(call, [a, b], { shape }) {
    const [M, N] = shape.slice(-2)
    const K = lastOf(a)
    // A product with one matrix is one over all rows.
    if (b.shape.length === 2) return call("matmul", a.text, b.text, 1, sizeOf(shape) / N, K, N)
    const batch = shape.slice(0, -2)
    const operands = [expanded(call, a, [...batch, M, K]), expanded(call, b, [...batch, K, N])]
    return call("matmul", ...operands, sizeOf(batch), M, K, N)
  },
  sum: (call, [x], y) => call("sum", ...reduced(call, x, attributesOf<{ axes: readonly number[] }>(y).axes)),
  amax: (call, [x], y) =>
    call("largest", ...reduced(call, x, attributesOf<{ axes: readonly number[] }>(y).axes)),
  argmax: (call, [x], y) =>
    call("indexOfLargest", ...reduced(call, x, [attributesOf<{ axis: number }>(y).axis])),
  softmax: (call, [x]) => call("map", "Math.exp", call("logSoftmax", x.text, lastOf(x))),
  logSoftmax: (call, [x]) => call("logSoftmax", x.text, lastOf(x)),
  layerNorm: (call, [x, gamma, beta], y) =>
    call("layerNorm", x.text, gamma.text, beta.text, attributesOf<{ epsilon: number }>(y).epsilon),
}
