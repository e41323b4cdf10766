/**
 * Acoustic features that distinguish speech from noise (flat spectrum, no pitch), hum (no syllables) and silence (no level).
 */
import { resampleNow } from "./resample.ts"
import type { Sound } from "./sound.ts"
import { type Spectrum, spectrum } from "./spectrum.ts"

export interface SoundFigures {
  readonly seconds: number
  /** The peak in dBFS; -Infinity for silence. */
  readonly peakDecibels: number
  /** The RMS level in dBFS; about -30 to -15 for speech. */
  readonly levelDecibels: number
  /** Spectral flatness, geometric over arithmetic mean: near 1 for white noise, 0 for a tone, below 0.1 for speech. */
  readonly flatness: number
  /** Zero crossings per second: half the sample rate for white noise, twice the frequency for a tone. */
  readonly zeroCrossings: number
  /** The fraction of the power between 100 and 3,000 Hz: nearly 1 for speech. */
  readonly speechBand: number
  /** The fraction of loudness modulation at the rate of syllables, 2 to 8 Hz; about 1/8 for steady sound. */
  readonly syllables: number
  /** The median over the voiced frames, in Hz; undefined if there are none. */
  readonly pitch?: number
  /** The fraction of the audible frames that have a pitch. */
  readonly voiced: number
}

const decibels = (power: number): number => 10 * Math.log10(power)

const energyOf = (samples: Float32Array): number => samples.reduce((sum, sample) => sum + sample ** 2, 0)

/** Throws a UserError if there are no samples. */
export function soundFigures(sound: Sound): SoundFigures {
  const { sampleRate, samples } = sound
  const seconds = samples.length / sampleRate
  const power = energyOf(samples) / samples.length
  const peak = samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0)
  let crossings = 0
  for (let k = 1; k < samples.length; k++) if (samples[k] < 0 !== samples[k - 1] < 0) crossings++
  const whole = spectrum(sound)
  const { pitches, frames } = pitchesOf(sound)
  const pitch = pitches.sort((a, b) => a - b)[Math.floor(pitches.length / 2)]
  return {
    seconds,
    peakDecibels: decibels(peak ** 2),
    levelDecibels: decibels(power),
    flatness: flatnessOf(whole),
    zeroCrossings: crossings / seconds,
    speechBand: bandFraction(whole, 100, 3000),
    syllables: syllablesOf(sound),
    ...(pitch !== undefined && { pitch }),
    voiced: frames === 0 ? 0 : pitches.length / frames,
  }
}

function flatnessOf({ powers }: Spectrum): number {
  const inner = powers.subarray(1, -1)
  const mean = inner.reduce((a, b) => a + b, 0) / inner.length
  if (mean === 0) return 0
  const floor = 1e-12 * mean // -120 dB
  const logs = inner.reduce((sum, power) => sum + Math.log(Math.max(power, floor)), 0)
  return Math.exp(logs / inner.length) / mean
}

/** The fraction of the power, without the DC bin, from one frequency to another. */
function bandFraction({ powers, sampleRate, size }: Spectrum, from: number, to: number): number {
  let [inside, all] = [0, 0]
  for (let k = 1; k < powers.length; k++) {
    const frequency = (k * sampleRate) / size
    if (frequency >= from && frequency < to) inside += powers[k]
    all += powers[k]
  }
  return all === 0 ? 0 : inside / all
}

/** Computed from the loudness at 100 Hz, treated as a sound. */
function syllablesOf({ sampleRate, samples }: Sound): number {
  const perSecond = 100
  const frame = sampleRate / perSecond
  const loudness = Float32Array.from({ length: Math.floor(samples.length / frame) }, (_, k) => {
    const part = samples.subarray(Math.round(k * frame), Math.round((k + 1) * frame))
    return Math.sqrt(energyOf(part) / part.length)
  })
  if (loudness.length === 0) return 0
  const mean = loudness.reduce((a, b) => a + b, 0) / loudness.length
  const changes = { sampleRate: perSecond, samples: loudness.map((level) => level - mean) }
  return bandFraction(spectrum(changes, { size: 128 }), 2, 8)
}

/** The highest rate at which pitches are measured, in Hz: the time needed grows with its square. */
const PITCH_RATE = 16_000
/** The most frames that are searched for a pitch: those of 100 s. Over a longer sound they are spread evenly. */
const PITCH_FRAMES = 5000

/**
 * The pitch of each voiced frame of 40 ms, from the maximum of its normalized autocorrelation.
 * Source: Rabiner 1977, https://doi.org/10.1109/TASSP.1977.1162905
 */
function pitchesOf(sound: Sound) {
  const { sampleRate, samples } = sound.sampleRate > PITCH_RATE ? resampleNow(sound, PITCH_RATE) : sound
  const [lowest, highest] = [60, 400] // Hz, the range of voices
  const [shortest, longest] = [Math.floor(sampleRate / highest), Math.ceil(sampleRate / lowest)]
  const width = Math.round(0.04 * sampleRate)
  const hop = Math.max(Math.round(0.02 * sampleRate), Math.ceil(samples.length / PITCH_FRAMES))
  const power = energyOf(samples) / samples.length
  const pitches: number[] = []
  let frames = 0
  for (let start = 0; start + width + longest < samples.length; start += hop) {
    const energy = (from: number) => energyOf(samples.subarray(from, from + width))
    const here = energy(start)
    if (here < 0.05 * power * width || here === 0) continue // a pause
    frames++
    const correlations = Array.from({ length: longest - shortest + 1 }, (_, k) => {
      const lag = shortest + k
      let product = 0
      for (let t = start; t < start + width; t++) product += samples[t] * samples[t + lag]
      return product / Math.sqrt(here * energy(start + lag) || Number.MIN_VALUE)
    })
    const best = correlations.reduce((a, b) => Math.max(a, b))
    if (best < 0.6) continue
    // Multiples of the period correlate as well, so take the first local maximum close to the best.
    const at = (k: number) => correlations[k] ?? -1
    const first = correlations.findIndex((r, k) => r >= 0.9 * best && r >= at(k - 1) && r >= at(k + 1))
    pitches.push(sampleRate / (shortest + first))
  }
  return { pitches, frames }
}
