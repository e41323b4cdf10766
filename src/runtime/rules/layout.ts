/**
 * Rules of layout: where the inputs of a convolution along time lie side by side, a tall matrix of rows (N, C) is kept as columns (C, N).
 * Then the products of the backward pass need not turn a large matrix around, and copies and halves are whole pieces of memory.
 *
 *   Concat of shifted rows ─ turns them ─> columns ─ through products, shifts and what works position by position ─> turned back
 *
 * "Rows of columns c" is `Transpose(c)`, reshaped or not, with the last axis left alone. The rules move the Transpose towards the outputs.
 */
import { type Shape, sameShape, sizeOf } from "../../tensor/shape.ts"
import type { Candidate, Graph, GraphValue, Rule } from "../graph.ts"
import { binaryOperators, unaryOperators } from "../operators.ts"
import { madeBy } from "./pattern.ts"

/** How many times as tall as wide a matrix must be: below, turning it costs more than it saves. */
const tall = 2

const turned = (graph: Graph, x: GraphValue): GraphValue =>
  graph.node("Transpose", [x], { shape: x.shape.toReversed(), dtype: x.dtype }, { perm: [1, 0] })

const heightOf = (shape: Shape): number => sizeOf(shape.slice(0, -1))

/** c (C, N), if the value (..., C) is rows of columns c. */
function columnsOf(value: GraphValue): GraphValue | undefined {
  const node = madeBy(value, "Transpose") ?? madeBy(madeBy(value, "Reshape")?.inputs[0], "Transpose")
  const c = node?.inputs[0]
  return c?.shape.length === 2 && c.shape[0] === value.shape.at(-1) && c.shape[1] >= tall * c.shape[0]
    ? c
    : undefined
}

const rowsOf = (graph: Graph, c: GraphValue, shape: Shape): GraphValue =>
  graph.reshape(turned(graph, c), shape)

/** The value (..., C) as columns (C, N), turned here if it is not. */
const asColumns = (graph: Graph, value: GraphValue): GraphValue =>
  columnsOf(value) ?? turned(graph, graph.reshape(value, [heightOf(value.shape), value.shape.at(-1)!]))

/** By how many columns a shift by one along the axis moves columns, for the first axis of rows; 0 for the last, along which rows grow. */
const strideOf = ({ shape }: GraphValue, axis: number): number | undefined =>
  axis === shape.length - 1 ? 0 : axis === 0 ? heightOf(shape.slice(1)) : undefined

const slice: Rule = ({ graph, inputs: [x, start, end, axis], output }) => {
  const c = columnsOf(x)
  const stride = c && strideOf(x, axis.constant![0])
  if (!c || stride === undefined) return undefined
  const [from, to] = [start, end].map(({ constant }) => constant![0] * (stride || 1))
  const at = stride === 0 ? 0 : 1
  const part = graph.node("Slice", [c, graph.integers([from]), graph.integers([to]), graph.integers([at])], {
    shape: c.shape.with(at, to - from),
    dtype: c.dtype,
  })
  return rowsOf(graph, part, output.shape)
}

const pad: Rule = ({ graph, inputs: [x, amounts], output }) => {
  const c = columnsOf(x)
  const rank = x.shape.length
  const numbers = Array.from(amounts.constant!)
  const axes = x.shape.flatMap((_, axis) => (numbers[axis] || numbers[axis + rank] ? [axis] : []))
  const stride = c && axes.length === 1 ? strideOf(x, axes[0]) : undefined
  if (!c || stride === undefined) return undefined
  const [before, after] = [numbers[axes[0]], numbers[axes[0] + rank]].map((count) => count * (stride || 1))
  const whole = graph.node(
    "Pad",
    [c, graph.integers(stride === 0 ? [before, 0, after, 0] : [0, before, 0, after])],
    { shape: [output.shape.at(-1)!, heightOf(output.shape)], dtype: c.dtype },
  )
  return rowsOf(graph, whole, output.shape)
}

/** The value shifted along its first axis: the node, and what it shifts. */
const shifted = (value: GraphValue): GraphValue | undefined => {
  const node = madeBy(value, "Pad")
  const amounts = node && Array.from(node.inputs[1].constant!)
  const rank = value.shape.length
  return amounts?.every((amount, k) => amount === 0 || k % rank === 0) ? node!.inputs[0] : undefined
}

/** Here columns begin: where a matrix and its shifted copies lie side by side. */
const concat: Rule = ({ graph, inputs, output, attributes }) => {
  if (attributes.axis !== output.shape.length - 1 || output.dtype !== "float32") return undefined
  const [N, C] = [heightOf(output.shape), output.shape.at(-1)!]
  const begins = output.shape.length > 1 && N >= tall * C && inputs.some(shifted)
  if (!begins && !inputs.every(columnsOf)) return undefined
  const parts = inputs.map((input) => turnedBelow(graph, input))
  return rowsOf(graph, graph.node("Concat", parts, { ...output, shape: [C, N] }, { axis: 0 }), output.shape)
}

/** The value as columns, turned below its shifts, so that what several copies are of is turned once. */
function turnedBelow(graph: Graph, value: GraphValue): GraphValue {
  const [shift, slice] = [shifted(value), madeBy(value, "Slice")]
  const inner =
    shift ?? (slice && strideOf(slice.inputs[0], slice.inputs[3].constant![0]) ? slice.inputs[0] : undefined)
  if (!inner) return asColumns(graph, value)
  const below = rowsOf(graph, turnedBelow(graph, inner), inner.shape)
  const { operator, inputs, attributes } = value.node!
  return asColumns(graph, graph.node(operator, [below, ...inputs.slice(1)], value, attributes))
}

const unary: Rule = ({ graph, operator, inputs: [x], output, attributes }) => {
  const c = columnsOf(x)
  return (
    c && rowsOf(graph, graph.node(operator, [c], { ...output, shape: c.shape }, attributes), output.shape)
  )
}

/** What an operand of the output's shape, or one that is broadcast to it, is beside columns (C, N). */
function beside({ graph, output }: Candidate, c: GraphValue, other: GraphValue): GraphValue | undefined {
  const [C] = c.shape
  if (sameShape(other.shape, output.shape)) return asColumns(graph, other)
  if (other.size === 1) return graph.reshape(other, [])
  return other.size === C && other.shape.at(-1) === C ? graph.reshape(other, [C, 1]) : undefined
}

/** Columns (C, T B) as (C, T, B), beside what is the same at every T. */
const byTime = (graph: Graph, c: GraphValue, [T, B]: Shape): GraphValue =>
  graph.reshape(c, [c.shape[0], T, B])

const binary: Rule = (candidate) => {
  const { graph, operator, inputs, output } = candidate
  for (const k of [0, 1]) {
    const c = columnsOf(inputs[k])
    if (!c || !sameShape(inputs[k].shape, output.shape)) continue
    let other = beside(candidate, c, inputs[1 - k])
    let own = c
    if (!other && output.shape.length === 3 && sameShape(inputs[1 - k].shape, output.shape.with(0, 1))) {
      other = byTime(graph, asColumns(graph, inputs[1 - k]), [1, output.shape[1]])
      own = byTime(graph, c, output.shape)
    }
    if (!other) continue
    const operands = k === 0 ? [own, other] : [other, own]
    const y = graph.node(operator, operands, { shape: own.shape, dtype: output.dtype })
    return rowsOf(graph, graph.reshape(y, c.shape), output.shape)
  }
  return undefined
}

/** A leaf, moved about or not. The other product of a Transpose is a weight's gradient, which has no layout to choose. */
const isWeight = (value: GraphValue): boolean =>
  value.name !== undefined ||
  (["Reshape", "Transpose", "Slice", "Split", "Concat"].includes(value.node?.operator ?? "") &&
    value.node!.inputs.every((input) => input.constant !== undefined || isWeight(input)))

/** Rows W = (Wᵀ columns)ᵀ. */
const product: Rule = ({ graph, inputs: [a, w, ...addend], output, attributes }) => {
  const c = attributes.transA ? undefined : columnsOf(a)
  if (!c || !isWeight(w) || addend.length > 0) return undefined
  const [N, M] = output.shape
  const y = graph.node(
    "Gemm",
    [w, c],
    { shape: [M, N], dtype: "float32" },
    { ...attributes, transA: 1 - (attributes.transB as number), transB: 0 },
  )
  return rowsOf(graph, y, output.shape)
}

/** A sum over all rows is one along the columns, one over time a sum in the middle. */
const sum: Rule = ({ graph, inputs: [x, axes], output, attributes }) => {
  const c = columnsOf(x)
  const over = Array.from(axes.constant!)
  if (c && x.shape.length === 3 && String(over) === "0") {
    const [, B, C] = x.shape
    const total = { shape: [C, B], dtype: output.dtype }
    const sums = graph.node("ReduceSum", [byTime(graph, c, x.shape), graph.integers([1])], total, {
      keepdims: 0,
    })
    return rowsOf(graph, sums, output.shape)
  }
  if (!c || over.length !== x.shape.length - 1 || over.some((axis, k) => axis !== k)) return undefined
  const total = graph.node(
    "ReduceSum",
    [c, graph.integers([1])],
    { ...output, shape: [c.shape[0]] },
    { ...attributes, keepdims: 0 },
  )
  return graph.reshape(total, output.shape)
}

export const layout: [string, Rule[]][] = [
  ["Slice", [slice]],
  ["Pad", [pad]],
  ["Concat", [concat]],
  ["Gemm", [product]],
  ["ReduceSum", [sum]],
  ...Array.from(unaryOperators, (operator): [string, Rule[]] => [operator, [unary]]),
  ...Array.from(binaryOperators, (operator): [string, Rule[]] => [operator, [binary]]),
]
