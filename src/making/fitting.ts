/** The settings of a network that fit a list: from the package's base where it knows the list's symbols, else from scratch. */
import { characters } from "../data/characters.ts"
import type { Text } from "../data/text.ts"
import { BASE, openOrigin } from "../runs/origin.ts"
import type { Settings } from "../runs/settings.ts"

/** The base is of use if it knows this part of a list's symbols, each counted as often as it occurs. */
const KNOWN = 0.9

const shared: Settings = {
  optimizer: "adamw",
  weightDecay: 0.05,
  schedule: "constant",
  batchSize: 32,
  clipNorm: 1,
  ema: 0.97,
  steps: 1000,
}

export async function fitting({ lines }: Text, { seconds }: { seconds: number }): Promise<Settings> {
  if (seconds < LEAST_SECONDS) return { model: "ngram" }
  const { vocabulary, settings } = await openOrigin(BASE)
  const known = new Set(vocabulary.symbols.slice(1))
  let [all, of] = [0, 0]
  for (const line of lines)
    for (const character of characters(line)) {
      all++
      if (known.has(character)) of++
    }
  if (of >= KNOWN * all) return { ...settings, ...shared, from: BASE, learningRate: 0.001 }
  return { ...shared, model: "gru", embedding: 48, hidden: 128, learningRate: 0.003 }
}

/** In less time no network is trained. */
const LEAST_SECONDS = 4
