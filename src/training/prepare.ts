/** From a recipe to the data that a training, an evaluation or a report of novelty needs: text, parts, symbols, rows. */
import { type LoadOptions, loadText } from "../data/catalog.ts"
import { type Dataset, type Split, sequences, split, windows } from "../data/dataset.ts"
import { sha256Of } from "../data/download.ts"
import type { Text } from "../data/text.ts"
import { Vocabulary } from "../data/vocabulary.ts"
import type { Model } from "../models/model.ts"
import type { Recipe } from "./recipe.ts"

export interface PreparedData {
  readonly text: Text
  readonly parts: Split
  readonly vocabulary: Vocabulary
  /** Of the lines: two files with the same are the same data. */
  readonly sha256: string
}

export async function prepareData(
  { data, column, splitSeed }: Pick<Recipe, "data" | "column" | "splitSeed">,
  options?: LoadOptions,
): Promise<PreparedData> {
  const text = await loadText(data, { ...options, column })
  return {
    text,
    parts: split(text, { seed: splitSeed }),
    vocabulary: Vocabulary.from(text.lines),
    sha256: await sha256Of(new TextEncoder().encode(text.lines.join("\n"))),
  }
}

/** Lines as the rows that a model reads. */
export function datasetFor(model: Model, lines: readonly string[], vocabulary: Vocabulary): Dataset {
  const rows = model.reads === "windows" ? windows : sequences
  return rows(lines, vocabulary, model.contextLength)
}
