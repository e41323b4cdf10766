/**
 * The short-time Fourier transform of a sound: its spectrogram, its mean power spectrum and its spectral peak.
 * Source: Welch 1967, https://doi.org/10.1109/TAU.1967.1161901, with Hann windows.
 */
import FFT from "fft.js"
import type { Sound } from "./wav.ts"

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

export function spectrogram(
  { sampleRate, samples }: Sound,
  { size = 256, hop = size / 4 }: { size?: number; hop?: number } = {},
): Spectrogram {
  const fft = new FFT(size)
  const window = Float64Array.from({ length: size }, (_, k) => 0.5 - 0.5 * Math.cos((2 * Math.PI * k) / size))
  const windowed = new Float64Array(size)
  const transformed: number[] = fft.createComplexArray()
  const scale = (4 / size) ** 2 // half a sine's amplitude is at the negative frequency, and the window's mean is 1/2
  const frames = Array.from({ length: Math.ceil(samples.length / hop) }, (_, frame) => {
    const start = frame * hop - size / 2
    for (let k = 0; k < size; k++) windowed[k] = (samples[start + k] ?? 0) * window[k]
    fft.realTransform(transformed, windowed)
    return Float64Array.from(
      { length: size / 2 + 1 },
      (_, k) => scale * (transformed[2 * k] ** 2 + transformed[2 * k + 1] ** 2),
    )
  })
  return { size, sampleRate, hop, frames }
}

/** The mean power spectrum over frames that overlap by half. */
export function spectrum(sound: Sound, { size = 1024 } = {}): Spectrum {
  const { frames } = spectrogram(sound, { size, hop: size / 2 })
  const powers = new Float64Array(size / 2 + 1)
  for (const frame of frames) for (let k = 0; k < powers.length; k++) powers[k] += frame[k] / frames.length
  return { size, sampleRate: sound.sampleRate, powers }
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
