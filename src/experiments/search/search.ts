/** The contract of a search: it is told what was tried and how good it was, and proposes what to try next. */
import type { Generator } from "../../random/torch.ts"
import type { Point } from "../space.ts"

export interface Told {
  readonly point: Point
  /** Lower is better; the mean over seeds. Undefined while it runs, Infinity if it failed. */
  readonly value?: number
  /** The steps after which the value was measured, for trials that are stopped early. One that got further counts as better. */
  readonly steps?: number
}

export interface Search {
  /** Undefined if nothing is left to propose. Proposes no point twice. */
  ask(told: readonly Told[], random: Generator): Point | undefined
}
