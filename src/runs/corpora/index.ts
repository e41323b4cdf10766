/** The table of the kinds of data, in the order in which they are tried; text takes any data. */
import type { LoadOptions } from "../../data/load-options.ts"
import { UserError } from "../../errors.ts"
import {
  type ChosenRecipe,
  defaultsOf,
  fitToList,
  recipeAskedFor,
  settingsOfRecipe,
} from "../chosen-recipe.ts"
import type { Members } from "../learners/learner.ts"
import { type Origin, openOrigin, withOrigin } from "../origin.ts"
import { type Recipe, resolveRecipe } from "../recipe.ts"
import { ENSEMBLE, requireSettings, type Settings } from "../settings.ts"
import type { Corpus, CorpusKind } from "./corpus.ts"
import { running } from "./running.ts"
import { sound } from "./sound.ts"
import { text } from "./text.ts"

export const kinds: readonly CorpusKind[] = [running, sound, text]

export const kindOf = (recipe: Settings): CorpusKind => kinds.find((kind) => kind.has(recipe))!

export const openCorpus = (recipe: Recipe, options?: LoadOptions): Promise<Corpus> =>
  kindOf(recipe).open(recipe, options)

export interface Prepared {
  readonly recipe: Recipe
  readonly corpus: Corpus
  /** The network to start from. */
  readonly origin?: Origin
  /** The runs that an ensemble averages. */
  readonly members?: Members
  /** Why it is made of the named recipe that it is; undefined for data of a kind that has defaults of its own. */
  readonly because?: string
}

/** The data that settings name, the network to start from, and the recipe with the defaults that depend on the data. */
export async function prepare(given: Settings, options?: LoadOptions): Promise<Prepared> {
  requireSettings("given", given)
  if (given.model === ENSEMBLE) {
    const { prepareEnsemble } = await import("../members.ts")
    return prepareEnsemble(given, openCorpus, options)
  }
  const named = given.from === undefined ? undefined : await openOrigin(given.from)
  const recognized = await Promise.all(kinds.map((kind) => kind.recognizes(given, options)))
  const { open, defaults, recipeFor } = kinds[recognized.indexOf(true)]
  const asked = recipeFor || given.recipe !== undefined ? recipeAskedFor(given) : undefined
  const recipeOf = (settings: Settings = {}, all: Settings, longestLine?: number) =>
    resolveRecipe(all, { longestLine, defaults: { ...defaults, ...defaultsOf(settings, given) } })

  // Only the data says whether there are labels to embed.
  const before = asked?.settings ?? (recipeFor && settingsOfRecipe("list"))
  const corpus = await open(recipeOf(before, { ...withOrigin(given, named), labelWidth: undefined }), options)
  if (named) requireSameTokens(named, corpus)
  const chosen = await chosenFor(given, corpus, asked, recipeFor)
  const origin = named ?? chosen?.origin
  const all = withOrigin(given, origin)
  const condition = given.condition ?? corpus.condition?.name
  const { longest, duplicates, minCount } = corpus
  const { labelWidth } = condition === undefined ? given : all
  const settings = { duplicates, minCount, ...all, recipe: chosen?.name, condition, labelWidth }
  const recipe = recipeOf(chosen?.settings, settings, longest)
  return { recipe, corpus, origin, because: chosen?.because }
}

/** A UserError unless the network to start from reads what the data is cut into. */
function requireSameTokens({ vocabulary: { tokens }, record }: Origin, { vocabulary }: Corpus): void {
  if (tokens !== vocabulary.tokens)
    throw new UserError(
      `--from ${record.name}: it reads ${tokens}, and this run ${vocabulary.tokens}: give --tokens ${tokens}, or start from another`,
    )
}

const parts = ["train", "validation", "test"] as const

/** The recipe that was asked for, or else that of the data, fitted to the data if it is a list. */
async function chosenFor(
  given: Settings,
  corpus: Corpus,
  asked: ChosenRecipe | undefined,
  recipeFor: CorpusKind["recipeFor"],
): Promise<ChosenRecipe | undefined> {
  const { size, sizes } = corpus
  const name = asked?.name ?? recipeFor?.(corpus)
  if (name === undefined) return undefined
  const because = asked?.because ?? `${size.toLocaleString("en")} lines`
  if (name !== "list") return { name, because, settings: settingsOfRecipe(name) }
  const [train, ...others] = parts.map((part) => corpus.sequences(part))
  const lengths = Int32Array.from([train, ...others].flat(), ({ length }) => length)
  const symbols = new Map<string, number>()
  for (const sequence of train)
    for (const id of sequence) {
      const symbol = corpus.vocabulary.symbols[id]
      symbols.set(symbol, (symbols.get(symbol) ?? 0) + 1)
    }
  const facts = { lengths, symbols, validates: sizes.validation > 0 }
  return { name, because, ...(await fitToList(facts, given)) }
}
