/** The leaderboard of a report as columns, and its sentences, for all forms in which it is written. */
import type { SettingName } from "../runs/settings.ts"
import type { Value } from "../setting.ts"
import { nameBySettings } from "./differences.ts"
import { valueText } from "./differing-settings.ts"
import { LEVEL } from "./evaluated-run.ts"
import { bestOf } from "./importance.ts"
import type { RecipeTest } from "./recipe-tests.ts"
import { type Entry, FEWEST, type Report } from "./report.ts"
import type { Average, Interval } from "./statistics.ts"

export interface Column {
  readonly head: string
  /** What is shown; empty if there is nothing. */
  readonly text: (entry: Entry) => string
  /** What the column is sorted by. */
  readonly value: (entry: Entry) => number | string | undefined
}

/** The columns in which some entry has something. */
export function columnsOf({ entries, settings, data }: Report): Column[] {
  const columns: Column[] = [
    { head: "#", text: ({ rank }) => String(rank), value: ({ rank }) => rank },
    average("validation", ({ validation }) => validation),
    {
      head: "±",
      text: ({ validation }) => validation?.standardDeviation?.toFixed(4) ?? "",
      value: ({ validation }) => validation?.standardDeviation,
    },
    {
      head: "95 % interval",
      text: ({ validation }) => validation?.interval?.map((end) => end.toFixed(4)).join(" to ") ?? "",
      value: ({ validation }) => validation?.interval?.[0],
    },
    number("runs", ({ runs }) => runs.length),
    ...testColumns,
    average("train", ({ train }) => train),
    average("accuracy", ({ accuracy }) => accuracy),
    ...(data === undefined ? [text("data", (entry) => entry.data)] : []),
    ...settings
      .filter((name) => name !== "steps") // a column of its own has them, and how many were taken
      .map(
        (name): Column => ({
          head: name,
          text: ({ settings: { [name]: value } }) => settingText(value),
          value: ({ settings: { [name]: value } }) =>
            typeof value === "number" ? value : settingText(value),
        }),
      ),
    ...(settings.includes("model") ? [] : [text("model", ({ model }) => model)]),
    number("parameters", ({ parameters }) => parameters),
    {
      head: "steps",
      text: ({ taken, steps = taken }) =>
        taken === steps ? count(steps) : `${count(Math.round(taken))} of ${count(steps)}`,
      value: ({ taken }) => taken,
    },
    { head: "seconds", text: ({ seconds }) => seconds?.toFixed(1) ?? "", value: ({ seconds }) => seconds },
    {
      head: "operations",
      text: ({ operations }) => operations?.toExponential(1).replace("e+", "e") ?? "",
      value: ({ operations }) => operations,
    },
    text("run", ({ runs: [first, ...others] }) => (others.length > 0 ? `${first} +${others.length}` : first)),
  ]
  return columns.filter(({ text }) => entries.some((entry) => text(entry) !== ""))
}

const average = (head: string, of: (entry: Entry) => Average | undefined): Column => ({
  head,
  text: (entry) => of(entry)?.mean.toFixed(4) ?? "",
  value: (entry) => of(entry)?.mean,
})

const number = (head: string, of: (entry: Entry) => number | undefined): Column => ({
  head,
  text: (entry) => count(of(entry)),
  value: of,
})

const text = (head: string, of: (entry: Entry) => string): Column => ({ head, text: of, value: of })

/** What the test of an entry says, if there is one. */
const tested = <T>({ test }: Entry, of: (test: RecipeTest) => T): T | undefined =>
  test === undefined || "problem" in test ? undefined : of(test)

const interval = (head: string, of: (test: RecipeTest) => Interval | undefined): Column => ({
  head,
  text: (entry) => tested(entry, of)?.map(signed).join(" to ") ?? "",
  value: (entry) => tested(entry, of)?.[0],
})

const probability = (head: string, of: (test: RecipeTest) => number | undefined): Column => ({
  head,
  text: (entry) => {
    const p = tested(entry, of)
    return p === undefined ? "" : probabilityText(p)
  },
  value: (entry) => tested(entry, of),
})

const testColumns: readonly Column[] = [
  average("unseen", ({ unseen }) => unseen),
  average("seen", ({ seen }) => seen),
  text("against", ({ test }) => test?.against ?? ""),
  {
    head: "difference",
    text: (entry) => tested(entry, ({ difference }) => signed(difference)) ?? "",
    value: (entry) => tested(entry, ({ difference }) => difference),
  },
  interval("95 %, by line", ({ interval }) => interval),
  probability("p, by line", ({ p }) => p),
  interval("95 %, by seed", ({ seeds }) => seeds?.interval),
  probability("p, by seed", ({ seeds }) => seeds?.p),
  text("verdict", ({ test }) =>
    test === undefined ? "" : "problem" in test ? "not tested" : verdictText(test),
  ),
]

/** Whether the test finds a difference in these trained models, and no other seeds tell whether their recipes differ. */
const isOfOneSeed = ({ verdict, seeds }: RecipeTest): boolean =>
  seeds === undefined && (verdict === "better" || verdict === "worse")

const verdictText = (test: RecipeTest): string =>
  isOfOneSeed(test) ? `${test.verdict}, one seed` : test.verdict

/** With its sign. */
export const signed = (value: number): string => `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(4)}`

export const probabilityText = (p: number): string => (p < 0.0001 ? "< 0.0001" : p.toFixed(4))

const count = (value: number | undefined): string => value?.toLocaleString("en") ?? ""

/** "none" for a setting that is left out, nothing for one that does not apply. */
const settingText = (value: Value | null | undefined): string =>
  value === undefined ? "" : value === null ? "none" : valueText(value)

/** An entry by these of its settings: "gru, hidden 64". */
export const entryName = ({ settings, model }: Entry, names: readonly SettingName[]): string =>
  nameBySettings(Object.fromEntries(names.map((name) => [name, settings[name]]))) || model

/** What has to be known to read the leaderboard. */
export function sentencesOf({
  entries,
  unit,
  data,
  uniform,
  testOpenings,
  repeated,
  broken,
}: Report): string[] {
  const runs = entries.reduce((sum, entry) => sum + entry.runs.length, 0)
  const isSeveral = entries.some((entry) => entry.runs.length > 1)
  const counted = isSeveral
    ? `${ofMany(runs, "run")} of ${ofMany(entries.length, "recipe")}`
    : ofMany(runs, "run")
  const unfinished = entries.filter(({ finished }) => finished === 0).length
  return [
    `${counted}${data === undefined ? "" : ` on ${data}`}. Losses are in nats per ${unit}; the lower the better.`,
    ...(isSeveral
      ? [
          "Runs that differ only in their seed are one line: the mean, ± the standard deviation over seeds, and Student's interval of 95 % for the mean.",
        ]
      : []),
    ...(uniform === undefined ? [] : [`A uniform guess has a loss of ${uniform.toFixed(4)}.`]),
    ...(data === undefined && runs > 0
      ? [
          'The runs differ in their data, its parts or its tokens: their losses do not compare. --where chooses some, as in --where "data = names".',
        ]
      : []),
    ...(unfinished > 0
      ? [`${ofMany(unfinished, "line")} without a finished run ${unfinished === 1 ? "comes" : "come"} last.`]
      : []),
    ...(entries.length > 10
      ? [
          "The best of many losses is a little too good, since it was chosen on the same part of the data: evaluate the final choice, once, on the test part.",
        ]
      : []),
    ...(repeated.length > 0
      ? [
          `${ofMany(repeated.length, "run")} with the recipe, data and seed of another ${repeated.length === 1 ? "is" : "are"} left out: a copy is no further seed.`,
        ]
      : []),
    ...(testOpenings > 0 ? [`Their test parts were opened ${ofMany(testOpenings, "time")} so far.`] : []),
    ...(broken.length > 0
      ? [`${ofMany(broken.length, "broken run")} ${broken.length === 1 ? "is" : "are"} left out.`]
      : []),
  ]
}

/** What the tests mean, and what is not tested; none for a report without tests. */
export function testSentences({ entries, tests }: Report): string[] {
  if (tests === undefined) return []
  const { against, row, unevaluated } = tests
  const found = entries.flatMap(({ test }) => test ?? [])
  const problems = found.flatMap((test) => ("problem" in test ? [test.problem] : []))
  const total = found.length - problems.length
  const isOfBest = against === "first" && total > 1 && entries.every(({ rank }, k) => rank === k + 1)
  const isBySeed = found.some((test) => "seeds" in test && test.seeds !== undefined)
  const other =
    against === "previous" ? "the one before it" : against === "first" ? "the first" : `that of ${against}`
  const byLine = `by ${row}, the bootstrap's interval and Wilcoxon's p tell these models apart on other ${row}s`
  return [
    `Each recipe is tested against ${other} by its losses on the validation part, the means over its seeds; a difference below 0 is better.`,
    isBySeed
      ? `${capitalized(row)}s and seeds are two sources of chance: ${byLine}; by seed, Welch's t-test tells the recipes apart in other trainings.`
      : `${capitalized(byLine)}; only several seeds of both show whether the recipes differ in other trainings.`,
    `Better and worse are more than chance by each of these tests${
      found.some((test) => !("problem" in test) && isOfOneSeed(test))
        ? `, with "one seed" by ${row} alone`
        : ""
    }; undecided is within noise. Of twenty tests of equals, one may still find a difference${
      total > 1
        ? `: with ${total} tests, expect up to ${(LEVEL * total).toFixed(1)} such errors, as the p values are not corrected for their number`
        : ""
    }.`,
    ...(isOfBest
      ? [
          `The first was found to be the best on the same ${row}s, so the differences from it are a little too large.`,
        ]
      : []),
    ...(problems.length > 0
      ? [`${ofMany(problems.length, "recipe")} could not be tested, as ${problems[0]}.`]
      : []),
    ...(unevaluated.length > 0
      ? [`${ofMany(unevaluated.length, "run")} could not be evaluated, such as ${unevaluated[0].problem}.`]
      : []),
  ]
}

const capitalized = (text: string): string => text[0].toUpperCase() + text.slice(1)

const ofMany = (number: number, what: string): string => `${count(number)} ${what}${number === 1 ? "" : "s"}`

/** What the importance of settings means. */
export function importanceSentence({ entries }: Report): string {
  const measured = entries.filter(({ validation }) => validation !== undefined).length
  return (
    `How differently the values of a setting are distributed among the best ${bestOf(measured)} recipes and among all ${measured} ` +
    "(PED-ANOVA, Watanabe et al. 2023). A setting at 60 % is most of what sets the best apart; one at 0 % may have any of the values tried. " +
    "This takes some dozen recipes: with fewer, much of it is chance."
  )
}

/** Why there is no importance; undefined if there is, or if nothing differs. */
export function noImportanceSentence({ entries, settings, data, importance }: Report): string | undefined {
  if (importance.length > 0 || settings.length === 0 || data === undefined) return undefined
  const measured = entries.filter(({ validation }) => validation !== undefined).length
  return measured < FEWEST
    ? `The importance of the settings takes at least ${FEWEST} recipes with a validation loss, and here ${measured === 1 ? "is" : "are"} ${measured}.`
    : undefined
}

/** Deviations, operations and other columns that need a word. */
export function columnsSentence({ entries }: Report): string {
  const isSeveral = entries.some(({ validation }) => validation?.standardDeviation !== undefined)
  return (
    (isSeveral ? "± is the standard deviation over seeds. " : "") +
    "Steps, seconds and operations are those of one run. Operations are floating-point operations in the matrix products of its training."
  )
}
