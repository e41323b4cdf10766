/** The settings of a network that fit a list: those of the recipe `list`. Folds say how long it is trained, and mix it with counts. */
import type { Inventory } from "../data/inventory.ts"
import { fitToList } from "../runs/chosen-recipe.ts"
import { NGRAM, type Settings } from "../runs/settings.ts"

/** In less time no network is trained, and nothing depends on the time. */
export const LEAST_SECONDS = 4

export async function fitting(
  { lengths, symbols }: Inventory,
  { seconds }: { seconds: number },
): Promise<Settings> {
  if (seconds < LEAST_SECONDS) return { model: NGRAM }
  const { settings, origin } = await fitToList({ lengths, symbols, validates: true })
  const { evaluateEvery: _, patience: __, mixOrder: ___, ...network } = settings
  return { ...origin?.settings, ...network, recipe: "list", steps: 1000 }
}
