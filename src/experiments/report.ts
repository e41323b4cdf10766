/**
 * A summary of the runs of a folder: those that differ only in their seed as one entry of a leaderboard, the settings in which entries
 * differ, how much each of them matters, and all curves. `report-markdown.ts` and `report-page.ts` write it.
 */
import { readFileSync } from "node:fs"
import { basename, join, relative, resolve } from "node:path"
import type { LossPoint } from "../charts/loss-axis.ts"
import type { ValueAxis } from "../charts/value-axis.ts"
import { tokenizerFromJSON } from "../data/tokenizers/index.ts"
import { UserError } from "../errors.ts"
import { multiplications } from "../nn/multiplications.ts"
import { trace } from "../nn/trace.ts"
import type { OnStage } from "../runs/corpora/corpus.ts"
import { kindOf } from "../runs/corpora/index.ts"
import { rowLength } from "../runs/corpora/running-corpus.ts"
import { learnerOf } from "../runs/learners/index.ts"
import { batchLosses, type Metrics, readMetrics, validationLosses } from "../runs/metrics.ts"
import { isUnknown } from "../runs/own-models.ts"
import { createModel } from "../runs/recipe.ts"
import { identityOf, parseConfig, type RunConfig } from "../runs/run-config.ts"
import { files } from "../runs/run-files.ts"
import { ofTheParts, ofTheTokens } from "../runs/same-data.ts"
import { type SettingName, settings } from "../runs/settings.ts"
import { countTestOpenings } from "../runs/test-openings.ts"
import type { Value } from "../setting.ts"
import { Tensor } from "../tensor/tensor.ts"
import { besideSeed, identityBesideSeed, isDefault } from "./differences.ts"
import { type Importance, importanceOf } from "./importance.ts"
import { type RecipeTests, type TestedRecipe, type TestOptions, testRecipes } from "./recipe-tests.ts"
import type { BrokenRun, RunRow } from "./run-row.ts"
import { type Average, averageOf, mean } from "./statistics.ts"

export interface Report {
  readonly folder: string
  /** In ISO 8601, UTC. */
  readonly when: string
  /** What a loss is per, such as "symbol". */
  readonly unit: string
  /** The data set or file, if all runs have the same data in the same parts. */
  readonly data?: string
  /** The loss of a uniform guess, if all runs have the same data. */
  readonly uniform?: number
  /** The settings in which entries differ, in the order of a recipe. */
  readonly settings: readonly SettingName[]
  /** The best first. */
  readonly entries: readonly Entry[]
  /** The settings that are no consequence of another, the most important first; none if the entries are too few or on different data. */
  readonly importance: readonly Importance[]
  readonly curves: readonly Curve[]
  /** How often the test parts of these runs were opened, all together. */
  readonly testOpenings: number
  /** Of the tests of the entries, if there are any: which entry each is tested against, and what else has to be known of them. */
  readonly tests?: { readonly against: Against } & Omit<RecipeTests, "recipes">
  /** Runs that are left out: each has the recipe, data and seed of another, as a copy has, so it tells nothing of other seeds. */
  readonly repeated: readonly string[]
  readonly broken: readonly BrokenRun[]
}

/** Runs that differ only in their seed. It is tested if the report has tests. */
export interface Entry extends TestedRecipe {
  /** Counted from 1 in the order of the validation loss. */
  readonly rank: number
  /** Their folders within the report's. */
  readonly runs: readonly string[]
  readonly seeds: readonly number[]
  readonly model: string
  readonly data: string
  /** Of the report's settings: null for one that is left out, and absent if it does not apply. */
  readonly settings: Readonly<Partial<Record<SettingName, Value | null>>>
  /** Over the finished runs, or over all if none is. Losses are in nats per symbol. */
  readonly validation?: Average
  readonly train?: Average
  readonly accuracy?: Average
  readonly parameters?: number
  /** Steps taken, the mean. */
  readonly taken: number
  readonly steps?: number
  /** Of training, the mean. */
  readonly seconds?: number
  /** Floating-point operations of a training in its matrix products, which are nearly all. */
  readonly operations?: number
  readonly finished: number
}

/** The losses of a run on the way. */
export interface Curve {
  readonly run: string
  /** Of its entry. */
  readonly rank: number
  readonly training: readonly LossPoint[]
  readonly validation: readonly LossPoint[]
}

/** What an entry is tested against: the first in the order of the report, the one before it, or the one that has this run. */
export type Against = "first" | "previous" | (string & {})

export interface ReportOptions {
  readonly broken?: readonly BrokenRun[]
  /** Whether the lowest validation loss comes first. Otherwise entries have the order of their first runs. */
  readonly ranked?: boolean
  /** Whether entries are tested, which evaluates all of their runs. */
  readonly tests?: Omit<TestOptions, "onStage"> & { readonly against: Against }
  readonly onStage?: OnStage
}

/** A run with all that is known of it. */
interface Read {
  readonly row: RunRow
  readonly config: RunConfig
  readonly metrics: readonly Metrics[]
  readonly testOpenings: number
}

/** The report on runs of this folder. */
export async function reportOn(
  folder: string,
  rows: readonly RunRow[],
  { broken = [], ranked = true, tests, onStage = () => {} }: ReportOptions = {},
): Promise<Report> {
  const unreadable: BrokenRun[] = []
  const runs: Read[] = []
  // One by one: a process may open only so many files.
  for (const [k, row] of rows.entries())
    try {
      onStage(READING, k / rows.length)
      runs.push(await read(row))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      unreadable.push({ run: row.run, problem: error.message })
    }
  onStage(READING, 1)
  const members = [...Map.groupBy(runs, ({ config }) => identityBesideSeed(config)).values()].map((group) =>
    oncePerSeed(group).toSorted((a, b) => a.config.recipe.seed - b.config.recipe.seed),
  )
  const counted = new Set(members.flat())
  const [first] = runs
  const isOneData = haveOneData(runs.map(({ config }) => config))
  const varied = variedSettings(members.map(([{ config }]) => config))
  const operations = operationCounter()
  const entries = rankedEntries(members.map((group) => entryOf(folder, group, varied, operations)))
  const losses = entries.flatMap(({ validation }) => validation?.mean ?? [])
  const measured = entries.filter(({ validation }) => validation !== undefined)
  const ordered = ranked ? entries : inOrder(entries, runs, folder)
  const tested = tests && (await testEntries(folder, ordered, runs, { ...tests, onStage }))
  const rankOf = new Map(entries.flatMap(({ runs, rank }) => runs.map((run) => [run, rank])))
  return {
    folder,
    when: new Date().toISOString(),
    unit: first === undefined ? "symbol" : kindOf(first.config.recipe).words.symbol,
    ...(isOneData && { data: first.row.data, uniform: Math.log(symbolsOf(first.config)) }),
    settings: varied,
    entries: tested?.entries ?? ordered,
    importance: isOneData && measured.length >= FEWEST ? importanceOf(axesOf(varied, measured), losses) : [],
    curves: [...counted].map(({ row, metrics }) => {
      const run = nameIn(folder, row.run)
      return {
        run,
        rank: rankOf.get(run)!,
        training: batchLosses(metrics),
        validation: validationLosses(metrics),
      }
    }),
    testOpenings: runs.reduce((sum, { testOpenings }) => sum + testOpenings, 0),
    ...(tested && { tests: tested.tests }),
    repeated: runs.filter((run) => !counted.has(run)).map(({ row }) => nameIn(folder, row.run)),
    broken: [...broken, ...unreadable],
  }
}

const READING = "reading the runs"

/** Tests entries in this order, each by the runs that its losses are of. */
async function testEntries(
  folder: string,
  entries: readonly Entry[],
  runs: readonly Read[],
  { against, ...options }: TestOptions & { against: Against },
): Promise<Required<Pick<Report, "entries" | "tests">>> {
  const rows = new Map(runs.map(({ row }) => [nameIn(folder, row.run), row]))
  const other = entries.findIndex(({ runs }) =>
    runs.some((run) => run === against || resolve(rows.get(run)!.run) === resolve(against)),
  )
  if (other < 0 && against !== "first" && against !== "previous")
    throw new UserError(
      `--against ${against}: this is none of the runs of the report: give first, previous, or a run such as ${entries[0].runs[0]}`,
    )
  const indexOf = (k: number) => (against === "previous" ? k - 1 : Math.max(0, other))
  const recipes = entries.map(({ rank, runs, finished }, k) => {
    const index = indexOf(k)
    return {
      name: `#${rank}`,
      runs: runs.flatMap((run) => {
        const row = rows.get(run)!
        return finished === 0 || row.state === "finished" ? [row.run] : []
      }),
      ...(index >= 0 && index !== k && { against: index }),
    }
  })
  const { recipes: tested, ...tests } = await testRecipes(recipes, options)
  return { entries: entries.map((entry, k) => ({ ...entry, ...tested[k] })), tests: { against, ...tests } }
}

/** Of the runs with one seed the first that is finished, or else the first with the most steps. */
function oncePerSeed(runs: readonly Read[]): Read[] {
  const place = ({ row }: Read) => (row.state === "finished" ? Infinity : row.taken)
  const best = (a: Read, b: Read) => (place(b) > place(a) ? b : a)
  return [...Map.groupBy(runs, ({ config }) => config.recipe.seed).values()].map((same) => same.reduce(best))
}

/** With fewer entries nothing can be said about the importance of their settings. */
export const FEWEST = 6

async function read(row: RunRow): Promise<Read> {
  const path = join(row.run, files.config)
  const config = parseConfig(readFileSync(path, "utf8"), path)
  return { row, config, metrics: await readMetrics(row.run), testOpenings: await countTestOpenings(row.run) }
}

/** A run's folder within that of the report. */
export const nameIn = (folder: string, run: string): string => relative(folder, run) || basename(resolve(run))

/**
 * Whether the validation losses of runs are on the same lines. The hash of their data is that of its labels too, so those with other labels
 * are compared by the name, the size and the symbols of the data.
 */
function haveOneData(configs: readonly RunConfig[]): boolean {
  const isOne = (of: (config: RunConfig) => unknown, among = configs) =>
    new Set(among.map((config) => JSON.stringify(of(config)))).size === 1
  const byLabels = Map.groupBy(configs, ({ recipe }) => `${recipe.condition} ${recipe.classify}`)
  return (
    isOne(({ recipe }) => [...ofTheParts, ...ofTheTokens].map((key) => recipe[key])) &&
    [...byLabels.values()].every((same) => isOne(({ data }) => data.sha256, same)) &&
    (byLabels.size === 1 || isOne(({ recipe, data, vocabulary }) => [recipe.data, data.lines, vocabulary]))
  )
}

const symbolsOf = ({ recipe, vocabulary }: RunConfig): number =>
  kindOf(recipe).symbols ?? tokenizerFromJSON(vocabulary).size

/** The settings with several values among the recipes that they apply to, unless all are defaults that follow from others. */
function variedSettings(configs: readonly RunConfig[]): SettingName[] {
  return (Object.keys(settings) as SettingName[]).filter((name) => {
    if (besideSeed.has(name) || configs.every(({ recipe }) => isDefault(name, recipe))) return false
    const values = configs.map((config) => valueIn(config, name))
    return new Set(values.filter((value) => value !== undefined).map(String)).size > 1
  })
}

/** Null for a setting that is left out, undefined for one that does not apply. */
function valueIn({ recipe }: RunConfig, name: SettingName): Value | null | undefined {
  const value = recipe[name] as Value | undefined
  if (value !== undefined) return value
  return settings[name].unless?.(recipe) === undefined ? null : undefined
}

function entryOf(
  folder: string,
  runs: readonly Read[],
  varied: readonly SettingName[],
  operations: (config: RunConfig) => number | undefined,
): Omit<Entry, "rank"> {
  const [{ config, row }] = runs
  const finished = runs.filter(({ row }) => row.state === "finished")
  const counted = finished.length > 0 ? finished : runs
  const average = (of: (run: Read) => number | undefined) =>
    averageOf(counted.flatMap((run) => of(run) ?? []))
  const taken = mean(counted.map(({ row }) => row.taken))
  const perStep = operations(config)
  const values = varied.map((name) => [name, valueIn(config, name)] as const)
  return {
    runs: runs.map(({ row }) => nameIn(folder, row.run)),
    seeds: runs.map(({ config }) => config.recipe.seed),
    model: row.model,
    data: row.data,
    settings: Object.fromEntries(values.filter(([, value]) => value !== undefined)),
    validation: average(({ row }) => row.validation),
    train: average(({ row }) => row.train),
    accuracy: average(({ metrics }) => metrics.findLast(({ accuracy }) => accuracy !== undefined)?.accuracy),
    parameters: row.parameters,
    taken,
    steps: row.steps,
    seconds: average(({ row }) => row.seconds)?.mean,
    operations: perStep && perStep * taken,
    finished: finished.length,
  }
}

/** Those with a finished run come first: the loss of one that is not falls on. */
function rankedEntries(entries: readonly Omit<Entry, "rank">[]): Entry[] {
  const loss = ({ validation }: Omit<Entry, "rank">) => validation?.mean ?? Infinity
  const place = (entry: Omit<Entry, "rank">) =>
    Number(loss(entry) === Infinity) * 2 + Number(entry.finished === 0)
  return entries
    .toSorted((a, b) => place(a) - place(b) || (loss(a) < loss(b) ? -1 : Number(loss(a) > loss(b))))
    .map((entry, k) => ({ rank: k + 1, ...entry }))
}

/** The entries in the order of their first runs. */
function inOrder(entries: readonly Entry[], runs: readonly Read[], folder: string): Entry[] {
  const places = runs.map(({ row }) => nameIn(folder, row.run))
  const placeOf = (entry: Entry) => places.findIndex((run) => entry.runs.includes(run))
  return entries.toSorted((a, b) => placeOf(a) - placeOf(b))
}

/**
 * The settings along which entries differ, with the scale of their values: without those that are a consequence of another one, as the
 * sizes are that a sweep varies together with the model.
 */
export function axesOf(
  varied: readonly SettingName[],
  entries: readonly Entry[],
): (ValueAxis & { name: SettingName })[] {
  const columns = varied.map((name) => ({ name, values: entries.map((entry) => entry.settings[name]) }))
  const distinct = (values: readonly unknown[]) => new Set(values.map(String)).size
  const follows = (values: readonly unknown[], from: readonly unknown[]) =>
    distinct(from.map((value, k) => [value, values[k]])) === distinct(from)
  const free = columns.filter(({ values }, k) => {
    const isConsequence = columns.some(
      (other, j) =>
        j !== k &&
        !other.values.includes(undefined) &&
        2 * distinct(other.values) <= entries.length &&
        follows(values, other.values) &&
        (j < k || !follows(other.values, values)),
    )
    return distinct(values) > 1 && !isConsequence
  })
  return free.map(({ name, values }) => ({ name, values: values.map(plain), scale: scaleOf(values) }))
}

/** Values that can be compared by ===. */
const plain = (value: Value | null | undefined): number | string | undefined =>
  value === undefined || typeof value === "number" ? value : value === null ? "none" : String(value)

/** Few numbers are categories. Many are on a logarithmic scale if they are positive and more than a power of ten apart. */
function scaleOf(values: readonly (Value | null | undefined)[]): ValueAxis["scale"] {
  const known = values.filter((value) => value !== undefined)
  const numbers = known.filter((value) => typeof value === "number")
  const count = new Set(numbers).size
  if (numbers.length < known.length || (count <= MOST_CATEGORIES && 2 * count <= known.length))
    return "ordinal"
  const [low, high] = [numbers, numbers].map((all, k) =>
    all.reduce((a, b) => (k === 0 ? Math.min(a, b) : Math.max(a, b))),
  )
  return low > 0 && high / low > 10 ? "log" : "linear"
}

const MOST_CATEGORIES = 10

/**
 * Counts the floating-point operations of a step: two for each multiplication in the matrix products of a forward pass, and twice as many
 * again for the gradients. Undefined for models without layers, and for sound.
 * Source of the estimate: Kaplan et al. 2020, "Scaling Laws for Neural Language Models", section 2.1, https://arxiv.org/abs/2001.08361
 */
function operationCounter(): (config: RunConfig) => number | undefined {
  const counted = new Map<string, number>()
  return (config) => {
    const { recipe, vocabulary, condition, classes, modelFile } = config
    if (!learnerOf(recipe).hasLayers || isUnknown(recipe, modelFile) || recipe.sampleRate !== undefined)
      return undefined
    const key = JSON.stringify([identityOf(config), recipe.truncate])
    let ofRow = counted.get(key)
    if (ofRow === undefined) {
      const labels = { labels: condition?.values.length, classes: classes?.values.length }
      const model = createModel(recipe, tokenizerFromJSON(vocabulary).size, labels)
      const T = recipe.running
        ? rowLength(model, recipe.truncate)
        : Math.min(model.contextLength, recipe.truncate ?? Infinity)
      const ids = Tensor.input("ids", [1, T], "int32")
      const { result } = trace(model, "evaluation", () => model.forward(ids, model.conditionInputs(1, T)))
      ofRow = multiplications(...(result instanceof Tensor ? [result] : (Object.values(result) as Tensor[])))
      counted.set(key, ofRow)
    }
    return 2 * 3 * ofRow * recipe.batchSize
  }
}
