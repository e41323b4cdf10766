/** Reports a sweep as text: its plan, its trials and how they ended, its points with the best first. */
import { join } from "node:path"
import { table } from "../charts/table.ts"
import { nameBySettings } from "../experiments/differences.ts"
import { valueText } from "../experiments/differing-settings.ts"
import type { Chosen } from "../experiments/distribution.ts"
import { settingsOfParameter } from "../experiments/parse-parameters.ts"
import type { Plan } from "../experiments/plan.ts"
import { type Point, settingsOfValue } from "../experiments/space.ts"
import { mean, standardDeviation } from "../experiments/statistics.ts"
import type { PointResult, Study } from "../experiments/study.ts"
import type { Outcome, Trial } from "../experiments/trial.ts"
import type { Settings } from "../runs/settings.ts"
import type { Value } from "../setting.ts"
import { bold, commandLine, dim, formatCount, outputWidth, print } from "./output.ts"

/** A plan as one line. */
export function planText({ method, space: { parameters }, seeds, earlyTerminate, budget }: Plan): string {
  const { runs, steps, seconds, parameters: largest } = budget
  const over = parameters.map(({ name }) => name).join(", ")
  const budgets = [
    ...(runs === undefined ? [] : [`at most ${countOf(runs, "trial")}`]),
    ...(steps === undefined ? [] : [`at most ${formatCount(steps)} steps in all`]),
    ...(seconds === undefined ? [] : [`at most ${seconds} s of training in all`]),
    ...(largest === undefined ? [] : [`at most ${formatCount(largest)} parameters`]),
  ]
  const isEndless = method !== "grid" && runs === undefined && steps === undefined && seconds === undefined
  const parts = [
    ...(parameters.length === 0 ? [] : [`${method} over ${over}`]),
    ...(seeds.length > 1 ? [`${seeds.length} seeds a point`] : []),
    ...(earlyTerminate ? ["the worse trials end early"] : []),
    ...budgets,
    ...(isEndless ? ["no budget: until Ctrl-C"] : []),
  ]
  return parts.join("; ")
}

export const countOf = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`

/** A trial by the settings that set it apart from the others of its sweep. */
export function trialText({ plan: { space, seeds } }: Study, { settings }: Trial): string {
  const names = new Set(space.parameters.flatMap(settingsOfParameter))
  if (seeds.length > 1) names.add("seed")
  return nameBySettings(
    Object.fromEntries([...names].map((name) => [name, settings[name as keyof Settings]])),
  )
}

/** A point by its values. */
export const pointText = (point: Point): string =>
  nameBySettings(
    Object.assign({}, ...Object.entries(point).map(([name, value]) => settingsOfValue(name, value))),
  )

/** A trial that ended, as a line. */
export function outcomeText(
  study: Study,
  trial: Trial,
  outcome: Outcome & { kind: "trained" | "failed" },
): string {
  const what = trialText(study, trial)
  if (outcome.kind === "failed") return `${trial.name}   failed   ${what}\n  ${outcome.problem}`
  const { name } = study.plan.metric
  const steps = `${formatCount(outcome.steps)} steps, ${outcome.seconds.toFixed(1)} s`
  return `${trial.name}   ${name} ${outcome.values[name]?.toFixed(4) ?? "none"}   ${steps}   ${what}`
}

/** Prints the trials of the points that were asked for. */
export function printTrials(study: Study): void {
  const results = study.results()
  const names = namesIn(results)
  const rows = results.flatMap(({ point, trials }) =>
    trials.map((trial, k) => [trial, ...cells(point, names), String(study.plan.seeds[k])]),
  )
  print(table([["trial", ...names, "seed"], ...rows], { width: outputWidth() }))
}

/** How many points a table shows. */
const SHOWN = 20

/** Prints the points, the best first, and what to do next. */
export function printPoints(study: Study, folder: string): void {
  const [points, all] = [study.ranked(), study.results()]
  const { name } = study.plan.metric
  const names = namesIn(points).filter((name) => name !== "steps") // which have a column anyway
  const several = study.plan.seeds.length > 1
  const head = [name, ...(several ? ["±"] : []), ...names, "steps", "parameters", "seconds", "run"]
  const rows = points
    .slice(0, SHOWN)
    .map(({ values, point, steps, parameters, seconds, trials }) => [
      mean(values).toFixed(4),
      ...(several ? [values.length > 1 ? standardDeviation(values).toFixed(4) : ""] : []),
      ...cells(point, names),
      ...[steps, parameters, Math.round(seconds)].map(formatCount),
      trials[0],
    ])
  if (rows.length > 0) print(`\n${table([head, ...rows], { width: outputWidth() })}`)
  if (points.some(({ values }) => values.length > 1)) print(dim("± is the standard deviation over seeds"))
  if (points.length > SHOWN) print(dim(`and ${formatCount(points.length - SHOWN)} more`))
  const failed = all.filter(({ problem }) => problem !== undefined).length
  if (failed > 0) print(`\n${formatCount(failed)} of ${formatCount(all.length)} points failed`)
  const [best, second] = points.map(({ trials }) => join(folder, trials[0]))
  if (best === undefined) return
  print(`\nThe best is in ${bold(best)}. Try next:`)
  const compare = second === undefined ? [] : [["compare", second, best]]
  for (const words of [["report", folder], ...compare, ["sample", best]]) print(`  ${commandLine(words)}`)
}

/** The parameters that some points have, in the order of the plan. */
const namesIn = (results: readonly PointResult[]): string[] => [
  ...new Set(results.flatMap(({ point }) => Object.keys(point))),
]

/** The values of a point in a table, of several settings at once by their names. */
const cells = (point: Point, names: readonly string[]): string[] =>
  names.map((name) => {
    const value: Chosen | undefined = point[name]
    if (value === undefined) return ""
    return isGroup(value) ? nameBySettings(value as Record<string, Value>) : valueText(value as Value)
  })

const isGroup = (value: Chosen): boolean => typeof value === "object" && !Array.isArray(value)
