/** Keeps a search from proposing a point twice. */
import type { Point } from "../space.ts"
import type { Told } from "./search.ts"

/** The first of these points that is not told; undefined if all are. */
export function firstUntold(told: readonly Told[], points: Iterable<Point>): Point | undefined {
  const known = new Set(told.map(({ point }) => JSON.stringify(point)))
  for (const point of points) if (!known.has(JSON.stringify(point))) return point
  return undefined
}
