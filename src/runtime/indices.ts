/**
 * Index checks. ONNX Runtime rejects indices that are too large, but reads -1 as the last row. Constants are checked when the graph is
 * compiled, inputs when a run gives them, both at no cost to the graph. Computed indices pass a guard, two nodes that replace negative
 * ones by one that is too large.
 */
import type { Graph, GraphValue } from "./graph.ts"

/** Indices of an op must be from 0 to count - 1. */
export interface Bound {
  readonly op: string
  readonly count: number
}

/** Operators that only move values, with the number of inputs they move. A slice drops some values. */
const movement: Readonly<Record<string, number>> = {
  Reshape: 1,
  Expand: 1,
  Transpose: 1,
  Slice: 1,
  Concat: Infinity,
}

/** The indices x, with checks. `all` is false if some of them may never be used, which must then not be rejected early. */
export function checkedIndices(graph: Graph, x: GraphValue, count: number, all = true): GraphValue {
  const bound = { op: graph.writing, count }
  if (x.constant && (all || firstOutside(x.constant, count) < 0)) {
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
    if (operator === "Cast" && countOf(inputs[0]) <= count) return x
  }
  const below = graph.node("Less", [x, graph.scalar(0, "int32")], { shape: x.shape, dtype: "bool" })
  return graph.node("Where", [below, graph.scalar(count, "int32"), x], x)
}

/** Bounds the values of a truth value or the index of a maximum: they are below this count. */
function countOf({ dtype, node }: GraphValue): number {
  if (dtype === "bool") return 2
  return node?.operator === "ArgMax" ? node.inputs[0].shape[node.attributes.axis as number] : Infinity
}

/** Throws a RangeError for the first number out of range. `of` names the input. */
export function expectIndices(numbers: ArrayLike<number>, { op, count }: Bound, of = ""): void {
  const i = firstOutside(numbers, count)
  if (i >= 0) throw new RangeError(`${op}: index ${numbers[i]} at ${i}${of} is not one of 0 to ${count - 1}`)
}

const firstOutside = (numbers: ArrayLike<number>, count: number): number =>
  Array.prototype.findIndex.call(numbers, (number: number) => !(number >= 0 && number < count))

/** Rewords ONNX Runtime's error for an index out of range as the interpreter's; returns any other error unchanged. */
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
