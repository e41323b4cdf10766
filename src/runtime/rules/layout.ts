/**
 * Layout rules: a concatenation of shifted copies of a tall matrix (N, C), as in a convolution along time, is computed as columns (C, N).
 * Then the products of the backward pass read large matrices in memory order, and copies and halves are contiguous.
 *
 *   shifted rows ─ Transpose ─ columns ─ Concat, products, shifts, pointwise operators ─ Transpose ─ rows
 *
 * A value (..., C) is "rows of columns c" if it is Transpose(c), reshaped without a change to the last axis. The rules move that Transpose
 * towards the outputs.
 */
import { type Shape, sameShape, sizeOf } from "../../tensor/shape.ts"
import type { Graph, GraphValue, Rule } from "../graph.ts"
import { binaryOperators, unaryOperators } from "../operators.ts"
import {
  areLeading,
  concatenated,
  each,
  edgesOf,
  type Movement,
  madeBy,
  redone,
  under,
  withEdges,
} from "./pattern.ts"

/** The least height of columns, as a multiple of their width: of a lower matrix a transpose costs more than it saves. */
const tall = 2

const turned = (graph: Graph, x: GraphValue): GraphValue =>
  graph.node("Transpose", [x], { shape: x.shape.toReversed(), dtype: x.dtype }, { perm: [1, 0] })

const heightOf = (shape: Shape): number => sizeOf(shape.slice(0, -1))

/** c (C, N), if the value (..., C) is rows of columns c. */
function columnsOf(value: GraphValue): GraphValue | undefined {
  const c = under(value, "Transpose") ?? under(under(value, "Reshape") ?? value, "Transpose")
  return c?.shape.length === 2 && c.shape[0] === value.shape.at(-1) && c.shape[1] >= tall * c.shape[0]
    ? c
    : undefined
}

const backToRows = (graph: Graph, c: GraphValue, shape: Shape): GraphValue =>
  graph.reshape(turned(graph, c), shape)

/** The value (..., C) as columns (C, N), by a transpose if need be. */
const asColumns = (graph: Graph, value: GraphValue): GraphValue =>
  columnsOf(value) ?? turned(graph, graph.reshape(value, [heightOf(value.shape), value.shape.at(-1)!]))

/** A Slice or Pad of x, which is rows of columns c, as one of c: along the last axis of x or the first. */
function moved(graph: Graph, { operator, inputs }: Movement, c: GraphValue): GraphValue | undefined {
  const [{ shape }] = inputs
  const edges = edgesOf({ operator, inputs })
  const isLast = edges?.axis === shape.length - 1
  if (!edges || (!isLast && edges.axis > 0)) return undefined
  const [axis, stride] = isLast ? [0, 1] : [1, heightOf(shape.slice(1))]
  const [before, after] = [edges.before * stride, edges.after * stride]
  return withEdges({ graph, operator }, c, { axis, before, after })
}

const movement: Rule = (candidate) => {
  const { graph, inputs, output } = candidate
  const c = columnsOf(inputs[0])
  const onColumns = c && moved(graph, candidate, c)
  return onColumns && backToRows(graph, onColumns, output.shape)
}

/** Whether the value is shifted along its first axis. */
function isShifted(value: GraphValue): boolean {
  const pad = madeBy(value, "Pad")
  return pad !== undefined && edgesOf(pad)?.axis === 0
}

/** Columns begin here: where a matrix is concatenated with its shifted copies. */
const concat: Rule = ({ graph, inputs, output: { shape, dtype }, attributes }) => {
  if (attributes.axis !== shape.length - 1 || dtype !== "float32") return undefined
  const begins = shape.length > 1 && heightOf(shape) >= tall * shape.at(-1)! && inputs.some(isShifted)
  if (!begins && !inputs.every(columnsOf)) return undefined
  const parts = inputs.map((input) => turnedBelow(graph, input))
  return backToRows(graph, concatenated(graph, parts, 0), shape)
}

/** The value as columns, with the transpose below its shifts, so that several copies share one. */
function turnedBelow(graph: Graph, value: GraphValue): GraphValue {
  const move = madeBy(value, "Slice") ?? madeBy(value, "Pad")
  if (columnsOf(value) || !move) return asColumns(graph, value)
  return moved(graph, move, turnedBelow(graph, move.inputs[0])) ?? asColumns(graph, value)
}

const unary: Rule = (candidate) => {
  const { graph, inputs, output } = candidate
  const c = columnsOf(inputs[0])
  if (!c) return undefined
  return backToRows(graph, redone(candidate, [c]), output.shape)
}

/** Columns (C, T B) as (C, T, B). */
const byTime = (graph: Graph, c: GraphValue, [T, B]: Shape): GraphValue =>
  graph.reshape(c, [c.shape[0], T, B])

const binary: Rule = (candidate) => {
  const { graph, inputs, output } = candidate
  for (const [k, input] of inputs.entries()) {
    const c = columnsOf(input)
    if (!c || !sameShape(input.shape, output.shape)) continue
    const [C] = c.shape
    const other = inputs[1 - k]
    const write = (own: GraphValue, operand: GraphValue) => {
      const y = redone(candidate, k === 0 ? [own, operand] : [operand, own], own.shape)
      return backToRows(graph, graph.reshape(y, c.shape), output.shape)
    }
    if (sameShape(other.shape, output.shape)) return write(c, asColumns(graph, other))
    if (other.size === 1) return write(c, graph.reshape(other, []))
    if (other.size === C && other.shape.at(-1) === C) return write(c, graph.reshape(other, [C, 1]))
    // An operand that is the same at every time T.
    if (output.shape.length === 3 && sameShape(other.shape, output.shape.with(0, 1)))
      return write(byTime(graph, c, output.shape), byTime(graph, asColumns(graph, other), other.shape))
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
  const changed = { ...attributes, transA: 1 - (attributes.transB as number), transB: 0 }
  const y = graph.node("Gemm", [w, c], { shape: output.shape.toReversed(), dtype: "float32" }, changed)
  return backToRows(graph, y, output.shape)
}

/** A sum over all rows is one along columns; a sum over the first of two axes of rows is one over the middle of (C, T, B). */
const sum: Rule = ({ graph, inputs: [x, axes], output: { shape, dtype } }) => {
  const c = columnsOf(x)
  const over = Array.from(axes.constant!)
  if (!c || !areLeading(over)) return undefined
  const sumOf = (y: GraphValue, rest: Shape) =>
    graph.node("ReduceSum", [y, graph.integers([1])], { shape: rest, dtype }, { keepdims: 0 })
  const [C] = c.shape
  if (over.length === x.shape.length - 1) return graph.reshape(sumOf(c, [C]), shape)
  return x.shape.length === 3 && over.length === 1
    ? backToRows(graph, sumOf(byTime(graph, c, x.shape), [C, x.shape[1]]), shape)
    : undefined
}

export const layout: [string, Rule[]][] = [
  ...each(["Slice", "Pad"], [movement]),
  ["Concat", [concat]],
  ["Gemm", [product]],
  ["ReduceSum", [sum]],
  ...each(unaryOperators, [unary]),
  ...each(binaryOperators, [binary]),
]
