/** A sound of the model as it is now, or the beginning of one that it learns from. */
import { muLawDecode } from "../../../../src/data/sound/mu-law.ts"
import { UserError } from "../../../../src/errors.ts"
import { Generator } from "../../../../src/random/torch.ts"
import { isSounding } from "../../../../src/runs/corpora/sound-defaults.ts"
import { makeSounds } from "../../../../src/sampling/sounds.ts"
import type { Live } from "../live.ts"

export interface HearArgument {
  readonly seconds: number
  /** In place of a sound of the model: one of the data. */
  readonly ofData?: boolean
  readonly temperature?: number
  readonly seed: number
  /** The number of the voice. */
  readonly label?: number
}

export interface Heard {
  /** How many steps were taken. */
  readonly step: number
  /** In Hz. */
  readonly sampleRate: number
  /** From -1 to 1: (seconds sampleRate). */
  readonly samples: Float32Array
}

export async function hear(
  { model, corpus, runtime, run, step }: Live,
  { seconds, ofData = false, temperature, seed, label = 0 }: HearArgument,
): Promise<Heard> {
  const { sampleRate } = run.config.recipe
  const network: object = model
  if (sampleRate === undefined || !isSounding(network))
    throw new UserError("This model makes text: look at its samples.")
  if (ofData) {
    const [levels] = corpus.sequences("train")
    const samples = muLawDecode(levels.slice(0, Math.round(seconds * sampleRate)))
    return { step, sampleRate, samples: Float32Array.from(samples) }
  }
  const [{ samples }] = await makeSounds(network, {
    seconds,
    sampleRate,
    temperature,
    generator: new Generator(seed),
    ...(corpus.condition && { labels: [label] }),
    runtime,
  })
  return { step, sampleRate, samples }
}
