/**
 * What a recipe for sound has otherwise than one for text. The defaults are those with which a network learns to babble in twenty
 * minutes on two cores (docs/sound.md); the sizes are those of https://github.com/ibab/tensorflow-wavenet, made smaller.
 */

import { SILENT_DECIBELS } from "../data/sound/trim-silence.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { WaveNet2016 } from "../models/wavenet-2016.ts"
import { flag, type Settings } from "./settings.ts"

/** The model that sound is for: it says how far back it sees. */
const MODEL = "wavenet-2016"

/** How many samples of a crop are predicted; what comes before them is there to be seen. */
const PREDICTED = 2048

/** Whether a recipe is for sound: it has a sample rate. */
export const isSound = ({ sampleRate }: Pick<Settings, "sampleRate">): boolean => sampleRate !== undefined

/** A recipe's settings with those that sound wants where they are left out. What is only for text is a UserError. */
export function withSoundSettings(given: Settings): Settings {
  if (given.model !== undefined && given.model !== MODEL)
    throw new UserError(
      `${flag("model")} ${given.model}: sound is for ${MODEL}: leave it out, or choose that`,
    )
  for (const key of ["column", "classify"] as const)
    if (given[key] !== undefined)
      throw new UserError(`${flag(key)} ${given[key]}: it is for text, and this is sound: leave it out`)
  const { optimizer = "adamw", schedule = "cosine", steps = 5000 } = given
  return {
    sampleRate: 8000,
    silence: SILENT_DECIBELS,
    predict: "everywhere",
    model: MODEL,
    layers: 9,
    stacks: 2,
    residualChannels: 32,
    dilationChannels: 32,
    skipChannels: 128,
    steps,
    batchSize: 2,
    optimizer,
    ...(optimizer === "adamw" && { learningRate: 2e-3 }),
    schedule,
    ...(schedule === "cosine" && { warmup: Math.min(100, Math.floor(steps / 10)) }),
    clipNorm: 1,
    ...given,
  }
}

/** How long a crop is for a model. */
export const cropLength = (model: Model): number => receptiveFieldOf(model) - 1 + PREDICTED

/** Whether a model knows how far back it sees, as sound wants it. */
export const isSounding = (model: object): model is Model & { readonly receptiveField: number } =>
  model instanceof WaveNet2016

export function receptiveFieldOf(model: Model): number {
  if (isSounding(model)) return model.receptiveField
  throw new UserError(
    `a ${model.constructor.name} has no receptive field, and sound wants one: choose ${MODEL}`,
  )
}
