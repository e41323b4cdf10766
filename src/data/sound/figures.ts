/**
 * A sound in figures, which tell speech from noise and from silence: noise has a flat spectrum and no pitch, silence no level, a
 * hum no syllables.
 */
import { type Spectrum, spectrum } from "./spectrum.ts"
import type { Sound } from "./wav.ts"

export interface SoundFigures {
  readonly seconds: number
  /** Of the largest sample, in decibels below the loudest that a file can hold; -Infinity of silence. */
  readonly peakDecibels: number
  /** Of the root of the mean square; speech has about -30 to -15. */
  readonly levelDecibels: number
  /** The geometric over the arithmetic mean of the spectrum: near 1 of white noise, 0 of a tone; speech has below 0.1. */
  readonly flatness: number
  /** How often a second the sign changes: of white noise half the sample rate, of a tone twice its frequency. */
  readonly zeroCrossings: number
  /** The part of the power from 100 to 3,000 Hz, where speech has nearly all of its own. */
  readonly speechBand: number
  /** The part of the changes of loudness that has the pace of syllables, 2 to 8 Hz; of steady sound about an eighth. */
  readonly syllables: number
  /** In Hz, the median of the frames that have one; undefined where none has. */
  readonly pitch?: number
  /** The part of the frames of sound that have a pitch. */
  readonly voiced: number
}

const decibels = (power: number): number => 10 * Math.log10(power)

export function soundFigures(sound: Sound): SoundFigures {
  const { sampleRate, samples } = sound
  const seconds = samples.length / sampleRate
  const power = samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
  let crossings = 0
  for (let k = 1; k < samples.length; k++) if (samples[k] < 0 !== samples[k - 1] < 0) crossings++
  const whole = spectrum(sound)
  const { pitches, frames } = pitchesOf(sound)
  const middle = pitches.toSorted()[Math.floor(pitches.length / 2)]
  return {
    seconds,
    peakDecibels: decibels(peak ** 2),
    levelDecibels: decibels(power),
    flatness: flatnessOf(whole),
    zeroCrossings: crossings / seconds,
    speechBand: partBetween(whole, 100, 3000),
    syllables: syllablesOf(sound),
    ...(middle !== undefined && { pitch: middle }),
    voiced: frames === 0 ? 0 : pitches.length / frames,
  }
}

function flatnessOf({ powers }: Spectrum): number {
  const inside = powers.subarray(1, -1)
  const mean = inside.reduce((a, b) => a + b, 0) / inside.length
  if (mean === 0) return 0
  // What is 120 dB below the mean is nothing.
  const logs = inside.reduce((sum, each) => sum + Math.log(Math.max(each, 1e-12 * mean)), 0)
  return Math.exp(logs / inside.length) / mean
}

/** The part of the power from one frequency to another, of all but the mean. */
function partBetween({ powers, sampleRate, size }: Spectrum, from: number, to: number): number {
  let [inside, all] = [0, 0]
  for (let k = 1; k < powers.length; k++) {
    const frequency = (k * sampleRate) / size
    if (frequency >= from && frequency < to) inside += powers[k]
    all += powers[k]
  }
  return all === 0 ? 0 : inside / all
}

/** Of the loudness, taken 100 times a second, as a sound of its own. */
function syllablesOf({ sampleRate, samples }: Sound): number {
  const perSecond = 100
  const frame = sampleRate / perSecond
  const loudness = Float32Array.from({ length: Math.floor(samples.length / frame) }, (_, k) => {
    const part = samples.subarray(Math.round(k * frame), Math.round((k + 1) * frame))
    return Math.sqrt(part.reduce((sum, sample) => sum + sample ** 2, 0) / part.length)
  })
  const mean = loudness.reduce((a, b) => a + b, 0) / loudness.length
  const changes = { sampleRate: perSecond, samples: loudness.map((each) => each - mean) }
  return partBetween(spectrum(changes, { size: 128 }), 2, 8)
}

/**
 * The pitch of each frame of 40 ms that has one: where a frame is most like itself so many samples later.
 * Source: Rabiner 1977, https://doi.org/10.1109/TASSP.1977.1162905
 */
function pitchesOf({ sampleRate, samples }: Sound): { pitches: Float64Array; frames: number } {
  const [lowest, highest] = [60, 400] // of voices, in Hz
  const [shortest, longest] = [Math.floor(sampleRate / highest), Math.ceil(sampleRate / lowest)]
  const width = Math.round(0.04 * sampleRate)
  const hop = Math.round(0.02 * sampleRate)
  const power = samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length
  const found: number[] = []
  let frames = 0
  for (let start = 0; start + width + longest < samples.length; start += hop) {
    const energy = (from: number) =>
      samples.subarray(from, from + width).reduce((sum, sample) => sum + sample ** 2, 0)
    const here = energy(start)
    if (here < 0.05 * power * width || here === 0) continue // a pause
    frames++
    const likeness = Array.from({ length: longest - shortest + 1 }, (_, k) => {
      const lag = shortest + k
      let product = 0
      for (let t = start; t < start + width; t++) product += samples[t] * samples[t + lag]
      return product / Math.sqrt(here * energy(start + lag) || Number.MIN_VALUE)
    })
    const best = likeness.reduce((a, b) => Math.max(a, b))
    if (best < 0.6) continue
    // What repeats after one period does so after two as well, so the first that is nearly as good is it.
    const first = likeness.findIndex(
      (each, k) => each >= 0.9 * best && each >= (likeness[k - 1] ?? -1) && each >= (likeness[k + 1] ?? -1),
    )
    found.push(sampleRate / (shortest + first))
  }
  return { pitches: Float64Array.from(found), frames }
}
