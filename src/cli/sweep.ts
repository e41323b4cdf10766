/** `makewave sweep`: trains the trials of a plan in parallel, shows how far they are, and which point is best. */
import { basename, extname, join } from "node:path"
import type { Command } from "commander"
import { nameOfPath } from "../data/disk.ts"
import { UserError } from "../errors.ts"
import { type Plan, parsePlan, withOverrides } from "../experiments/plan.ts"
import { Study } from "../experiments/study.ts"
import { runSweep } from "../experiments/sweep.ts"
import type { Trial } from "../experiments/trial.ts"
import type { Workers } from "../experiments/workers.ts"
import { prepare } from "../runs/corpora/index.ts"
import { storeOf } from "../runs/disk-store.ts"
import { memoryStore } from "../runs/memory-store.ts"
import { readYaml } from "./config-file.ts"
import { settingOf, wholeNumber } from "./flags.ts"
import { catchInterrupts } from "./interrupt.ts"
import { bold, dim, formatCount, notice, print, printJson } from "./output.ts"
import { withRunsFound } from "./run-folder.ts"
import { showSweep } from "./sweep-status.ts"
import { countOf, outcomeText, planText, printPoints, printTrials } from "./sweep-text.ts"

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
    if (!options.json) print(`${bold(folder)}: ${planText(plan)}, ${formatCount(workers.count)} at once\n`)
    if (!options.json && study.ended > 0) print(`goes on: ${countOf(study.ended, "trial")} ended before\n`)
    for await (const event of runSweep(study, workers, { signal, onProgress: shown.progress })) {
      const { kind, trial } = event
      shown.at(kind, trial)
      if (kind === "lost") notice(`trial ${trial.name}: ${event.reason}; it is resumed`)
      if (kind !== "ended" || event.outcome.kind === "stopped") continue
      if (options.json) printJson({ trial: trial.name, settings: trial.settings, ...event.outcome })
      else print(outcomeText(study, trial, event.outcome))
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
  printTrials(study)
  for (const [name, problem] of problems) print(`${name} would fail: ${problem}`)
  const count = countOf(trials.length, "trial")
  print(dim(`\n${trials.length < MOST_SHOWN ? count : `the first ${count}`}: ${planText(plan)}`))
}

function sentenceOf(error: unknown): string {
  if (error instanceof UserError) return error.message
  throw error
}

function report(study: Study, folder: string, { json }: Options): void {
  const points = study.ranked()
  const failed = study.results().filter(({ problem }) => problem !== undefined)
  if (points.length === 0) process.exitCode = 1
  if (json) printJson({ sweep: folder, metric: study.plan.metric, points, failed })
  else printPoints(study, folder)
}
