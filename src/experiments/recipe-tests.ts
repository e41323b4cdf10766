/**
 * The recipes of a leaderboard, tested against each other on the validation part. Lines and seeds are two sources of chance. By line, a
 * recipe's losses are the means over its seeds, and the tests are those of two runs; by seed, Welch's test compares the losses of the runs.
 */
import { UserError } from "../errors.ts"
import type { CorpusKind, LossesByLine } from "../runs/corpora/corpus.ts"
import { kindOf } from "../runs/corpora/index.ts"
import {
  type EvaluatedRun,
  type EvaluateRunOptions,
  evaluateRun,
  type TestByLine,
  testByLine,
  type Verdict,
  verdictOf,
  whyUntested,
} from "./evaluated-run.ts"
import type { BrokenRun } from "./run-row.ts"
import { type Average, averageOf, mean, type WelchTest, welchTest } from "./statistics.ts"

export interface RecipeRuns {
  /** What it is called in sentences. */
  readonly name: string
  /** The folders of its runs, one for each seed. */
  readonly runs: readonly string[]
  /** The index of the recipe that it is tested against; undefined for none. */
  readonly against?: number
}

/** What the validation part says of a recipe. Losses are in nats per symbol. */
export interface TestedRecipe {
  /** Of the lines outside of the training part, and of those that are in it too; absent unless some are. */
  readonly unseen?: Average
  readonly seen?: Average
  readonly test?: RecipeTest | NoTest
}

/** A recipe, tested against another: `difference`, `standardError`, `interval` and `p` are those by line. */
export interface RecipeTest extends TestByLine {
  /** The name of the other. */
  readonly against: string
  /** By seed, if both have several. */
  readonly seeds?: WelchTest
  /** "better" and "worse" where the tests by line agree, and, if there is one, the test by seed too. */
  readonly verdict: Verdict
}

/** Why there is no such test. */
export interface NoTest {
  readonly against: string
  readonly problem: string
}

export interface RecipeTests {
  /** In the order of the recipes. */
  readonly recipes: readonly TestedRecipe[]
  /** What the losses by line are of. */
  readonly row: CorpusKind["words"]["row"]
  /** Runs that could not be evaluated, and so are in no test. */
  readonly unevaluated: readonly BrokenRun[]
}

/** The test part is not for choosing recipes. */
const PART = "validation"

export type TestOptions = Omit<EvaluateRunOptions, "part">

/** Evaluates every run once, and tests the recipes. A UserError if no run can be evaluated. */
export async function testRecipes(
  recipes: readonly RecipeRuns[],
  { onStage = () => {}, ...context }: TestOptions,
): Promise<RecipeTests> {
  const total = recipes.reduce((sum, { runs }) => sum + runs.length, 0)
  const unevaluated: BrokenRun[] = []
  const evaluated: (Evaluated | undefined)[] = []
  let [done, row]: [number, RecipeTests["row"]] = [0, "line"]
  for (const { name, runs } of recipes) {
    const found: EvaluatedRun[] = []
    for (const run of runs) {
      onStage(EVALUATING, done++ / total)
      try {
        found.push(await evaluateRun(run, { ...context, part: PART }))
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        unevaluated.push({ run, problem: error.message })
      }
    }
    if (found.length > 0) row = kindOf(found[0].config.recipe).words.row
    evaluated.push(found.length > 0 ? averaged(name, found) : undefined)
  }
  onStage(EVALUATING, 1)
  if (unevaluated.length === total && total > 0) throw new UserError(unevaluated[0].problem)
  const tested = recipes.map(({ name, against }, k): TestedRecipe => {
    onStage(TESTING, k / recipes.length)
    const other = against === undefined ? undefined : recipes[against].name
    const { unseen, seen } = evaluated[k] ?? {}
    const test =
      other === undefined
        ? undefined
        : (testOf(evaluated[against!], evaluated[k]) ?? {
            against: other,
            problem: `${evaluated[k] === undefined ? name : other} could not be evaluated`,
          })
    return { unseen, seen, test }
  })
  onStage(TESTING, 1)
  return { recipes: tested, row, unevaluated }
}

const [EVALUATING, TESTING] = ["evaluating the runs", "testing the recipes"]

/** A recipe by its runs. */
interface Evaluated extends Pick<EvaluatedRun, "config" | "lines">, Pick<TestedRecipe, "unseen" | "seen"> {
  readonly name: string
  /** The loss of each run. */
  readonly losses: readonly number[]
}

function averaged(name: string, runs: readonly EvaluatedRun[]): Evaluated {
  const isMixed = runs.some(({ report }) => report.seen)
  const average = (of: "unseen" | "seen") =>
    averageOf(runs.flatMap(({ report: { [of]: figures } }) => figures?.natsPerSymbol.value ?? []))
  return {
    name,
    config: runs[0].config,
    lines: meanLines(runs.map(({ lines }) => lines)),
    losses: runs.map(({ report }) => report.natsPerSymbol.value),
    ...(isMixed && { unseen: average("unseen"), seen: average("seen") }),
  }
}

/** The mean loss of each line over runs. */
function meanLines([first, ...others]: readonly LossesByLine[]): LossesByLine {
  const nats = first.losses.map((line, k) =>
    mean([line, ...others.map(({ losses }) => losses[k])].map(({ nats }) => nats)),
  )
  return { ...first, losses: first.losses.map(({ symbols }, k) => ({ symbols, nats: nats[k] })) }
}

/** Undefined where one of them could not be evaluated. */
function testOf(
  first: Evaluated | undefined,
  second: Evaluated | undefined,
): RecipeTest | NoTest | undefined {
  if (first === undefined || second === undefined) return undefined
  const against = first.name
  const problem = whyUntested(first, second, PART)
  if (problem !== undefined) return { against, problem }
  const byLine = testByLine(first.lines, second.lines)
  const isSeveral = first.losses.length > 1 && second.losses.length > 1
  const seeds = isSeveral ? welchTest(first.losses, second.losses) : undefined
  const verdict = verdictOf(byLine)
  const isAgreed = seeds === undefined || verdictOf(seeds) === verdict
  return { against, ...byLine, seeds, verdict: isAgreed ? verdict : "undecided" }
}
