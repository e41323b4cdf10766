/**
 * Patterns that rewriting rules look for, and nodes that they write: the operator that made a value, uniform constants, constant
 * factors, slices and padding along one axis.
 */
import { type Shape, sameShape } from "../../tensor/shape.ts"
import type { Candidate, Graph, GraphValue, Node, Rule } from "../graph.ts"

/** The same rules for each of several operators. */
export const each = (operators: Iterable<string>, rules: Rule[]): [string, Rule[]][] =>
  Array.from(operators, (operator) => [operator, rules])

/** The candidate's operator on other inputs. */
export const redone = (
  { graph, operator, output, attributes }: Candidate,
  inputs: readonly GraphValue[],
  shape = inputs[0].shape,
): GraphValue => graph.node(operator, inputs, { shape, dtype: output.dtype }, attributes)

/** The node that computes a value, if it has this operator. */
export const madeBy = (value: GraphValue, operator: string): Node | undefined =>
  value.node?.operator === operator ? value.node : undefined

/** x, if the value is operator(x, ...). */
export const under = (value: GraphValue, operator: string): GraphValue | undefined =>
  madeBy(value, operator)?.inputs[0]

/** The number of a uniform constant, expanded or not. */
export function splat(value: GraphValue): number | undefined {
  const { constant } = under(value, "Expand") ?? value
  if (!constant || constant.length === 0) return undefined
  return Array.prototype.every.call(constant, (number) => number === constant[0]) ? constant[0] : undefined
}

/** Splits x c with a constant c into [x, c]. */
export function factorOf(value: GraphValue): [GraphValue, number] | undefined {
  const [x, c] = madeBy(value, "Mul")?.inputs ?? []
  const factor = c && splat(c)
  return factor !== undefined && sameShape(x.shape, value.shape) ? [x, factor] : undefined
}

/** The shape without its leading extents of 1, which broadcasting ignores. */
export const withoutLeadingOnes = (shape: Shape): Shape => {
  const first = shape.findIndex((extent) => extent !== 1)
  return first < 0 ? [] : shape.slice(first)
}

/** Whether these are the axes 0 to n - 1. */
export const areLeading = (axes: readonly number[]): boolean => axes.every((axis, k) => axis === k)

/** A Slice or Pad. */
export type Movement = Pick<Node, "operator" | "inputs">

/** The zeros that a Slice or Pad puts before and after one axis; a negative number cuts elements off. */
interface Edges {
  readonly axis: number
  readonly before: number
  readonly after: number
}

/** ONNX's amounts of a Pad: those before each axis, then those after each axis. */
const padding = ({ shape }: GraphValue, { axis, before, after }: Edges): number[] =>
  [before, after].flatMap((amount) => shape.map((_, at) => (at === axis ? amount : 0)))

/** The amounts of a Pad, or of a Slice as if it were one. */
export function amountsOf({ operator, inputs: [x, ...operands] }: Movement): number[] {
  const [amounts, ...more] = operands.map(({ constant }) => Array.from(constant!))
  if (operator === "Pad") return amounts
  const [[start], [end], [axis]] = [amounts, ...more]
  return padding(x, { axis, before: -start, after: end - x.shape[axis] })
}

/** Undefined unless the Slice or Pad is along a single axis. */
export function edgesOf(node: Movement): Edges | undefined {
  const amounts = amountsOf(node)
  const rank = amounts.length / 2
  const [axis, ...more] = new Set(amounts.flatMap((amount, k) => (amount !== 0 ? [k % rank] : [])))
  if (axis === undefined || more.length > 0) return undefined
  return { axis, before: amounts[axis], after: amounts[axis + rank] }
}

/** x with other edges, by a Slice or a Pad. */
export function withEdges(
  { graph, operator }: Pick<Candidate, "graph" | "operator">,
  x: GraphValue,
  edges: Edges,
): GraphValue {
  const { axis, before, after } = edges
  const end = x.shape[axis] + after
  const operands = operator === "Pad" ? [padding(x, edges)] : [[-before], [end], [axis]]
  const inputs = [x, ...operands.map((numbers) => graph.integers(numbers))]
  return graph.node(operator, inputs, { shape: x.shape.with(axis, before + end), dtype: x.dtype })
}

/** The parts side by side along an axis. */
export function concatenated(graph: Graph, parts: readonly GraphValue[], axis: number): GraphValue {
  const [{ shape, dtype }] = parts
  const extent = parts.reduce((sum, part) => sum + part.shape[axis], 0)
  return graph.node("Concat", parts, { shape: shape.with(axis, extent), dtype }, { axis })
}
