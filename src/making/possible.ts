/** Tells before anything is trained what the samples cannot be: the checks that the sampler of the trained model makes. */
import type { Ensemble, Member } from "../counting/ensemble.ts"
import type { Inventory } from "../data/inventory.ts"
import type { Model } from "../models/model.ts"
import { ROOM } from "../runs/chosen-recipe.ts"
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
  inventory: Inventory,
  settings: Settings,
  request: Request,
): Promise<void> {
  const { vocabulary, longest } = inventory
  const { model } = settings
  const most = longestMade(
    model === undefined || model === NGRAM
      ? undefined
      : createModel({ ...resolveRecipe(settings, { longestLine: longest }), model }, vocabulary.size),
    inventory,
  )
  const wishes = await wishesOf({ ...request, onlyNew: true }, []) // which lines are known changes nothing of it
  const prompt = Array.from(vocabulary.encode(startOf(request)))
  settled({ count: 0, prompt }, { vocabularySize: vocabulary.size, longest: most })
  const sampler = samplerWithWishes(none, wishes!, { vocabulary, longest: most })
  for await (const _ of sampler.sample({ count: 0, prompt }));
}

/** The most symbols that are made: of what is much longer than everything on the list, no model knows anything. */
export const longestMade = (
  model: Member | Ensemble | undefined,
  { longest }: Pick<Inventory, "longest">,
): number => Math.min(Math.ceil(ROOM * longest), model ? longestOf(model as Model) : Infinity)

const none: Sampler = { async *sample() {}, release: async () => {} }
