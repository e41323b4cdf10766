/**
 * The short-time Fourier transform of a sound: its spectrogram, its mean power spectrum and its spectral peak.
 * Source: Welch 1967, https://doi.org/10.1109/TAU.1967.1161901, with Hann windows.
 */
import FFT from "fft.js"
import { shownAs } from "../../display/contract.ts"
import { told, UserError } from "../../errors.ts"
import type { Sound } from "./sound.ts"

/** The most samples in a frame. */
const MAX_SIZE = 2 ** 20

/** Power by frequency: bin k is at k sampleRate / size Hz, up to half the sample rate. */
export interface Spectrum {
  /** Samples per frame, a power of two. */
  readonly size: number
  readonly sampleRate: number
  readonly powers: Float64Array // (size / 2 + 1)
}

/** Power by time and frequency. */
export interface Spectrogram extends Omit<Spectrum, "powers"> {
  /** Samples between the centers of neighbouring frames; the first is centered on the first sample. */
  readonly hop: number
  /** A power spectrum per frame. A sine of amplitude 1 has power 1 in its bin. */
  readonly frames: readonly Float64Array[] // each (size / 2 + 1)
}

/**
 * `size` samples in each frame, and `hop` from one frame to the next. Throws a UserError unless `size` is a power of two from 4 to 2^20
 * and `hop` a whole number above 0.
 */
export function spectrogram(
  sound: Sound,
  { size = 256, hop = size / 4 }: { size?: number; hop?: number } = {},
): Spectrogram {
  requireFrames(size, hop)
  const { sampleRate } = sound
  const frames = [...framesOf(sound, size, hop)]
  const text = `spectrogram: ${frames.length} frames of ${size / 2 + 1} frequencies up to ${sampleRate / 2} Hz`
  return shownAs(
    { size, sampleRate, hop, frames },
    {
      text: () => text,
      async svg() {
        const { spectrogramSvg } = await import("../../charts/spectrogram.ts")
        return spectrogramSvg({ frames, seconds: sound.samples.length / sampleRate, highest: sampleRate / 2 })
      },
    },
  )
}

/** The mean power spectrum over frames that overlap by half. Throws a UserError if there are no samples. */
export function spectrum(sound: Sound, { size = 1024 } = {}): Spectrum {
  if (sound.samples.length === 0) throw new UserError("a spectrum of no samples: give a sound that has some")
  requireFrames(size, size / 2)
  const powers = new Float64Array(size / 2 + 1)
  let count = 0
  for (const frame of framesOf(sound, size, size / 2)) {
    for (let k = 0; k < powers.length; k++) powers[k] += frame[k]
    count++
  }
  return { size, sampleRate: sound.sampleRate, powers: powers.map((power) => power / count) }
}

function requireFrames(size: number, hop: number): void {
  if (!(Number.isInteger(Math.log2(size)) && size >= 4 && size <= MAX_SIZE))
    throw new UserError(`size ${told(size)}: give a power of two from 4 to ${MAX_SIZE}`)
  if (!(Number.isInteger(hop) && hop >= 1))
    throw new UserError(`hop ${told(hop)}: give a whole number of at least 1`)
}

/** The power spectrum (size / 2 + 1) of each frame. */
function* framesOf({ samples }: Sound, size: number, hop: number): Generator<Float64Array> {
  const fft = new FFT(size)
  const window = Float64Array.from({ length: size }, (_, k) => 0.5 - 0.5 * Math.cos((2 * Math.PI * k) / size))
  const windowed = new Float64Array(size)
  const transformed: number[] = fft.createComplexArray()
  const scale = (4 / size) ** 2 // half a sine's amplitude is at the negative frequency, and the window's mean is 1/2
  for (let center = 0; center < samples.length; center += hop) {
    for (let k = 0; k < size; k++) windowed[k] = (samples[center - size / 2 + k] ?? 0) * window[k]
    fft.realTransform(transformed, windowed)
    yield Float64Array.from(
      { length: size / 2 + 1 },
      (_, k) => scale * (transformed[2 * k] ** 2 + transformed[2 * k + 1] ** 2),
    )
  }
}

/** The frequency with the most power, in Hz, refined by a parabola through the log powers of the peak and its neighbours. */
export function spectralPeak(sound: Sound): number {
  const { size, sampleRate, powers } = spectrum(sound)
  let highest = 1 // bin 0 is DC
  for (let k = 2; k < powers.length - 1; k++) if (powers[k] > powers[highest]) highest = k
  const [before, at, after] = [-1, 0, 1].map((k) => Math.log(powers[highest + k] || Number.MIN_VALUE))
  const curvature = before - 2 * at + after
  const peak = highest + (curvature < 0 ? (before - after) / 2 / curvature : 0)
  return (Math.max(0, peak) * sampleRate) / size
}
