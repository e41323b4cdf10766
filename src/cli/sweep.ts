/** `makewave sweep`: trains the trials of a plan in parallel, shows how far they are, and which point is best. */
import { basename, extname, join } from "node:path"
import type { Command } from "commander"
import { table } from "../charts/table.ts"
import { nameOfPath } from "../data/disk.ts"
import { UserError } from "../errors.ts"
import type { Chosen } from "../experiments/distribution.ts"
import { settingsOfParameter } from "../experiments/parse-parameters.ts"
import { type Plan, parsePlan, withOverrides } from "../experiments/plan.ts"
import type { Point } from "../experiments/space.ts"
import { mean, standardDeviation } from "../experiments/statistics.ts"
import { type Entry, Study } from "../experiments/study.ts"
import { runSweep } from "../experiments/sweep.ts"
import type { Outcome, Trial, TrialProgress } from "../experiments/trial.ts"
import type { Workers } from "../experiments/workers.ts"
import { prepare } from "../runs/corpora/index.ts"
import { storeOf } from "../runs/disk-store.ts"
import { memoryStore } from "../runs/memory-store.ts"
import type { Settings } from "../runs/settings.ts"
import { readYaml } from "./config-file.ts"
import { settingOf, wholeNumber } from "./flags.ts"
import { catchInterrupts } from "./interrupt.ts"
import { bold, commandLine, dim, formatCount, notice, outputWidth, print, printJson } from "./output.ts"
import { clock } from "./progress.ts"
import { withRunsFound } from "./run-folder.ts"
import { clearStatus, showStatus } from "./status-line.ts"
import { trialBar } from "./trial-bar.ts"

const examples = `
A plan, wide.yaml:
  recipe:                      # settings as of train --config; what is left out is the recipe's own
    data: makemore-names
    recipe: lecture
    steps: 2000
  parameters:
    hidden: [64, 96, 128]
    learningRate: { min: 0.02, max: 0.3, distribution: logUniform }
  method: random               # or grid, or tpe
  seeds: [1, 2]
  budget: { runs: 20 }

The runs of its trials, and a journal, are in runs/wide. The same command goes on where it stopped, and trains nothing twice.

Examples:
  makewave sweep wide.yaml --dry-run            the trials, without training them
  makewave sweep wide.yaml
  makewave sweep wide.yaml steps=500 --runs 50  another setting, and more trials
  makewave sweep wide.yaml --json               one JSON object per trial, then the points
  makewave runs runs/wide                       its runs at a glance`

interface Options {
  readonly out?: string
  readonly runs?: number
  readonly workers?: number
  readonly queue?: string
  readonly name?: string
  readonly dryRun?: true
  readonly json?: true
}

export function define(command: Command): void {
  command
    .argument("<plan>", "a YAML or JSON file: docs/experiments.md")
    .argument("[setting=value...]", "settings by name, in place of the plan's")
    .option("-o, --out <folder>", "the sweep's folder (default: runs/PLAN)")
    .option(
      "--runs <count>",
      "the maximum number of trials, in place of the plan's budget",
      wholeNumber(1, 1e6),
    )
    .option("--workers <count>", "trials to train at once (default: one a core)", wholeNumber(1, 1024))
    .option("--queue <url>", "let workers train the trials, through this Redis or Valkey: makewave worker")
    .option("--name <queue>", "the queue's name, for workers of this sweep alone (default: sweeps)")
    .option("--dry-run", "show the trials, and train none")
    .option("--json", "print one JSON object per line: each trial, then the points")
    .addHelpText("after", examples)
    .action(sweep)
}

async function sweep(path: string, words: string[], options: Options): Promise<void> {
  const plan = await planOf(path, words, options)
  if (options.dryRun) return showTrials(plan, options)
  const folder = options.out ?? join("runs", basename(path, extname(path)))
  const study = await Study.open(plan, storeOf(folder))
  const workers = await workersOf(folder, options).catch(async (error) => {
    await study.close()
    throw error
  })
  const interruption = catchInterrupts({ doing: "saving checkpoints" })
  const { signal } = interruption
  const shown = showSweep(study)
  try {
    if (!options.json) print(`${bold(folder)}: ${describe(plan)}, ${formatCount(workers.count)} at once\n`)
    if (!options.json && study.ended > 0) print(`goes on: ${countOf(study.ended, "trial")} ended before\n`)
    for await (const event of runSweep(study, workers, { signal, onProgress: shown.progress })) {
      const { kind, trial } = event
      shown.at(kind, trial)
      if (kind === "lost") notice(`trial ${trial.name}: ${event.reason}; it is resumed`)
      if (kind !== "ended" || event.outcome.kind === "stopped") continue
      if (options.json) printJson({ trial: trial.name, settings: trial.settings, ...event.outcome })
      else print(formatOutcome(study, trial, event.outcome))
    }
    shown.stop()
    if (signal.aborted) {
      notice(`stopped; all trials are in ${folder}, and the same command goes on with them`)
      process.exitCode = 130
    } else report(study, folder, options)
  } finally {
    shown.stop()
    interruption.release()
    await workers.close()
    await study.close()
  }
}

async function workersOf(folder: string, { queue, name, workers: count }: Options): Promise<Workers> {
  const folderOf = ({ name }: Trial) => join(folder, name)
  if (queue !== undefined) {
    const { openQueue } = await import("../experiments/queue.ts")
    return openQueue(queue, folderOf, { name, count, notice })
  }
  const { openPool } = await import("../experiments/pool.ts")
  return openPool(folderOf, { count })
}

async function planOf(path: string, words: readonly string[], { runs }: Options): Promise<Plan> {
  const given = words.map((word) => {
    const setting = settingOf(word)
    if (!setting) throw new UserError(`${word}: after the plan come settings, such as steps=500`)
    return setting
  })
  const parsed = parsePlan(await readYaml(path), nameOfPath(path))
  const { space, ...plan } = withOverrides(parsed, Object.assign({}, ...given), runs)
  return { ...plan, space: { ...space, recipe: withRunsFound(space.recipe) } }
}

function describe({ method, space: { parameters }, seeds, earlyTerminate, budget }: Plan): string {
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

const countOf = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`

/** A plan without a budget may have no end of trials. */
const MOST_SHOWN = 1000

/** Of so many it is found out whether their settings go together. */
const MOST_CHECKED = 100

/** The trials that a sweep would begin with, as far as they do not depend on how others end. */
async function showTrials(plan: Plan, { json }: Options): Promise<void> {
  const study = await Study.open(plan, memoryStore())
  const trials: Trial[] = []
  while (trials.length < MOST_SHOWN) {
    const trial = await study.next()
    if (!trial) break
    trials.push(trial)
  }
  const problems = new Map<string, string>()
  for (const { name, settings } of trials.slice(0, MOST_CHECKED)) {
    const problem = await prepare(settings).then(() => undefined, sentenceOf)
    if (problem !== undefined) problems.set(name, problem)
  }
  if (json) {
    for (const { name, settings } of trials)
      printJson({ trial: name, settings, ...(problems.has(name) && { problem: problems.get(name) }) })
    return
  }
  const entries = study.entries()
  const names = namesIn(entries)
  const rows = entries.flatMap(({ point, trials: own }) =>
    own.map((trial, k) => [trial, ...names.map((name) => valueText(point[name])), String(plan.seeds[k])]),
  )
  print(table([["trial", ...names, "seed"], ...rows], { width: outputWidth() }))
  for (const [name, problem] of problems) print(`${name} would fail: ${problem}`)
  const count = countOf(trials.length, "trial")
  print(dim(`\n${trials.length < MOST_SHOWN ? count : `the first ${count}`}: ${describe(plan)}`))
}

function sentenceOf(error: unknown): string {
  if (error instanceof UserError) return error.message
  throw error
}

/** How many running trials the terminal shows. */
const MOST_BARS = 16

/** The running trials at the bottom of the terminal, a bar for each, under how many are done and the best so far. */
function showSweep(study: Study) {
  const [begin, endedBefore] = [performance.now(), study.ended]
  const left = (ended: number, total = 0): string => {
    if (ended === endedBefore || total <= ended) return ""
    const seconds = (performance.now() - begin) / 1000 / (ended - endedBefore)
    return `, about ${clock((total - ended) * seconds)} left`
  }
  const running = new Map<string, { readonly trial: Trial; progress?: TrialProgress }>()
  const lines = (width: number): string => {
    const { ended, total } = study
    const [best] = ranked(study)
    const head = [
      ` ${formatCount(ended)}${total === undefined ? "" : ` of ${formatCount(total)}`} trials${left(ended, total)}`,
      ...(best
        ? [`best ${study.plan.metric.name} ${mean(best.values).toFixed(4)}: ${pointText(best.point)}`]
        : []),
    ]
    const bars = [...running.values()]
      .slice(0, MOST_BARS)
      .map(({ trial, progress }) => `${trialBar(trial, progress, width)}  ${differences(study, trial)}`)
    const others = running.size - bars.length
    return [head.join("  "), ...bars, ...(others > 0 ? [` and ${formatCount(others)} more`] : [])].join("\n")
  }
  return {
    at(kind: "started" | "ended" | "lost", trial: Trial): void {
      if (kind === "started") running.set(trial.name, { trial })
      else running.delete(trial.name)
      showStatus(lines)
    },
    progress(trial: Trial, progress: TrialProgress): void {
      const found = running.get(trial.name)
      if (found) found.progress = progress
      showStatus(lines)
    },
    stop: clearStatus,
  }
}

function formatOutcome(
  study: Study,
  trial: Trial,
  outcome: Outcome & { kind: "trained" | "failed" },
): string {
  const what = differences(study, trial)
  if (outcome.kind === "failed") return `${trial.name}   failed   ${what}\n  ${outcome.problem}`
  const { name } = study.plan.metric
  const steps = `${formatCount(outcome.steps)} steps, ${outcome.seconds.toFixed(1)} s`
  return `${trial.name}   ${name} ${outcome.values[name]?.toFixed(4) ?? "none"}   ${steps}   ${what}`
}

/** What sets a trial apart from the others of its sweep. */
function differences({ plan: { space, seeds } }: Study, { settings }: Trial): string {
  const names = new Set(space.parameters.flatMap(settingsOfParameter))
  if (seeds.length > 1) names.add("seed")
  return pointText(Object.fromEntries([...names].map((name) => [name, settings[name as keyof Settings]])))
}

/** The points with values: first those that were trained to their end, and of these the best. */
function ranked(study: Study): Entry[] {
  const sign = study.plan.metric.goal === "minimize" ? 1 : -1
  return study
    .entries()
    .filter(({ values }) => values.length > 0)
    .sort((a, b) => Number(b.complete) - Number(a.complete) || sign * (mean(a.values) - mean(b.values)))
}

/** How many points a table shows. */
const SHOWN = 20

function report(study: Study, folder: string, { json }: Options): void {
  const points = ranked(study)
  const failed = study.entries().filter(({ problem }) => problem !== undefined)
  if (points.length === 0) process.exitCode = 1
  if (json) {
    printJson({ sweep: folder, metric: study.plan.metric, points, failed })
    return
  }
  const { name } = study.plan.metric
  const names = namesIn(points)
  const several = study.plan.seeds.length > 1
  const head = [name, ...(several ? ["±"] : []), ...names, "steps", "parameters", "seconds", "run"]
  const rows = points
    .slice(0, SHOWN)
    .map(({ values, point, steps, parameters, seconds, trials }) => [
      mean(values).toFixed(4),
      ...(several ? [values.length > 1 ? standardDeviation(values).toFixed(4) : ""] : []),
      ...names.map((each) => valueText(point[each])),
      ...[steps, parameters, Math.round(seconds)].map(formatCount),
      trials[0],
    ])
  if (rows.length > 0) print(`\n${table([head, ...rows], { width: outputWidth() })}`)
  if (points.some(({ values }) => values.length > 1)) print(dim("± is the standard deviation over seeds"))
  if (points.length > SHOWN) print(dim(`and ${formatCount(points.length - SHOWN)} more`))
  if (failed.length > 0)
    print(`\n${formatCount(failed.length)} of ${formatCount(study.entries().length)} points failed`)
  const [best, second] = points.map(({ trials }) => join(folder, trials[0]))
  if (best === undefined) return
  print(`\nThe best is in ${bold(best)}. Try next:`)
  const compare = second === undefined ? [] : [["compare", second, best]]
  for (const words of [["report", folder], ...compare, ["sample", best]]) print(`  ${commandLine(words)}`)
}

/** The parameters that some points have, in the order of the plan. */
const namesIn = (entries: readonly Entry[]): string[] => [
  ...new Set(entries.flatMap(({ point }) => Object.keys(point))),
]

const pointText = (point: Point | Settings): string =>
  Object.entries(point)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${valueText(value)}`]))
    .join(", ")

/** Numbers that were drawn are shown to four digits. */
function valueText(value: Chosen | undefined): string {
  if (value === undefined) return ""
  if (typeof value === "number")
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)))
  return typeof value === "object" && !Array.isArray(value) ? pointText(value as Settings) : String(value)
}
