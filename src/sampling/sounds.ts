/**
 * A trained model makes sound: out of silence, as long as its receptive field, one sample after the other, each of which it reads in
 * turn. Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2.
 */
import { muLawDecode, SILENCE } from "../data/sound/mu-law.ts"
import type { Sound } from "../data/sound/wav.ts"
import type { Model } from "../models/model.ts"
import type { Generator } from "../random/torch.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import type { Choice } from "./probabilities.ts"
import { openStream } from "./stream.ts"

export interface SoundOptions extends Choice {
  readonly seconds: number
  /** Samples a second, as the model was trained. */
  readonly sampleRate: number
  readonly generator: Generator
  /** The label of each sound, of a model that goes by labels; there are as many sounds. */
  readonly labels?: readonly number[]
  /** Hears how many samples there are of each. */
  readonly onProgress?: (samples: number) => void
  readonly runtime?: RuntimeOptions
}

/** After so many samples it is heard how far it is. */
const SAMPLES_AT_ONCE = 400

/** All of them at once, side by side. */
export async function makeSounds(
  model: Model & { readonly receptiveField: number },
  { seconds, sampleRate, generator, labels, onProgress, runtime, ...choice }: SoundOptions,
): Promise<Sound[]> {
  const batchSize = labels?.length ?? 1
  const wanted = Math.max(1, Math.round(seconds * sampleRate))
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
