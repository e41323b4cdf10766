/** Sounds for tests, and files of them. */
import wavefile from "wavefile"
import type { Sound } from "../src/data/sound/index.ts"
import { Generator } from "../src/random/index.ts"

export const tone = (frequency: number, { sampleRate = 8000, seconds = 1, amplitude = 0.5 } = {}): Sound => ({
  sampleRate,
  samples: Float32Array.from(
    { length: Math.round(sampleRate * seconds) },
    (_, k) => amplitude * Math.sin((2 * Math.PI * frequency * k) / sampleRate),
  ),
})

export const silence = (seconds: number, sampleRate = 8000): Sound => ({
  sampleRate,
  samples: new Float32Array(sampleRate * seconds),
})

export const joined = (...sounds: Sound[]): Sound => ({
  sampleRate: sounds[0].sampleRate,
  samples: Float32Array.from(sounds.flatMap(({ samples }) => [...samples])),
})

export const noise = (seconds: number, seed = 1): Sound => ({
  sampleRate: 8000,
  samples: new Generator(seed).rand(8000 * seconds).map((x) => x - 0.5),
})

/** A file as other programs write it: channels of samples in a depth of wavefile's, such as "24" or "32f". */
export function fileOf(channels: readonly ArrayLike<number>[], depth: string, sampleRate = 8000): Uint8Array {
  const bits = Number.parseInt(depth, 10)
  const scale = depth === "32f" || depth === "64" ? 1 : 2 ** (bits - 1) - 1
  const middle = depth === "8" ? 128 : 0
  const wav = new wavefile.WaveFile()
  const values = channels.map((samples) => Float64Array.from(samples, (x) => Math.fround(x) * scale + middle))
  const whole = scale === 1 ? values : values.map((each) => each.map(Math.round))
  wav.fromScratch(channels.length, sampleRate, depth, channels.length === 1 ? whole[0] : (whole as never))
  return wav.toBuffer()
}

export const rms = (samples: ArrayLike<number>): number =>
  Math.sqrt(Array.from(samples).reduce((sum, x) => sum + x ** 2, 0) / samples.length)

export const differences = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  rms(Array.from(a, (x, k) => x - b[k]))
