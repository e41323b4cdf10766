/**
 * Sounds to begin with, made here so that nothing has to be fetched: a music box that plays notes of a pentatonic scale, each a fundamental
 * and two overtones that fade, with a little hiss. Without hiss a network meets nothing like its own first mistake, and falls into noise.
 */
import { writeWav } from "../../../src/data/sound/wav.ts"
import { Generator } from "../../../src/random/torch.ts"
import type { UserFile } from "./messages.ts"

const SAMPLE_RATE = 4000
const NOTES = 100
const SECONDS_OF_NOTE = 0.25

/** In Hz: A, C, D, E, G. */
const scale = [220, 261.63, 293.66, 329.63, 392]

/** The strength of the fundamental and its overtones, and how fast each fades, in 1 / s. */
const partials = [
  { strength: 0.6, fading: 10 },
  { strength: 0.2, fading: 16 },
  { strength: 0.1, fading: 25 },
]

/** The standard deviation of the hiss. */
const HISS = 0.004

/** The WAV files of the data set TONES. */
export async function makeTones(): Promise<UserFile[]> {
  const length = SECONDS_OF_NOTE * SAMPLE_RATE
  const generator = new Generator(1)
  const samples = generator.randn(NOTES * length).map((sample) => HISS * sample)
  for (let note = 0; note < NOTES; note++) {
    const pitch = scale[generator.randint(0, scale.length, 1)[0]]
    for (let k = 0; k < length; k++) {
      const time = k / SAMPLE_RATE
      const attack = Math.min(1, time / 0.005)
      for (const [overtone, { strength, fading }] of partials.entries())
        samples[note * length + k] +=
          attack * strength * Math.exp(-fading * time) * Math.sin(2 * Math.PI * (overtone + 1) * pitch * time)
    }
  }
  return [{ name: "music-box.wav", bytes: await writeWav({ sampleRate: SAMPLE_RATE, samples }) }]
}
