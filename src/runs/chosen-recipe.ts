/**
 * Chooses the recipe of a training, and fits the one for lists to the list: the number of lines, how long they are and which symbols they
 * have decide the network, the number of steps and how often it is evaluated. Settings that are given take precedence.
 */
import type { Tokenizer } from "../data/tokenizers/tokenizer.ts"
import { UserError } from "../errors.ts"
import { optimizers, schedules } from "../optim/index.ts"
import type { Default, Rest, Value } from "../setting.ts"
import { BASE, type Origin, openOrigin } from "./origin.ts"
import { ownModels } from "./own-models.ts"
import { type RecipeName, recipes } from "./recipes.ts"
import type { RunConfig } from "./run-config.ts"
import { allModels, NGRAM, type SettingName, type Settings, settings } from "./settings.ts"

export interface ChosenRecipe {
  readonly name: RecipeName
  readonly settings: Settings
  /** Why this one, such as "868 lines". */
  readonly because: string
  /** The network that it starts from, unless one was given. */
  readonly origin?: Origin
}

/** The recipe that settings say, whatever the data is; undefined if they leave it to the data. */
export function recipeAskedFor(given: Settings): ChosenRecipe | undefined {
  const chosen = (name: RecipeName, because: string) => ({ name, settings: settingsOfRecipe(name), because })
  const { recipe, from, model, condition, classify } = given
  if (recipe !== undefined) return chosen(recipe, "asked for")
  if (from !== undefined) return chosen("list", `tunes ${from}`)
  if (model !== undefined)
    return Object.hasOwn(recipes, model)
      ? chosen(model as RecipeName, "that of the model")
      : chosen(
          "lecture",
          ownModels.has(model) ? "the defaults of a model of your own" : `${model} has none of its own`,
        )
  if (condition !== undefined || classify !== undefined) return chosen("wavenet-2016", "it takes labels")
  return undefined
}

export const settingsOfRecipe = (name: RecipeName): Settings => recipes[name].settings as Settings

/** What the recipe for lists depends on. */
export interface ListFacts {
  /** The number of symbols of each line. */
  readonly lengths: Int32Array
  /** How often each symbol occurs. */
  readonly symbols: ReadonlyMap<string, number>
  /** Whether some lines are held out. */
  readonly validates: boolean
}

/** A recurrent network takes a step a symbol, and compiling it takes time for each: of nearly all lines, and of the longest. */
const [MOST_SYMBOLS, MOST_SYMBOLS_OF_ANY] = [64, 500]

/** A network is trained on pieces of lines that are so much longer than nearly all. */
const [NEARLY_ALL, LONGER] = [0.99, 1.2]

/** What is sampled may be so much longer than the longest line. It costs no time, since a network is trained on no more than a line. */
export const ROOM = 1.25

/** Above so many lines a higher learning rate finds as much, in half the time. */
const FEW_LINES = 300

/** The settings of the recipe `list` for a list, and the network to start from. */
export async function fitToList(
  { lengths, symbols, validates }: ListFacts,
  given: Settings = {},
): Promise<Pick<ChosenRecipe, "settings" | "origin">> {
  const lines = lengths.length
  const sorted = lengths.toSorted()
  const [nearlyAll, longest] = [sorted[Math.floor(NEARLY_ALL * lines)], sorted[lines - 1]]
  const isLong = nearlyAll > MOST_SYMBOLS || longest > MOST_SYMBOLS_OF_ANY
  const reach = {
    context: Math.ceil(ROOM * longest) + 1,
    truncate: (longest > LONGER * (nearlyAll + 1) ? nearlyAll : longest) + 1,
  }
  const evaluateEvery = Math.max(10, 10 * Math.round(Math.sqrt(lines) / 16))
  const list: Settings = {
    ...settingsOfRecipe("list"),
    steps: 40 * evaluateEvery,
    evaluateEvery,
    // Nothing tells when to stop, and how to weigh the two.
    ...(!validates && { steps: 8 * evaluateEvery, mixWeight: 0.7 }),
  }
  if (given.from !== undefined) return { settings: list }
  const origin = isLong ? undefined : await openOrigin(BASE).catch(noneInThisPage)
  const isReadable = origin?.vocabulary.tokens === (given.tokens ?? "characters")
  if (
    origin &&
    isReadable &&
    isFree(origin.settings, given) &&
    knownPart(origin.vocabulary, symbols) >= KNOWN
  )
    return { settings: { ...list, ...reach, ...(lines > FEW_LINES && { learningRate: 0.002 }) }, origin }
  const { from: _, ...scratch } = { ...list, learningRate: 0.003 }
  const times = (factor: number) => ({
    steps: factor * list.steps!,
    evaluateEvery: factor * evaluateEvery,
  })
  if (isLong) return { settings: { ...scratch, ...times(10), model: "wavenet" } }
  return { settings: { ...scratch, ...times(2), ...reach, embedding: 48, hidden: 128 } }
}

/** The base is of use if it knows this part of a list's symbols. */
const KNOWN = 0.9

function knownPart({ symbols: known }: Tokenizer, symbols: ReadonlyMap<string, number>): number {
  const all = new Set(known.slice(1))
  let [count, of] = [0, 0]
  for (const [symbol, times] of symbols) {
    of += times
    if (all.has(symbol)) count += times
  }
  return of === 0 ? 0 : count / of
}

/** Whether no given setting differs from those of a network. */
const isFree = (own: Settings, given: Settings): boolean =>
  Object.entries(own).every(([key, value]) => String(given[key as keyof Settings] ?? value) === String(value))

/** A page may have been built without the base. */
function noneInThisPage(error: unknown): undefined {
  if (!(error instanceof UserError)) throw error
}

/**
 * The defaults that a recipe has in place of the declared ones. Those of a model, an optimizer or a schedule are left out where another
 * one is given, and so is what does not apply.
 */
export function defaultsOf(recipe: Settings, given: Settings): Record<string, Default> {
  const ofOthers = new Set(
    choices().flatMap(({ kind, brings }) =>
      given[kind] === undefined || given[kind] === recipe[kind] ? [] : [kind, ...brings],
    ),
  )
  return Object.fromEntries(
    Object.entries(recipe)
      .filter(([key]) => !ofOthers.has(key))
      .map(([key, value]) => [key, { text: String(value), of: (rest) => ifApplies(key, value, rest) }]),
  )
}

const settingsIn = (table: Readonly<Record<string, { readonly settings: object }>>): string[] =>
  Object.values(table).flatMap(({ settings }) => Object.keys(settings))

/** The settings that belong to what another setting chooses. */
const choices = () =>
  [
    { kind: "model", brings: ["from", "context", "truncate", ...settingsIn(allModels)] },
    { kind: "optimizer", brings: ["learningRate", ...settingsIn(optimizers)] },
    { kind: "schedule", brings: settingsIn(schedules) },
  ] as const

/** A shorter training than the recipe's has a shorter warm-up and a shorter memory of its weights. */
const scaled: Readonly<Record<string, (value: number, steps: number) => number>> = {
  warmup: (value, steps) => Math.min(value, Math.floor(steps / 10)),
  ema: (value, steps) => Math.min(value, Math.max(0, Number((1 - 10 / steps).toFixed(4)))),
}

function ifApplies(key: string, value: Value, rest: Rest): Value | undefined {
  const { steps } = rest
  const found = scaled[key] && typeof steps === "number" ? scaled[key](value as number, steps) : value
  return settings[key as SettingName].unless?.({ ...rest, [key]: found }) === undefined ? found : undefined
}

/** One sentence: which named recipe it is, why, and what it comes to; undefined if a recipe was made of none. */
export function describeChoice({
  recipe,
  because,
}: Pick<RunConfig, "recipe" | "because">): string | undefined {
  if (because === undefined) return undefined
  const { recipe: name, model, order, from, steps, patience, optimizer, learningRate, mixOrder } = recipe
  const parts = [
    from === undefined ? `${model === NGRAM ? `${order}-grams` : model}` : `${model} from ${from}`,
    ...(steps === undefined
      ? []
      : [
          `${patience === undefined ? "" : "at most "}${steps.toLocaleString("en")} steps of ${optimizer} at ${learningRate}`,
        ]),
    ...(mixOrder === undefined ? [] : [`mixed with counts of ${mixOrder}-grams`]),
  ]
  return `recipe ${name}: ${because}; ${parts.join(", ")}`
}
