/**
 * Sound from a trained model: it reads silence as long as its receptive field, then draws one sample after another.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2.
 */
import { muLawDecode, SILENCE } from "../data/sound/mu-law.ts"
import type { Sound } from "../data/sound/sound.ts"
import { requireOptions, told, UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { requireFinite } from "../nn/finite.ts"
import type { Generator } from "../random/torch.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { type Choice, choices } from "./probabilities.ts"
import { requireWhole } from "./sampler.ts"
import { openStream } from "./stream.ts"

export interface SoundOptions extends Choice {
  /** At most an hour. */
  readonly seconds: number
  /** In hertz, that of the data. */
  readonly sampleRate: number
  /** By default the one that `manualSeed` seeds, as in PyTorch. */
  readonly generator?: Generator
  /** The label of each sound, for a model that is conditioned on labels; one sound without. */
  readonly labels?: readonly number[]
  /** Called with the number of samples made of each sound. */
  readonly onProgress?: (samples: number) => void
  readonly runtime?: RuntimeOptions
}

/** The options other than those of `Choice`. */
const own = [
  "seconds",
  "sampleRate",
  "generator",
  "labels",
  "onProgress",
  "runtime",
] as const satisfies (keyof SoundOptions)[]

/** Samples between two reports of progress. */
const SAMPLES_AT_ONCE = 400

/** The longest sound, in seconds. */
export const MAX_SECONDS = 3600
/** Of all sounds together, 512 MiB. */
const MAX_TOTAL_SAMPLES = 2 ** 27

/**
 * Makes all sounds at once, as one batch. Throws a UserError unless they last at most an hour and have at most 2^27 samples
 * together.
 */
export async function makeSounds(
  model: Model & { readonly receptiveField: number },
  options: SoundOptions,
): Promise<Sound[]> {
  requireFinite(model, "makeSounds")
  requireOptions("makeSounds", options, [...choices, ...own])
  const { seconds, sampleRate, generator, labels, onProgress, runtime, ...choice } = options
  if (!(Number.isFinite(seconds) && seconds > 0 && seconds <= MAX_SECONDS))
    throw new UserError(
      `seconds ${told(seconds)}: give a number above 0 and at most ${MAX_SECONDS.toLocaleString("en")}, such as 2`,
    )
  requireWhole("sampleRate", sampleRate, 1)
  const batchSize = labels?.length ?? 1
  const wanted = Math.max(1, Math.round(seconds * sampleRate))
  if (wanted * batchSize > MAX_TOTAL_SAMPLES)
    throw new UserError(
      `${seconds} seconds of ${batchSize} sounds at ${sampleRate} Hz have ${wanted * batchSize} samples: ` +
        `give fewer seconds or labels, so that there are at most ${MAX_TOTAL_SAMPLES}`,
    )
  const stream = openStream(model, { generator, batchSize, labels, runtime, ...choice })
  try {
    const silence = new Int32Array(model.receptiveField).fill(SILENCE)
    await stream.read(Array.from({ length: batchSize }, () => silence))
    const sounds = Array.from({ length: batchSize }, () => ({
      sampleRate,
      samples: new Float32Array(wanted),
    }))
    for (let made = 0; made < wanted; ) {
      const drawn = await stream.draw(Math.min(SAMPLES_AT_ONCE, wanted - made))
      for (const [b, levels] of drawn.entries()) sounds[b].samples.set(muLawDecode(levels), made)
      made += drawn[0].length
      onProgress?.(made)
    }
    return sounds
  } finally {
    await stream.release()
  }
}
