/** The settings of a network that fit a list: those of the recipe `list`. Folds say how long it is trained, and mix it with counts. */
import { characters } from "../data/characters.ts"
import type { Text } from "../data/text.ts"
import { fitToList } from "../runs/chosen-recipe.ts"
import { NGRAM, type Settings } from "../runs/settings.ts"

/** In less time no network is trained, and nothing depends on the time. */
export const LEAST_SECONDS = 4

export async function fitting({ lines }: Text, { seconds }: { seconds: number }): Promise<Settings> {
  if (seconds < LEAST_SECONDS) return { model: NGRAM }
  const lengths = lines.map((line) => characters(line).length)
  const { settings, origin } = await fitToList({ lengths, symbols: symbolsOf(lines), validates: true })
  const { evaluateEvery: _, patience: __, mixOrder: ___, ...network } = settings
  return { ...origin?.settings, ...network, recipe: "list", steps: 1000 }
}

function* symbolsOf(lines: readonly string[]): Generator<string> {
  for (const line of lines) yield* characters(line)
}
