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
  /** The leaf of the state before the step. */
  readonly now: Tensor
  /** The state after the step. */
  readonly next: Tensor
  /** If `now` (R, C) stacks several float32 states: their leaves, by the names that callers use. */
  readonly parts?: Readonly<Record<string, Tensor>>
}

/** The kind that a state is carried in: float vectors as one row, the form in which sums over rows come out. */
export const carriedKind = ({ shape, dtype }: Value): Value => ({
  shape: shape.length === 1 && dtype === "float32" ? [1, ...shape] : shape,
  dtype,
})

/** The values of a state's leaves in the graph. */
export function stateLeaves(
  graph: Graph,
  name: string,
  { now, parts = {} }: Carried,
): [Tensor, GraphValue][] {
  const whole = graph.leaf(name, carriedKind(now), "state")
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

type States = Readonly<Record<string, Carried>>

/** Values by the callers' names -> values by carried name. */
export function stacked(carried: States, numbers: Given): Given {
  return mapped(carried, ({ now, parts }, name) => {
    if (!parts) return numbers[name]
    const whole = new Float32Array(now.size)
    let start = 0
    for (const [part, { size }] of Object.entries(parts)) {
      whole.set(given(numbers, part, size), start)
      start += size
    }
    return whole
  })
}

/** Values by carried name -> values by the callers' names. */
export function unstacked(carried: States, numbers: Readonly<Record<string, Numbers>>) {
  const states = Object.entries(carried).flatMap(([name, { parts }]): [string, Numbers][] => {
    if (!parts) return [[name, numbers[name]]]
    let start = 0
    return Object.entries(parts).map(([part, { size }]) => {
      start += size
      return [part, numbers[name].subarray(start - size, start)]
    })
  })
  return Object.fromEntries(states)
}

/** A record of the same keys, each value computed from that of `record`. */
export const mapped = <A, B>(record: Readonly<Record<string, A>>, f: (value: A, key: string) => B) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value, key)]))
