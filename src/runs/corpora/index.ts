/** The table of the kinds of data, in the order in which they are asked whether some data is theirs; text is whatever is left. */
import type { LoadOptions } from "../../data/load-options.ts"
import { type Recipe, resolveRecipe } from "../recipe.ts"
import type { Settings } from "../settings.ts"
import { isSound } from "../sound-recipe.ts"
import type { Corpus, CorpusKind } from "./corpus.ts"
import { sound } from "./sound.ts"
import { text } from "./text.ts"

export const kinds: readonly CorpusKind[] = [sound, text]

/** The kind of a run's data. */
export const kindOf = (recipe: Pick<Settings, "sampleRate">): CorpusKind => (isSound(recipe) ? sound : text)

export const openCorpus = (recipe: Recipe, options?: LoadOptions): Promise<Corpus> =>
  kindOf(recipe).open(recipe, options)

/** The data that settings name, and their recipe with everything that the data decides. */
export async function prepare(
  given: Settings,
  options?: LoadOptions,
): Promise<{ readonly recipe: Recipe; readonly corpus: Corpus }> {
  for (const kind of kinds)
    if (await kind.recognizes(given)) {
      const settings = kind.withDefaults(given)
      // Only the data says whether there are labels to embed.
      const corpus = await kind.open(resolveRecipe({ ...settings, labelWidth: undefined }), options)
      const condition = settings.condition ?? corpus.condition?.name
      return { recipe: resolveRecipe({ ...settings, condition }, { longestLine: corpus.longest }), corpus }
    }
  throw new Error("no kind of data recognizes these settings")
}
