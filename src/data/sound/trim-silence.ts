/** Trims the silence at both ends of a sound, so that a model need not learn it. */
import { told, UserError } from "../../errors.ts"
import type { Sound } from "./sound.ts"

/** The default threshold of silence, in decibels below the loudest frame. */
export const SILENT_DECIBELS = 40

const FRAME_SECONDS = 0.02

/**
 * The sound from the first to the last frame of 20 ms within `decibels` of the loudest one. Nothing remains of silence;
 * 0 turns trimming off. Throws a UserError unless `decibels` is a number of at least 0.
 */
export function trimSilence({ sampleRate, samples }: Sound, decibels = SILENT_DECIBELS): Sound {
  if (!(typeof decibels === "number" && decibels >= 0))
    throw new UserError(`silence ${told(decibels)}: give decibels of at least 0, such as 40`)
  if (decibels === 0) return { sampleRate, samples }
  const frame = Math.max(1, Math.round(sampleRate * FRAME_SECONDS))
  const powers = Array.from({ length: Math.ceil(samples.length / frame) }, (_, k) => {
    const part = samples.subarray(k * frame, (k + 1) * frame)
    return part.reduce((sum, sample) => sum + sample ** 2, 0) / part.length
  })
  const threshold = powers.reduce((a, b) => Math.max(a, b), 0) / 10 ** (decibels / 10)
  const loud = (power: number) => power > 0 && power >= threshold
  const [first, last] = [powers.findIndex(loud), powers.findLastIndex(loud)]
  // Both are -1 for silence.
  return { sampleRate, samples: samples.subarray(Math.max(0, first) * frame, (last + 1) * frame) }
}
