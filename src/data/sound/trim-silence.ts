/** Takes the silence off both ends of a sound, so that a model learns to speak and not to wait. */
import type { Sound } from "./wav.ts"

/** How far below a sound's loudest moment its ends are called silent. */
export const SILENT_DECIBELS = 40

const SECONDS_A_FRAME = 0.02

/**
 * The sound from its first to its last frame of 20 ms that is less than so many decibels quieter than its loudest. Of a sound
 * that is silent throughout nothing is left. 0 takes nothing off.
 */
export function trimSilence({ sampleRate, samples }: Sound, decibels = SILENT_DECIBELS): Sound {
  if (decibels === 0) return { sampleRate, samples }
  const frame = Math.max(1, Math.round(sampleRate * SECONDS_A_FRAME))
  const powers = Array.from({ length: Math.ceil(samples.length / frame) }, (_, k) => {
    const part = samples.subarray(k * frame, (k + 1) * frame)
    return part.reduce((sum, sample) => sum + sample ** 2, 0) / part.length
  })
  const loudest = powers.reduce((a, b) => Math.max(a, b), 0)
  const least = loudest / 10 ** (decibels / 10)
  const loud = (power: number) => power > 0 && power >= least
  const [first, last] = [powers.findIndex(loud), powers.findLastIndex(loud)]
  return {
    sampleRate,
    samples: first < 0 ? samples.subarray(0, 0) : samples.subarray(first * frame, (last + 1) * frame),
  }
}
