/**
 * Rules of layout: where shifted copies of a tall matrix (N, C) lie side by side, as in a convolution along time, it is computed as columns
 * (C, N). Then the products of the backward pass read large matrices as they lie, and copies and halves are contiguous.
 *
 *   shifted rows ─ Transpose ─ columns ─ Concat, products, shifts, pointwise operators ─ Transpose ─ rows
 *
 * A value (..., C) is "rows of columns c" if it is Transpose(c), reshaped without a change to the last axis. The rules move that Transpose
 * towards the outputs.
 */
import { type Shape, sameShape, sizeOf } from "../../tensor/shape.ts"
import type { Candidate, Graph, GraphValue, Rule } from "../graph.ts"
import { binaryOperators, unaryOperators } from "../operators.ts"
import { madeBy } from "./pattern.ts"

/** The least height of columns, as a multiple of their width: of a lower matrix a transpose costs more than it saves. */
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

/** The value (..., C) as columns (C, N), by a transpose if need be. */
const asColumns = (graph: Graph, value: GraphValue): GraphValue =>
  columnsOf(value) ?? turned(graph, graph.reshape(value, [heightOf(value.shape), value.shape.at(-1)!]))

/** The axis of columns (C, N) that the last or the first axis of rows (..., C) becomes, and how far apart its steps are there. */
function placeOf({ shape }: GraphValue, axis: number): { at: 0 | 1; stride: number } | undefined {
  if (axis === shape.length - 1) return { at: 0, stride: 1 }
  return axis === 0 ? { at: 1, stride: heightOf(shape.slice(1)) } : undefined
}

/** The columns of a part of x, which is rows of columns c. */
function sliced({ graph, inputs: [x, start, end, axis] }: Movement, c: GraphValue): GraphValue | undefined {
  const place = placeOf(x, axis.constant![0])
  if (!place) return undefined
  const { at, stride } = place
  const [from, to] = [start, end].map(({ constant }) => constant![0] * stride)
  const amounts = [[from], [to], [at]].map((each) => graph.integers(each))
  return graph.node("Slice", [c, ...amounts], { shape: c.shape.with(at, to - from), dtype: c.dtype })
}

/** The columns of x with zeros around it, or with a negative number of them. */
function padded({ graph, inputs: [x, amounts] }: Movement, c: GraphValue): GraphValue | undefined {
  const rank = x.shape.length
  const numbers = Array.from(amounts.constant!)
  const [axis, ...more] = x.shape.flatMap((_, k) => (numbers[k] || numbers[k + rank] ? [k] : []))
  const place = more.length === 0 ? placeOf(x, axis) : undefined
  if (!place) return undefined
  const { at, stride } = place
  const [before, after] = [numbers[axis] * stride, numbers[axis + rank] * stride]
  const around = at === 0 ? [before, 0, after, 0] : [0, before, 0, after]
  return graph.node("Pad", [c, graph.integers(around)], {
    shape: c.shape.with(at, before + c.shape[at] + after),
    dtype: c.dtype,
  })
}

type Movement = Pick<Candidate, "graph" | "inputs">
const movements = new Map([
  ["Slice", sliced],
  ["Pad", padded],
])

const movement: Rule = (candidate) => {
  const { graph, operator, inputs, output } = candidate
  const c = columnsOf(inputs[0])
  const moved = c && movements.get(operator)!(candidate, c)
  return moved && rowsOf(graph, moved, output.shape)
}

/** Whether the value is shifted along its first axis. */
function isShifted(value: GraphValue): boolean {
  const amounts = madeBy(value, "Pad")?.inputs[1].constant
  const rank = value.shape.length
  return amounts !== undefined && Array.from(amounts).every((amount, k) => amount === 0 || k % rank === 0)
}

/** Here columns begin: where a matrix and its shifted copies lie side by side. */
const concat: Rule = ({ graph, inputs, output, attributes }) => {
  if (attributes.axis !== output.shape.length - 1 || output.dtype !== "float32") return undefined
  const [N, C] = [heightOf(output.shape), output.shape.at(-1)!]
  const begins = output.shape.length > 1 && N >= tall * C && inputs.some(isShifted)
  if (!begins && !inputs.every(columnsOf)) return undefined
  const parts = inputs.map((input) => turnedBelow(graph, input))
  return rowsOf(graph, graph.node("Concat", parts, { ...output, shape: [C, N] }, { axis: 0 }), output.shape)
}

/** The value as columns, with the transpose below its shifts, so that several copies share one. */
function turnedBelow(graph: Graph, value: GraphValue): GraphValue {
  const move = movements.get(value.node?.operator ?? "")
  if (columnsOf(value) || !move) return asColumns(graph, value)
  const { inputs } = value.node!
  return move({ graph, inputs }, turnedBelow(graph, inputs[0])) ?? asColumns(graph, value)
}

const unary: Rule = ({ graph, operator, inputs: [x], output, attributes }) => {
  const c = columnsOf(x)
  return (
    c && rowsOf(graph, graph.node(operator, [c], { ...output, shape: c.shape }, attributes), output.shape)
  )
}

/** The other operand in the layout of columns (C, N): a matrix, a number, or a row. */
function beside({ graph, output }: Candidate, c: GraphValue, other: GraphValue): GraphValue | undefined {
  const [C] = c.shape
  if (sameShape(other.shape, output.shape)) return asColumns(graph, other)
  if (other.size === 1) return graph.reshape(other, [])
  return other.size === C && other.shape.at(-1) === C ? graph.reshape(other, [C, 1]) : undefined
}

/** Columns (C, T B) as (C, T, B), for an operand that is the same at every T. */
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

/** A leaf, possibly reshaped, sliced or transposed. In the gradient of a weight, xᵀ g, neither operand is one. */
const isWeight = (value: GraphValue): boolean =>
  value.name !== undefined ||
  (["Reshape", "Transpose", "Slice", "Split", "Concat"].includes(value.node?.operator ?? "") &&
    value.node!.inputs.every((input) => input.constant !== undefined || isWeight(input)))

/** x W = (Wᵀ xᵀ)ᵀ. */
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

/** A sum over all rows is one along columns; a sum over the first of two axes of rows is one over the middle of (C, T, B). */
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
  ["Slice", [movement]],
  ["Pad", [movement]],
  ["Concat", [concat]],
  ["Gemm", [product]],
  ["ReduceSum", [sum]],
  ...Array.from(unaryOperators, (operator): [string, Rule[]] => [operator, [unary]]),
  ...Array.from(binaryOperators, (operator): [string, Rule[]] => [operator, [binary]]),
]
