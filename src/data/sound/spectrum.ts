/**
 * Which frequencies a sound is made of: over its time as a spectrogram, as a whole as a mean spectrum, and the strongest one.
 * Source: Welch 1967, https://doi.org/10.1109/TAU.1967.1161901, with windows of von Hann.
 */
import FFT from "fft.js"
import type { Sound } from "./wav.ts"

/** Power by frequency: bin k is k sampleRate / size Hz, up to half the sample rate. */
export interface Spectrum {
  /** How many samples a frame has, a power of two. */
  readonly size: number
  readonly sampleRate: number
  readonly powers: Float64Array // (size / 2 + 1)
}

/** Power by time and frequency. */
export interface Spectrogram {
  readonly size: number
  readonly sampleRate: number
  /** Samples from the middle of one frame to that of the next; the first stands at the first sample. */
  readonly hop: number
  /** A spectrum a frame. A sine of amplitude 1 has power 1 in its bin. */
  readonly frames: readonly Float64Array[] // each (size / 2 + 1)
}

export function spectrogram(
  { sampleRate, samples }: Sound,
  { size = 256, hop = size / 4 }: { size?: number; hop?: number } = {},
): Spectrogram {
  const fft = new FFT(size)
  const window = Float64Array.from({ length: size }, (_, k) => 0.5 - 0.5 * Math.cos((2 * Math.PI * k) / size))
  const part = new Float64Array(size)
  const transformed: number[] = fft.createComplexArray()
  const scale = (4 / size) ** 2 // half of a sine is in the other half of the spectrum, and the window's mean is 1/2
  const frames = Array.from({ length: Math.ceil(samples.length / hop) }, (_, frame) => {
    const start = frame * hop - size / 2
    for (let k = 0; k < size; k++) part[k] = (samples[start + k] ?? 0) * window[k]
    fft.realTransform(transformed, part)
    return Float64Array.from(
      { length: size / 2 + 1 },
      (_, k) => scale * (transformed[2 * k] ** 2 + transformed[2 * k + 1] ** 2),
    )
  })
  return { size, sampleRate, hop, frames }
}

/** The mean over frames. */
export function spectrum(sound: Sound, { size = 1024 } = {}): Spectrum {
  const { frames } = spectrogram(sound, { size, hop: size / 2 })
  const powers = new Float64Array(size / 2 + 1)
  for (const frame of frames) for (let k = 0; k < powers.length; k++) powers[k] += frame[k] / frames.length
  return { size, sampleRate: sound.sampleRate, powers }
}

/**
 * The frequency in Hz that is strongest, to a small part of a bin: a parabola through the logarithms of the highest bin and
 * those beside it has its top there.
 */
export function spectralPeak(sound: Sound, options?: { size?: number }): number {
  const { size, sampleRate, powers } = spectrum(sound, options)
  let highest = 1 // bin 0 is no frequency
  for (let k = 2; k < powers.length - 1; k++) if (powers[k] > powers[highest]) highest = k
  const [before, at, after] = [-1, 0, 1].map((k) => Math.log(powers[highest + k] || Number.MIN_VALUE))
  const bend = before - 2 * at + after
  const top = highest + (bend < 0 ? (before - after) / 2 / bend : 0)
  return (Math.max(0, top) * sampleRate) / size
}
