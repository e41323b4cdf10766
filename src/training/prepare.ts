/** From a recipe to the data that a training, an evaluation or a report of novelty needs: text, parts, symbols, rows. */
import { type LoadOptions, loadText } from "../data/catalog.ts"
import { type Dataset, longest, type Split, sequences, split, windows } from "../data/dataset.ts"
import { sha256Of } from "../data/download.ts"
import { type Labels, labelNumbers, labelsOf } from "../data/labels.ts"
import type { Lines, Text } from "../data/text.ts"
import { Vocabulary } from "../data/vocabulary.ts"
import type { Model } from "../models/model.ts"
import { createModel, type Recipe, resolveRecipe } from "./recipe.ts"
import type { Settings } from "./settings.ts"

/** What the numbers that a model reads and gives stand for. */
export interface Meanings {
  readonly vocabulary: Vocabulary
  /** The labels that it goes by. */
  readonly condition?: Labels
  /** The labels that it foretells. */
  readonly foretold?: Labels
}

export interface PreparedData extends Meanings {
  readonly text: Text
  readonly parts: Split
  /** Of the lines, and of those of their labels that matter: two files with the same are the same data. */
  readonly sha256: string
}

export async function prepareData(
  {
    data,
    column,
    splitSeed,
    condition,
    foretell,
  }: Pick<Recipe, "data" | "column" | "splitSeed" | "condition" | "foretell">,
  options?: LoadOptions,
): Promise<PreparedData> {
  const wanted = [condition, foretell].filter((name) => name !== undefined)
  const text = await loadText(data, { ...options, column, labelColumns: wanted })
  return {
    text,
    parts: split(text, { seed: splitSeed }),
    vocabulary: Vocabulary.from(text.lines),
    ...(condition !== undefined && { condition: labelsOf(text, condition) }),
    ...(foretell !== undefined && { foretold: labelsOf(text, foretell) }),
    sha256: await hashOf([text.lines, ...wanted.map((name) => text.labels?.[name] ?? [])]),
  }
}

/** A recipe with all that its data decides, and the data. */
export async function prepare(
  given: Settings,
  options?: LoadOptions,
): Promise<{ recipe: Recipe; data: PreparedData }> {
  const data = await prepareData(resolveRecipe(given), options)
  return { recipe: resolveRecipe(given, { longestLine: longest(data.text.lines) }), data }
}

/** The recipe's model for data of these meanings. */
export const modelFor = (recipe: Recipe, { vocabulary, condition, foretold }: Meanings): Model =>
  createModel(recipe, vocabulary.size, {
    labels: condition?.values.length,
    classes: foretold?.values.length,
  })

/** Lines as the rows that a model reads. */
export function datasetFor(
  model: Model,
  lines: Lines,
  { vocabulary, condition, foretold }: Meanings,
): Dataset {
  const rows = model.reads === "windows" ? windows : sequences
  return {
    ...rows(lines.lines, vocabulary, model.contextLength),
    ...(condition && { labels: labelNumbers(lines, condition) }),
    ...(foretold && { classes: labelNumbers(lines, foretold) }),
  }
}

/** No line has a NUL in it. */
const hashOf = (columns: readonly (readonly string[])[]): Promise<string> =>
  sha256Of(new TextEncoder().encode(columns.map((lines) => lines.join("\n")).join("\0")))
