/**
 * Changes a sound's sample rate by band-limited interpolation: each new sample is the sum of the old ones around its moment, weighted
 * by a sinc under a Kaiser window. The sinc's cutoff lies below both Nyquist frequencies, which keeps out aliases.
 * Source: Smith 1984, Digital audio resampling, https://ccrma.stanford.edu/~jos/resample/; the window's numbers are Kaiser's 1974.
 */
import { told, UserError } from "../../errors.ts"
import { playable } from "./playable.ts"
import type { Sound } from "./sound.ts"

/** In Hz. */
export const [LOWEST_RATE, HIGHEST_RATE] = [1000, 384_000]
/** An hour at 8,000 Hz. */
const MAX_RESAMPLED = 2 ** 25

/** The most by which a rate may grow. A sound has no frequencies above half its own rate. */
const MAX_GROWTH = 16

/** Zero crossings of the sinc on either side. */
const CROSSINGS = 32
/** Aliases are 80 dB down: 0.1102 (80 - 8.7). */
const BETA = 7.857
/** Of the lower Nyquist frequency. With this many crossings the stop band then begins where the aliases do. */
const CUTOFF = 0.92
/** The kernel is tabulated so densely that linear interpolation errs by less than 16 bits resolve. */
const PER_CROSSING = 512

/** Throws a UserError unless the sample rate is supported. */
export function requireSampleRate(sampleRate: number): void {
  if (!(Number.isInteger(sampleRate) && sampleRate >= LOWEST_RATE && sampleRate <= HIGHEST_RATE))
    throw new UserError(
      `a sample rate of ${told(sampleRate)}: give a whole number of Hz from ${LOWEST_RATE} to ${HIGHEST_RATE}`,
    )
}

/**
 * The sound at another sample rate, in Hz. n samples become ceil(n after / before), the first at the same moment as before. Beyond
 * its ends the sound is taken to be silent. Throws a UserError for rates outside 1,000 to 384,000 Hz, for one more than 16 times
 * the sound's, and if more than 2^25 samples would result.
 */
export async function resample(sound: Sound, sampleRate: number): Promise<Sound> {
  return playable(resampleNow(sound, sampleRate))
}

/** The same, synchronously. */
export function resampleNow({ sampleRate: before, samples }: Sound, sampleRate: number): Sound {
  requireSampleRate(before)
  requireSampleRate(sampleRate)
  if (sampleRate === before) return { sampleRate, samples }
  if (sampleRate > MAX_GROWTH * before)
    throw new UserError(
      `a sample rate of ${sampleRate} for a sound of ${before} Hz: give at most ${MAX_GROWTH} times its rate; more adds nothing audible`,
    )
  const length = Math.ceil((samples.length * sampleRate) / before)
  if (length > MAX_RESAMPLED)
    throw new UserError(
      `${samples.length} samples at ${before} Hz would be ${length} at ${sampleRate} Hz, more than the limit of ${MAX_RESAMPLED}: ` +
        "cut the sound into parts, or give a lower sample rate",
    )
  const bandwidth = CUTOFF * Math.min(1, sampleRate / before)
  const reach = CROSSINGS / bandwidth
  const scale = bandwidth * PER_CROSSING
  const kernel = halfOfKernel()
  const resampled = new Float32Array(length)
  for (let k = 0; k < length; k++) {
    const moment = (k * before) / sampleRate
    const last = Math.min(samples.length - 1, Math.floor(moment + reach))
    let sum = 0
    for (let n = Math.max(0, Math.ceil(moment - reach)); n <= last; n++) {
      const at = Math.abs(moment - n) * scale
      const cell = Math.floor(at)
      sum += samples[n] * (kernel[cell] + (at - cell) * (kernel[cell + 1] - kernel[cell]))
    }
    resampled[k] = bandwidth * sum
  }
  return { sampleRate, samples: resampled }
}

let tabulated: Float64Array | undefined

/** The windowed sinc from its middle on, and two zeros for the interpolation at its end. */
const halfOfKernel = (): Float64Array => {
  tabulated ??= Float64Array.from({ length: CROSSINGS * PER_CROSSING + 2 }, (_, k) => {
    const x = k / PER_CROSSING
    if (x >= CROSSINGS) return 0
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
    return (sinc * bessel(BETA * Math.sqrt(1 - (x / CROSSINGS) ** 2))) / bessel(BETA)
  })
  return tabulated
}

/** The modified Bessel function I_0 by its power series. */
function bessel(x: number): number {
  let [sum, term] = [1, 1]
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / 2 / k) ** 2
    sum += term
  }
  return sum
}
