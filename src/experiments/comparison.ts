/**
 * Runs beside each other: the settings in which they differ, their losses on the same part of the data, and what a test over its lines says
 * of each run against the first. Runs that differ only in their seed are summarized, and recipes with several seeds tested against each other.
 */
import { UserError } from "../errors.ts"
import type { CorpusKind, Part } from "../runs/corpora/corpus.ts"
import { kindOf } from "../runs/corpora/index.ts"
import type { Value } from "../setting.ts"
import type { Estimate } from "../training/evaluation-report.ts"
import { identityBesideSeed } from "./differences.ts"
import { differingSettings } from "./differing-settings.ts"
import {
  type EvaluatedRun,
  type EvaluateRunOptions,
  evaluateRun,
  LEVEL,
  type NamedRun,
  type TestByLine,
  testByLine,
  type Verdict,
  verdictOf,
  whyUnpaired,
  whyUntested,
} from "./evaluated-run.ts"
import {
  type Interval,
  mean,
  meanInterval,
  type PairedTest,
  standardDeviation,
  type WelchTest,
  welchTest,
} from "./statistics.ts"

export interface ComparedRun {
  /** a, b, c, …: what it is called here. */
  readonly name: string
  /** Its folder. */
  readonly run: string
  readonly parameters: number
  /** Taken by the model that is compared. */
  readonly steps: number
  /** Of the whole training; undefined for a model that counts. */
  readonly plannedSteps?: number
  /** Whether the training is. */
  readonly finished: boolean
  readonly seed: number
  /** Nats per symbol, with the standard error over lines. */
  readonly loss: Estimate
  /** Of the lines outside of the training part, and of those that are in it too. */
  readonly unseen?: Estimate
  readonly seen?: Estimate
}

/** A run, tested against the first. */
export interface RunTest extends TestByLine {
  readonly name: string
  readonly run: string
  readonly against: string
  readonly verdict: Verdict
  /** The verdict in words. */
  readonly sentence: string
}

/** Why there is no such test. */
export interface NoTest {
  readonly name: string
  readonly run: string
  readonly against: string
  readonly problem: string
}

/** Runs of one recipe with several seeds. */
export interface SeedGroup {
  readonly names: readonly string[]
  readonly runs: readonly string[]
  readonly seeds: readonly number[]
  readonly mean: number
  readonly standardDeviation: number
  /** Student's, of 95 %, for the mean over seeds. */
  readonly interval: Interval
}

/** Seeds of a recipe, tested against those of the first recipe that has several. */
export interface SeedTest extends WelchTest {
  readonly names: readonly string[]
  /** The names of the runs that they are tested against. */
  readonly against: readonly string[]
  readonly verdict: Verdict
  /** The verdict in words. */
  readonly sentence: string
}

export interface Comparison {
  readonly part: Part
  /** What a loss is per. */
  readonly symbol: string
  /** What standard errors and tests by line are over. */
  readonly row: CorpusKind["words"]["row"]
  readonly runs: readonly ComparedRun[]
  /** The settings that differ, each with the value of every run; null where it has none. */
  readonly settings: Readonly<Record<string, readonly (Value | null)[]>>
  readonly tests: readonly (RunTest | NoTest)[]
  readonly seeds: readonly SeedGroup[]
  /** Of recipes on the same part of the same data. */
  readonly seedTests: readonly SeedTest[]
}

/** Evaluates runs on a part of their data, one after the other. */
export async function evaluateRuns(
  folders: readonly string[],
  options: EvaluateRunOptions,
): Promise<EvaluatedRun[]> {
  const evaluated: EvaluatedRun[] = []
  for (const folder of folders) evaluated.push(await evaluateRun(folder, options))
  return evaluated
}

/** Compares runs, at least two, that were evaluated on this part. */
export function compareRuns(runs: readonly EvaluatedRun[], part: Part): Comparison {
  if (runs.length < 2)
    throw new UserError(`compareRuns: ${runs.length} runs: give at least two, to have something to compare`)
  const kinds = new Set(runs.map(({ config }) => kindOf(config.recipe).words.symbol))
  const named = runs.map((run, k) => ({ ...run, name: letterOf(k) }))
  const [first, ...others] = named
  const groups = seedGroups(named)
  return {
    part,
    symbol: kinds.size === 1 ? [...kinds][0] : "symbol",
    row: kindOf(first.config.recipe).words.row,
    runs: named.map(({ name, folder, config, parameters, steps, finished, report }) => ({
      name,
      run: folder,
      parameters,
      steps,
      plannedSteps: config.recipe.steps,
      finished,
      seed: config.recipe.seed,
      loss: report.natsPerSymbol,
      // A part without lines of the training part is unseen as a whole.
      ...(report.seen && { unseen: report.unseen?.natsPerSymbol, seen: report.seen.natsPerSymbol }),
    })),
    settings: differingSettings(runs.map(({ config }) => config.recipe)),
    tests: others.map((other) => testOf(first, other, part)),
    seeds: groups.map(summaryOf),
    seedTests: seedTestsOf(groups),
  }
}

/** a to z, then aa, ab, … */
export function letterOf(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26))
  return index < 26 ? letter : letterOf(Math.floor(index / 26) - 1) + letter
}

function testOf(first: NamedRun, other: NamedRun, part: Part): RunTest | NoTest {
  const about = { name: other.name, run: other.folder, against: first.folder }
  const { words } = kindOf(first.config.recipe)
  const problem = whyUntested(first, other, part)
  if (problem !== undefined) return { ...about, problem }
  const test = testByLine(first.lines, other.lines)
  const verdict = verdictOf(test)
  return {
    ...about,
    ...test,
    verdict,
    sentence: sentenceOf(test, verdict, { name: other.name, first: first.name, ...words }),
  }
}

function sentenceOf(
  { difference, standardError, interval: [low, high], p }: PairedTest,
  verdict: Verdict,
  { name, first, symbol, row }: { name: string; first: string; symbol: string; row: string },
): string {
  if (verdict === "same") return `${name} and ${first} have the same loss on every ${row}`
  const size = sizeOf(difference, standardError, symbol)
  if (verdict !== "undecided")
    return `${name} is ${verdict} than ${first} by ${size}: more than chance (${probability(p)})`
  const side = difference < 0 ? "lower" : "higher"
  const holdsZero = low <= 0 && high >= 0
  const doubt =
    p >= LEVEL && !holdsZero
      ? ", though the bootstrap alone sees one"
      : p < LEVEL && holdsZero
        ? ", though Wilcoxon's test alone sees one"
        : ""
  return `no difference can be shown${doubt}: the loss of ${name} is ${side} than that of ${first} by ${size} (${probability(p)})`
}

const sizeOf = (difference: number, standardError: number | undefined, symbol: string): string =>
  `${Math.abs(difference).toFixed(4)}${standardError === undefined ? "" : ` ± ${standardError.toFixed(4)}`} nats per ${symbol}`

const probability = (p: number): string => (p < 0.0001 ? "p < 0.0001" : `p = ${p.toPrecision(2)}`)

/** The runs of each recipe that has several seeds, one of each. */
function seedGroups(runs: readonly NamedRun[]): NamedRun[][] {
  const groups = Map.groupBy(runs, ({ config }) => identityBesideSeed(config))
  return [...groups.values()]
    .map((group) => [...new Map(group.map((run) => [run.config.recipe.seed, run])).values()])
    .filter((bySeed) => bySeed.length > 1)
}

const lossesOf = (runs: readonly NamedRun[]): number[] => runs.map(({ report }) => report.natsPerSymbol.value)

const namesOf = (runs: readonly NamedRun[]): string[] => runs.map(({ name }) => name)

function summaryOf(group: readonly NamedRun[]): SeedGroup {
  const losses = lossesOf(group)
  return {
    names: namesOf(group),
    runs: group.map(({ folder }) => folder),
    seeds: group.map(({ config }) => config.recipe.seed),
    mean: mean(losses),
    standardDeviation: standardDeviation(losses),
    interval: meanInterval(losses),
  }
}

function seedTestsOf([first, ...others]: readonly (readonly NamedRun[])[]): SeedTest[] {
  return others
    .filter((other) => whyUnpaired(first[0], other[0]) === undefined)
    .map((other) => {
      const test = welchTest(lossesOf(first), lossesOf(other))
      const verdict = verdictOf(test)
      const [names, against] = [namesOf(other), namesOf(first)]
      const { symbol } = kindOf(first[0].config.recipe).words
      return {
        names,
        against,
        ...test,
        verdict,
        sentence: seedSentence(test, verdict, { names, against, symbol }),
      }
    })
}

function seedSentence(
  { difference, standardError, p }: WelchTest,
  verdict: Verdict,
  { names, against, symbol }: { names: readonly string[]; against: readonly string[]; symbol: string },
): string {
  const [these, those] = [names, against].map((each) => each.join(" "))
  if (verdict === "same") return `over seeds, ${these} and ${those} have the same loss`
  const size = sizeOf(difference, standardError, symbol)
  return verdict === "undecided"
    ? `over seeds, no difference can be shown: the mean of ${these} is ${difference < 0 ? "lower" : "higher"} than that of ${those} by ${size} (${probability(p)})`
    : `over seeds, the recipe of ${these} is ${verdict} than that of ${those} by ${size}: more than chance (${probability(p)})`
}
