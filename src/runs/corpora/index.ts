/** The table of the kinds of data, in the order in which they are tried; text takes any data. */
import type { LoadOptions } from "../../data/load-options.ts"
import { type Origin, openOrigin, withOrigin } from "../origin.ts"
import { type Recipe, resolveRecipe } from "../recipe.ts"
import { requireSettings, type Settings } from "../settings.ts"
import type { Corpus, CorpusKind } from "./corpus.ts"
import { sound } from "./sound.ts"
import { text } from "./text.ts"

export const kinds: readonly CorpusKind[] = [sound, text]

export const kindOf = (recipe: Settings): CorpusKind => kinds.find((kind) => kind.has(recipe))!

export const openCorpus = (recipe: Recipe, options?: LoadOptions): Promise<Corpus> =>
  kindOf(recipe).open(recipe, options)

/** The data that settings name, the network to start from, and the recipe with the defaults that depend on the data. */
export async function prepare(
  given: Settings,
  options?: LoadOptions,
): Promise<{ readonly recipe: Recipe; readonly corpus: Corpus; readonly origin?: Origin }> {
  requireSettings("given", given)
  const origin = given.from === undefined ? undefined : await openOrigin(given.from)
  const recognized = await Promise.all(kinds.map((kind) => kind.recognizes(given)))
  const { open, defaults } = kinds[recognized.indexOf(true)]
  // Only the data says whether there are labels to embed.
  const all = withOrigin(given, origin)
  const corpus = await open(resolveRecipe({ ...all, labelWidth: undefined }, { defaults }), options)
  const condition = given.condition ?? corpus.condition?.name
  const { longest: longestLine, duplicates } = corpus
  const { labelWidth } = condition === undefined ? given : all
  const recipe = resolveRecipe({ duplicates, ...all, condition, labelWidth }, { longestLine, defaults })
  return { recipe, corpus, origin }
}
