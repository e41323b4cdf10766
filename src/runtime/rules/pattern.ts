/**
 * Patterns that rewriting rules look for, and nodes that they write: the operator that made a value, uniform constants, constant
 * factors, slices and padding along one axis.
 */
import { type Shape, sameShape } from "../../tensor/shape.ts"
import type { Candidate, Graph, GraphValue, Node, Rule } from "../graph.ts"

/** The same rules for each of several operators. */
export const each = (operators: Iterable<string>, rules: Rule[]): [string, Rule[]][] =>
  Array.from(operators, (operator) => [operator, rules])

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

type Movement = Pick<Node, "operator" | "inputs">

/** How many zeros a Slice or Pad puts before each axis, then after each axis; a negative number cuts elements off. */
export function amountsOf({ operator, inputs: [x, ...operands] }: Movement): number[] {
  const [amounts, [end], [axis]] = [...operands, ...operands, ...operands].map(({ constant }) =>
    Array.from(constant!),
  )
  if (operator === "Pad") return amounts
  return [-amounts[0], end - x.shape[axis]].flatMap((cut) => x.shape.map((_, at) => (at === axis ? cut : 0)))
}

/** The amounts before and after one axis. */
type Edges = { readonly axis: number; readonly before: number; readonly after: number }

/** Undefined unless the Slice or Pad is along a single axis. */
export function edgesOf(node: Movement): Edges | undefined {
  const amounts = amountsOf(node)
  const rank = amounts.length / 2
  const [axis, ...more] = new Set(amounts.flatMap((amount, k) => (amount !== 0 ? [k % rank] : [])))
  return axis === undefined || more.length > 0
    ? undefined
    : { axis, before: amounts[axis], after: amounts[axis + rank] }
}

/** x with other edges, by a Slice or a Pad. */
export function withEdges(
  { graph, operator }: Pick<Candidate, "graph" | "operator">,
  x: GraphValue,
  { axis, before, after }: Edges,
): GraphValue {
  const extent = before + x.shape[axis] + after
  const amounts =
    operator === "Slice"
      ? [[-before], [x.shape[axis] + after], [axis]]
      : [[before, after].flatMap((amount) => x.shape.map((_, at) => (at === axis ? amount : 0)))]
  const inputs = [x, ...amounts.map((numbers) => graph.integers(numbers))]
  return graph.node(operator, inputs, { shape: x.shape.with(axis, extent), dtype: x.dtype })
}

/** The parts side by side along an axis. */
export function concatenated(graph: Graph, parts: readonly GraphValue[], axis: number): GraphValue {
  const [{ shape, dtype }] = parts
  const extent = parts.reduce((sum, part) => sum + part.shape[axis], 0)
  return graph.node("Concat", parts, { shape: shape.with(axis, extent), dtype }, { axis })
}
