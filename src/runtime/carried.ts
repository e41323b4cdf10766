/**
 * State as a loop carries it. Outside each state has a name of its own; inside several may be one matrix, one below the other, so that
 * what is done to each of their numbers alone is one node for all of them.
 */
import type { Value } from "../tensor/op.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { type Given, given } from "./feeds.ts"
import type { Graph, GraphValue } from "./graph.ts"
import type { Numbers } from "./session.ts"

export interface Carried {
  /** The leaf that the state is before the step. */
  readonly now: Tensor
  /** What it is after. */
  readonly next: Tensor
  /** If `now` (R, C) is several states, float32 and one below the other: their leaves, by the names that they have outside. */
  readonly parts?: Readonly<Record<string, Tensor>>
}

/** Vectors of parameters are carried as one row, the form in which sums over rows come out. */
const inRows = ({ shape, dtype }: Value): Value => ({
  shape: shape.length === 1 && dtype === "float32" ? [1, ...shape] : shape,
  dtype,
})

/** The shape and type that a state is carried in. */
export const carriedKind = ({ now }: Carried): Value => inRows(now)

/** What the leaves of a state are in the graph. */
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

/** What a state is after the step, in the form in which it is carried. */
export const nextState = (graph: Graph, value: GraphValue): GraphValue =>
  graph.reshape(value, inRows(value).shape)

/** Numbers by the names outside -> by the names inside. */
export function joined(carried: Readonly<Record<string, Carried>>, numbers: Given): Given {
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

/** Numbers by the names inside -> by the names outside. */
export function apart(
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
