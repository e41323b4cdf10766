/**
 * Indices out of range are refused in the name of the op that reads by them; ONNX alone would take -1 for the last row. Most cost
 * nothing: what the graph knows is settled when it is built, and numbers that a run is given are checked on their way in. The rest
 * pass two small nodes that make those below 0 too large, which ONNX Runtime refuses.
 */
import type { Graph, GraphValue } from "./graph.ts"

/** What the indices in a leaf must be: from 0 to count - 1. */
export interface Bound {
  readonly op: string
  readonly count: number
}

/** Operators that only move numbers, by how many of their inputs are what they move. A slice drops some. */
const movement: Readonly<Record<string, number>> = {
  Reshape: 1,
  Expand: 1,
  Transpose: 1,
  Slice: 1,
  Concat: Infinity,
}

/** The indices x, sure to be refused unless they are from 0 to count - 1. `all` says whether each of x is read by. */
export function checkedIndices(graph: Graph, x: GraphValue, count: number, all = true): GraphValue {
  const bound = { op: graph.writing, count }
  if (x.constant && all) {
    expectIndices(x.constant, bound)
    return x
  }
  if (x.name !== undefined && x.role !== "state" && all) {
    const known = graph.bounds.get(x.name)
    if (!known || count < known.count) graph.bounds.set(x.name, bound)
    return x
  }
  if (x.node) {
    const { operator, inputs, attributes } = x.node
    const moved = movement[operator] ?? 0
    if (moved > 0) {
      const checked = inputs.map((input, k) =>
        k < moved ? checkedIndices(graph, input, count, all && operator !== "Slice") : input,
      )
      return graph.node(operator, checked, x, attributes)
    }
    const largest = operator === "Cast" ? inputs[0].node : undefined
    if (largest?.operator === "ArgMax" && largest.inputs[0].shape[largest.attributes.axis as number] <= count)
      return x
  }
  const below = graph.node("Less", [x, graph.scalar(0, "int32")], { shape: x.shape, dtype: "bool" })
  return graph.node("Where", [below, graph.scalar(count, "int32"), x], x)
}

/** A RangeError for the first of the numbers that is no index. `of` says whose numbers they are. */
export function expectIndices(numbers: ArrayLike<number>, { op, count }: Bound, of = ""): void {
  for (let i = 0; i < numbers.length; i++)
    if (!(numbers[i] >= 0 && numbers[i] < count))
      throw new RangeError(`${op}: index ${numbers[i]} at ${i}${of} is not one of 0 to ${count - 1}`)
}

/** ONNX Runtime's error for an index out of range, in the words of the interpreter; any other as it is. */
export function explained(error: unknown): unknown {
  const message = String((error as Error)?.message)
  const [, op, index, last, place] =
    /Name:'(\w+)[^']*' Status Message: (?:indices element out of data bounds, idx=(-?\d+) .*,(\d+)\]|invalid indice found, indice = (-?\d+))/.exec(
      message,
    ) ?? []
  if (op === undefined) return error
  return new RangeError(
    last === undefined
      ? `${op}: index ${place}, or one below 0, is no row of the table`
      : `${op}: index ${index}${index === String(Number(last) + 1) ? ", or one below 0," : ""} is not one of 0 to ${last}`,
    { cause: error },
  )
}
