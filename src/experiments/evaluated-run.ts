/** Runs, evaluated on a part of their data, and what two of them are tested by: the lines that both were evaluated on. */
import { plural } from "../data/text.ts"
import { UserError } from "../errors.ts"
import type { Context, LossesByLine, OnStage, Part } from "../runs/corpora/corpus.ts"
import { kindOf } from "../runs/corpora/index.ts"
import { openAnyModel } from "../runs/open-model.ts"
import { runtimeOf } from "../runs/recipe.ts"
import type { RunConfig } from "../runs/run-config.ts"
import { ofTheParts } from "../runs/same-data.ts"
import { flag } from "../setting.ts"
import type { EvaluationReport } from "../training/evaluation-report.ts"
import { whyIncomparable } from "./differences.ts"
import { unfinishedAt } from "./listing.ts"
import { type PairedTest, pairedTest } from "./statistics.ts"

/** A run, evaluated on a part of its data. */
export interface EvaluatedRun {
  readonly folder: string
  readonly config: RunConfig
  readonly parameters: number
  /** Taken by the model that was evaluated. */
  readonly steps: number
  /** Whether its training is. */
  readonly finished: boolean
  readonly report: EvaluationReport
  readonly lines: LossesByLine
}

export interface EvaluateRunOptions extends Omit<Context, "runtime"> {
  readonly part: Part
  /** Where the run's own data is, if it is no longer where it was. */
  readonly data?: string
  /** Receives what is being done. */
  readonly onStage?: OnStage
}

/** Evaluates a run on a part of its data. */
export async function evaluateRun(
  run: string,
  { part, data: moved, onStage, ...context }: EvaluateRunOptions,
): Promise<EvaluatedRun> {
  const trained = await openAnyModel(run, context.notice)
  const { folder, config, steps } = trained
  const runtime = runtimeOf(config.recipe, context.notice)
  const request = { ...context, runtime, parts: [part], onStage }
  const { evaluate, words } = kindOf(config.recipe)
  const { reports, lines } = await evaluate(trained, request).catch((error) => {
    if (moved === undefined || !(error instanceof UserError)) throw error
    return evaluate(trained, { ...request, data: moved })
  })
  if (reports[part] === undefined)
    throw new UserError(
      `--data ${moved}: this is not the ${words.whole} that ${folder} was trained on: give that`,
    )
  const { parameterCount: parameters } = trained.model
  const finished = (await unfinishedAt(folder)) === undefined
  return { folder, config, parameters, steps, finished, report: reports[part], lines: lines[part] }
}

export interface NamedRun extends EvaluatedRun {
  /** What it is called in sentences. */
  readonly name: string
}

type Paired = Pick<NamedRun, "name" | "config" | "lines">

/** Why two runs have no lines in common; undefined if they were evaluated on the same. */
export function whyUnpaired(first: Paired, other: Paired): string | undefined {
  const both = `${first.name} and ${other.name}`
  const [one, two] = [first.config, other.config]
  // The hash of the data is that of its labels too, which a loss does not depend on.
  const isSameData = one.data.sha256 === two.data.sha256 || first.lines.sha256 === other.lines.sha256
  const problem = whyIncomparable(one, two, { isSameData })
  if (problem !== undefined) return `${both} ${problem}`
  const consequence =
    "so there are no lines to compare them by; their losses can be compared roughly, by the standard errors"
  if (!isSameData)
    return `${both} were trained on different data (${one.recipe.data} and ${two.recipe.data}, by their hashes), ${consequence}`
  const key = ofTheParts.find((key) => one.recipe[key] !== two.recipe[key])
  if (key !== undefined)
    return `${both} split the data differently (${flag(key)} ${one.recipe[key]} and ${two.recipe[key]}), ${consequence}`
  const [a, b] = [first, other].map(({ lines }) => lines.losses)
  return a.length === b.length && a.every(({ symbols }, k) => symbols === b[k].symbols)
    ? undefined
    : `${both} predict different symbols of the same data, ${consequence}`
}

/** Why the losses of two runs on a part cannot be tested; undefined if they can. */
export function whyUntested(first: Paired, other: Paired, part: Part): string | undefined {
  const { row } = kindOf(first.config.recipe).words
  const count = first.lines.losses.length
  return (
    whyUnpaired(first, other) ??
    (count >= LEAST
      ? undefined
      : `the ${part} part is ${plural(count, row)}, too short to test a difference of ${first.name} and ${other.name}: ${LEAST} are the least`)
  )
}

/** A test over all lines, and, if some but not all are in the training part too, over those outside of it and those in it. */
export interface TestByLine extends PairedTest {
  readonly unseen?: PairedTest
  readonly seen?: PairedTest
}

/** Tests the losses of a second model on the same lines against those of a first. */
export function testByLine(first: LossesByLine, second: LossesByLine): TestByLine {
  const { seen } = first
  const on = (wanted: boolean) => {
    const chosen = ({ losses }: LossesByLine) => losses.filter((_, k) => seen![k] === wanted)
    return pairedTest(chosen(first), chosen(second))
  }
  const isMixed = seen?.includes(true) && seen.includes(false)
  return { ...pairedTest(first.losses, second.losses), ...(isMixed && { unseen: on(false), seen: on(true) }) }
}

/** "same": equal on every line; "undecided": no more than chance. */
export type Verdict = "better" | "worse" | "same" | "undecided"

/** The level of the tests: at most one in twenty comparisons of equals is taken for a difference. */
export const LEVEL = 0.05

/** With n lines the smallest p of Wilcoxon's test is 2 / 2ⁿ, so with fewer it sees no difference, however large. */
const LEAST = Math.ceil(1 - Math.log2(LEVEL))

/** A difference is more than chance where the interval and p both say so: of lines, those are the loss and the ranks. */
export function verdictOf({
  difference,
  interval: [low, high],
  p,
}: Pick<PairedTest, "difference" | "interval" | "p">): Verdict {
  if (low === 0 && high === 0 && p === 1) return "same"
  if (p >= LEVEL || (low <= 0 && high >= 0)) return "undecided"
  return difference < 0 ? "better" : "worse"
}
