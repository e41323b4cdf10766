/** From a recipe for sound to what its training, its evaluation and its samples need: clips, parts, levels as symbols, crops. */
import type { LoadOptions } from "../data/catalog.ts"
import type { Dataset } from "../data/dataset.ts"
import { sha256Of } from "../data/download.ts"
import type { Labels } from "../data/labels.ts"
import {
  type Clips,
  type ClipsSplit,
  FOLDER,
  labelsOfClips,
  readClips,
  splitClips,
} from "../data/sound/clips.ts"
import { type CropOptions, cropsInOrder, everyCrop } from "../data/sound/crops.ts"
import { LEVELS } from "../data/sound/mu-law.ts"
import { Vocabulary } from "../data/vocabulary.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import type { Codec } from "./prepare.ts"
import type { Recipe } from "./recipe.ts"
import { flag } from "./settings.ts"
import { receptiveFieldOf } from "./sound-recipe.ts"

export interface PreparedSound extends Codec {
  readonly clips: Clips
  readonly parts: ClipsSplit
  readonly predict: CropOptions["predict"]
  /** Of the levels, and of the names of the files. */
  readonly sha256: string
}

/** Levels are known by their numbers. */
const levels = Vocabulary.fromJSON(Array.from({ length: LEVELS - 1 }, (_, k) => String(k + 1)))

/** Sounds in sub-folders are told apart by these, whether that is asked for or not. */
export async function prepareSound(
  recipe: Pick<Recipe, "data" | "sampleRate" | "silence" | "predict" | "splitSeed" | "condition">,
  { onSound }: Pick<LoadOptions, "onSound"> = {},
): Promise<PreparedSound> {
  const { data, sampleRate, silence, predict, splitSeed, condition } = recipe
  if (condition !== undefined && condition !== FOLDER)
    throw new UserError(
      `${flag("condition")} ${condition}: of sounds nothing is known but their folder: give ${FOLDER}, or leave it out`,
    )
  const clips = await readClips(data, { sampleRate, silence, onSound })
  return {
    clips,
    parts: splitClips(clips, { seed: splitSeed }),
    predict,
    vocabulary: levels,
    condition: conditionOf(clips, condition !== undefined),
    sha256: await hashOf(clips),
  }
}

/** The crops of a part: for training at every offset, else one after the other. */
export function soundRows(
  model: Model,
  { parts, predict, condition: labels }: PreparedSound,
  part: keyof ClipsSplit,
  { training = false } = {},
): Dataset {
  const { contextLength } = model
  const rows = training ? everyCrop : cropsInOrder
  return rows(parts[part], { contextLength, receptiveField: receptiveFieldOf(model), predict, labels })
}

/** As many of the training part as there are for validation: to hear all of it would take too long beside the training. */
export function fewerToTrain({ parts, ...data }: PreparedSound): PreparedSound {
  const one = Math.max(1, Math.floor(parts.train.length / parts.validation.length))
  return { ...data, parts: { ...parts, train: parts.train.filter((_, k) => k % one === 0) } }
}

function conditionOf(clips: Clips, asked: boolean): Labels | undefined {
  const labels = new Set(clips.clips.map(({ label }) => label))
  return asked || (labels.size > 1 && !labels.has("")) ? labelsOfClips(clips) : undefined
}

async function hashOf({ clips }: Clips): Promise<string> {
  const names = new TextEncoder().encode(
    clips.map(({ name, levels }) => `${name} ${levels.length}`).join("\n"),
  )
  const bytes = new Uint8Array(clips.reduce((sum, { levels }) => sum + levels.length, names.length))
  bytes.set(names)
  let at = names.length
  for (const { levels } of clips) {
    bytes.set(levels, at)
    at += levels.length
  }
  return sha256Of(bytes)
}
