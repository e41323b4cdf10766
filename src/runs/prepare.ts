/** From a recipe to the data that a training, an evaluation or a report of novelty needs: text or sounds, parts, symbols, rows. */
import { dataSets, type LoadOptions, loadText } from "../data/catalog.ts"
import { type Dataset, longest, type Split, sequences, split, windows } from "../data/dataset.ts"
import { sha256Of } from "../data/download.ts"
import { type Labels, labelNumbers, labelsOf } from "../data/labels.ts"
import { describeClips, isFolder } from "../data/sound/clips.ts"
import { describeText, type Lines, type Text } from "../data/text.ts"
import { Vocabulary } from "../data/vocabulary.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { type PreparedSound, prepareSound, soundRows } from "./prepare-sound.ts"
import { createModel, type Recipe, resolveRecipe } from "./recipe.ts"
import { flag, type Settings } from "./settings.ts"
import { isSound } from "./sound-recipe.ts"

/** What the numbers that a model reads and gives stand for. */
export interface Codec {
  readonly vocabulary: Vocabulary
  /** The labels that it goes by. */
  readonly condition?: Labels
  /** The classes that it predicts. */
  readonly classes?: Labels
}

export interface PreparedText extends Codec {
  readonly text: Text
  readonly parts: Split
  /** Of the lines, and of those of their labels that matter: two files with the same are the same data. */
  readonly sha256: string
}

export type PreparedData = PreparedText | PreparedSound

type OfData = Pick<
  Recipe,
  "data" | "column" | "splitSeed" | "condition" | "classify" | "sampleRate" | "silence" | "predict"
>

export const prepareData = (recipe: OfData, options?: LoadOptions): Promise<PreparedData> =>
  isSound(recipe) ? prepareSound(recipe, options) : prepareText(recipe, options)

/** For what only text has. Sound is a UserError. */
export async function prepareText(recipe: OfData, options?: LoadOptions): Promise<PreparedText> {
  if (isSound(recipe))
    throw new UserError(`${recipe.data}: these are sounds, and this is for text: give a run or data of lines`)
  const { data, column, splitSeed, condition, classify } = recipe
  const wanted = [condition, classify].filter((name) => name !== undefined)
  const text = await loadText(data, { ...options, column, labelColumns: wanted })
  return {
    text,
    parts: split(text, { seed: splitSeed }),
    vocabulary: Vocabulary.from(text.lines),
    ...(condition !== undefined && { condition: labelsOf(text, condition) }),
    ...(classify !== undefined && { classes: labelsOf(text, classify) }),
    sha256: await hashOf([text.lines, ...wanted.map((name) => text.labels?.[name] ?? [])]),
  }
}

/** A recipe with all that its data decides, and the data. A folder is one of sounds. */
export async function prepare(
  given: Settings,
  options?: LoadOptions,
): Promise<{ recipe: Recipe; data: PreparedData }> {
  const { data: name = "" } = given
  const folder = !Object.hasOwn(dataSets, name) && (await isFolder(name))
  if (isSound(given) && !folder)
    throw new UserError(
      `${flag("sampleRate")} ${given.sampleRate}: it is for a folder of WAV files, and ${name || "names"} is none`,
    )
  if (!folder && /\.wave?$/i.test(name))
    throw new UserError(
      `${name}: it is one file, and sounds are a folder of .wav files: give the folder that it is in`,
    )
  const known: Settings = folder ? { sampleRate: 8000, ...given } : given
  // Whether there are labels to be embedded, only the data tells.
  const data = await prepareData(resolveRecipe(folder ? { ...known, labelWidth: undefined } : known), options)
  if ("clips" in data) return { recipe: resolveRecipe({ ...known, condition: data.condition?.name }), data }
  return { recipe: resolveRecipe(known, { longestLine: longest(data.text.lines) }), data }
}

/** The recipe's model for data of these meanings. */
export const modelFor = (recipe: Recipe, { vocabulary, condition, classes }: Codec): Model =>
  createModel(recipe, vocabulary.size, {
    labels: condition?.values.length,
    classes: classes?.values.length,
  })

/** Lines as the rows that a model reads. */
export function datasetFor(model: Model, lines: Lines, { vocabulary, condition, classes }: Codec): Dataset {
  const rows = model.reads === "windows" ? windows : sequences
  return {
    ...rows(lines.lines, vocabulary, model.contextLength),
    ...(condition && { labels: labelNumbers(lines, condition) }),
    ...(classes && { classes: labelNumbers(lines, classes) }),
  }
}

/** The rows of a part that a model reads, text or sound. Of sound a row that is drawn for training is a random crop. */
export const rowsOf = (
  model: Model,
  data: PreparedData,
  part: keyof Split,
  { training = false } = {},
): Dataset =>
  "clips" in data ? soundRows(model, data, part, { training }) : datasetFor(model, data.parts[part], data)

/** One sentence: what there is. */
export const describeData = (data: PreparedData): string =>
  "clips" in data ? describeClips(data.clips) : describeText(data.text)

/** How many lines or sounds there are. */
export const countOf = (data: PreparedData): number =>
  "clips" in data ? data.clips.clips.length : data.text.lines.length

/** No line has a NUL in it. */
const hashOf = (columns: readonly (readonly string[])[]): Promise<string> =>
  sha256Of(new TextEncoder().encode(columns.map((lines) => lines.join("\n")).join("\0")))
