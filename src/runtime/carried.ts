/**
 * State as a loop carries it. Callers name each state; the loop may carry several as one matrix, stacked, so that an elementwise
 * operation on all of them is one node.
 */
import type { Value } from "../tensor/op.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { type Given, given } from "./feeds.ts"
import type { Graph, GraphValue } from "./graph.ts"
import type { Numbers } from "./session.ts"

export interface Carried {
  /** The leaf that stands for the state before the step. */
  readonly now: Tensor
  /** The state after the step. */
  readonly next: Tensor
  /** If `now` (R, C) stacks several float32 states: their leaves, by the names that callers use. */
  readonly parts?: Readonly<Record<string, Tensor>>
}

/** Float vectors are carried as one row, the form in which sums over rows come out. */
const inRows = ({ shape, dtype }: Value): Value => ({
  shape: shape.length === 1 && dtype === "float32" ? [1, ...shape] : shape,
  dtype,
})

/** The shape and type that a state is carried in. */
export const carriedKind = ({ now }: Carried): Value => inRows(now)

/** The values of a state's leaves in the graph. */
export function stateLeaves(
  graph: Graph,
  name: string,
  { now, parts = {} }: Carried,
): [Tensor, GraphValue][] {
  const whole = graph.leaf(name, inRows(now), "state")
  const leaves = Object.values(parts)
  const C = now.shape.at(-1)!
  const rows = leaves.map(({ size }) => size / C)
  return [
    [now, graph.reshape(whole, now.shape)],
    ...leaves.map((leaf, k): [Tensor, GraphValue] => {
      const kind: Value = { shape: [rows[k], C], dtype: "float32" }
      const part = graph.node("Split", [whole, graph.integers(rows)], kind, { axis: 0 }, k)
      return [leaf, graph.reshape(part, leaf.shape)]
    }),
  ]
}

/** The state after the step, in the form in which it is carried. */
export const nextState = (graph: Graph, value: GraphValue): GraphValue =>
  graph.reshape(value, inRows(value).shape)

/** Numbers by the callers' names -> by the names of what is carried. */
export function stacked(carried: Readonly<Record<string, Carried>>, numbers: Given): Given {
  return Object.fromEntries(
    Object.entries(carried).map(([name, { now, parts }]) => {
      if (!parts) return [name, numbers[name]]
      const all = new Float32Array(now.size)
      let start = 0
      for (const [part, { size }] of Object.entries(parts)) {
        all.set(given(numbers, part, size), start)
        start += size
      }
      return [name, all]
    }),
  )
}

/** Numbers by the names of what is carried -> by the callers' names. */
export function unstacked(
  carried: Readonly<Record<string, Carried>>,
  numbers: Readonly<Record<string, Numbers>>,
): Record<string, Numbers> {
  return Object.fromEntries(
    Object.entries(carried).flatMap(([name, { parts }]) => {
      if (!parts) return [[name, numbers[name]]]
      let start = 0
      return Object.entries(parts).map(([part, { size }]) => {
        start += size
        return [part, numbers[name].subarray(start - size, start)]
      })
    }),
  )
}
