/**
 * The journal of a sweep, a file in its folder: a line for each point that was asked for and each trial that ended. The runs of its trials lie
 * beside it, in folders.
 */
import { UserError } from "../errors.ts"
import type { Point } from "./space.ts"
import type { Outcome } from "./trial.ts"

export const JOURNAL = "sweep.jsonl"

/** A line of the journal. */
export type Line =
  /** A point was asked for by the plan of this hash. */
  | { readonly plan: string; readonly point: Point; readonly trials: readonly string[] }
  /** A trial ended at a rung. */
  | { readonly trial: string; readonly until?: number; readonly outcome: Outcome }

/** `where` names the line in the error. */
export function parseLine(line: string, where: string): Line {
  try {
    const value = JSON.parse(line)
    if ("outcome" in value || "point" in value) return value
  } catch {
    // Told as any other line that is none.
  }
  throw new UserError(`${where}: this is no line of a journal: undo the edits to it, or delete the line`)
}

/**
 * The place of each trial in the plan, counted from 1, by its name. Trials that only an earlier form of the plan had come after those of the
 * last. Damaged lines are left out.
 */
export function trialPlaces(journal: string): Map<string, number> {
  const plans = new Map<string, string[]>()
  for (const line of journal.split("\n")) {
    if (!line.startsWith('{"plan":')) continue
    const { plan, trials } = asked(line) ?? { plan: "", trials: [] }
    const before = plans.get(plan) ?? []
    plans.delete(plan) // the last that asked is last
    plans.set(plan, [...before, ...trials])
  }
  const names = new Set([...plans.values()].reverse().flat())
  return new Map([...names].map((name, k) => [name, k + 1]))
}

function asked(line: string): { plan: string; trials: readonly string[] } | undefined {
  try {
    const { plan, trials } = JSON.parse(line)
    return { plan: String(plan), trials: Array.isArray(trials) ? trials.map(String) : [] }
  } catch {
    return undefined
  }
}
