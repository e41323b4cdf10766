/** Tells before anything is trained what the samples cannot be: the checks that the sampler of the trained model makes. */
import type { Inventory } from "../data/inventory.ts"
import type { SampleRequest } from "../runs/corpora/corpus.ts"
import { startOf, wishesOf } from "../runs/corpora/text-wishes.ts"
import { createModel, resolveRecipe } from "../runs/recipe.ts"
import { NGRAM, type Settings } from "../runs/settings.ts"
import { longestOf, type Sampler, settled } from "../sampling/sampler.ts"
import { samplerWithWishes } from "../sampling/sampler-with-wishes.ts"

export type Request = Partial<
  Pick<SampleRequest, "prompt" | "startsWith" | "endsWith" | "contains" | "length" | "avoid">
>

/** Throws a UserError for what a model with these settings cannot make: symbols that it does not have, or lines that it cannot read. */
export async function requirePossible(
  { vocabulary, longest }: Inventory,
  settings: Settings,
  request: Request,
): Promise<void> {
  const model = settings.model
  const most =
    model === undefined || model === NGRAM
      ? MOST_COUNTED
      : longestOf(
          createModel({ ...resolveRecipe(settings, { longestLine: longest }), model }, vocabulary.size),
        )
  const wishes = await wishesOf({ ...request, onlyNew: true }, []) // which lines are known changes nothing of it
  const prompt = Array.from(vocabulary.encode(startOf(request)))
  settled({ count: 0, prompt }, { vocabularySize: vocabulary.size, longest: most })
  const sampler = samplerWithWishes(none, wishes!, { vocabulary, longest: most })
  for await (const _ of sampler.sample({ count: 0, prompt }));
}

/** The longest line that counts make, in symbols. */
const MOST_COUNTED = 1000

const none: Sampler = { async *sample() {}, release: async () => {} }
