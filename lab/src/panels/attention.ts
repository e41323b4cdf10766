/** What a node reads by attention. */
import type { Look } from "../trainer/questions/look.ts"

/** The weight of each node of the level below, by its column; they sum to 1. */
export type Reading = readonly number[]

export interface AttendingNode {
  /** The path of the node's level, which has a module of attention inside. */
  readonly path: string
  /** Its column. */
  readonly node: number
  /** The position of the first column. */
  readonly first: number
  /** The number of a head; -1 for the mean of all. */
  readonly head: number
}

/** Undefined for a level without attention. */
export function attentionOf(
  { attention }: Look,
  { path, node, first, head }: AttendingNode,
): Reading | undefined {
  const found = attention.find((each) => each.path.startsWith(`${path}.`))
  if (!found) return undefined
  const [, heads, T] = found.shape
  const row = node + first
  const chosen = head < 0 ? Array.from({ length: heads }, (_, k) => k) : [head]
  return Array.from({ length: node + 1 }, (_, column) => {
    const at = column + first
    if (at < 0) return 0
    return chosen.reduce((sum, k) => sum + found.values[(k * T + row) * T + at], 0) / chosen.length
  })
}
