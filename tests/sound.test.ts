/** Sound as data: its levels, the silence at its ends, its frequencies and figures. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { soundFigures } from "../src/data/sound/figures.ts"
import { LEVELS, muLawDecode, muLawEncode, SILENCE } from "../src/data/sound/mu-law.ts"
import type { Sound } from "../src/data/sound/sound.ts"
import { spectralPeak, spectrogram, spectrum } from "../src/data/sound/spectrum.ts"
import { trimSilence } from "../src/data/sound/trim-silence.ts"
import { readWav, writeWav } from "../src/data/sound/wav.ts"
import { parseLines } from "../src/data/text.ts"
import { UserError } from "../src/errors.ts"
import { joined, noise, silence, tone } from "./sounds.ts"

describe("µ-law", () => {
  const all = Array.from({ length: LEVELS }, (_, level) => level)

  test("levels decode and encode to themselves, so all 256 are used", () => {
    expect([...muLawEncode(muLawDecode(all))]).toEqual(all)
    expect([
      ...new Set(muLawEncode(Float64Array.from({ length: 60_001 }, (_, k) => k / 30_000 - 1))),
    ]).toEqual(all)
  })

  test("levels increase with the samples", () => {
    const sample = fc.double({ min: -1.5, max: 1.5, noNaN: true })
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const [x, y] = muLawEncode([a, b])
        if (a < b) expect(x).toBeLessThanOrEqual(y)
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(0)
        expect(Math.max(x, y)).toBeLessThan(LEVELS)
      }),
    )
  })

  test("the error of a round trip is a small fraction of the sample, and next to nothing in silence", () => {
    const samples = Float64Array.from({ length: 2001 }, (_, k) => k / 1000 - 1)
    const back = muLawDecode(muLawEncode(samples))
    for (const [k, sample] of samples.entries())
      expect(Math.abs(back[k] - sample)).toBeLessThan(0.022 * Math.abs(sample) + 1e-4)
    expect(muLawEncode([0, -2, 2, -1, 1])).toEqual(Int32Array.of(SILENCE, 0, 255, 0, 255))
  })

  test("levels follow the paper's equation", () => {
    // sign(x) ln(1 + 255 |x|) / ln 256 by hand: 0.1 -> 0.591; 127.5 (1 + 0.591) = 202.9
    expect([...muLawEncode([0.1, -0.1, 0.01, -0.5])]).toEqual([203, 52, 157, 16])
  })
})

describe("silence", () => {
  test("is trimmed at both ends and kept in the middle", () => {
    const sound = joined(silence(0.5), tone(440), silence(0.3), tone(440), silence(1))
    const { samples } = trimSilence(sound)
    expect(samples.length / 8000).toBeCloseTo(2.3, 1)
  })

  test("is relative to the loudest frame, so a sound quiet throughout is kept", () => {
    const quiet = tone(440, { amplitude: 0.005 }) // 40 dB below 0.5
    expect(trimSilence(quiet).samples.length).toBe(8000)
    const both = joined(quiet, tone(440))
    expect(trimSilence(both, 30).samples.length).toBe(8000)
    expect(trimSilence(both, 50).samples.length).toBe(16_000)
    expect(trimSilence(joined(silence(1), both), 0).samples.length).toBe(24_000)
  })

  test("alone is trimmed to nothing", () => expect(trimSilence(silence(1)).samples.length).toBe(0))
})

describe("frequencies", () => {
  test("the spectral peak of a tone is its frequency, to a tenth of a bin", () => {
    for (const frequency of [100, 441, 1234.5, 3900])
      expect(Math.abs(spectralPeak(tone(frequency)) - frequency)).toBeLessThan(0.8)
  })

  test("a tone of amplitude 1 has power 1 in its bin, in each frame", () => {
    const sound = joined(tone(1000, { amplitude: 1 }), silence(1))
    const { frames, hop, size } = spectrogram(sound, { size: 256 })
    const bin = (1000 / 8000) * size
    expect(frames.length).toBe(16_000 / hop)
    expect(frames[30][bin]).toBeCloseTo(1, 5)
    expect(frames[30].indexOf(Math.max(...frames[30]))).toBe(bin)
    expect(frames[180][bin]).toBe(0)
  })
})

describe("impossible arguments get a sentence from the function that is called", () => {
  const sound = tone(440, { seconds: 0.01 })
  const empty = { sampleRate: 8000, samples: new Float32Array() }
  test.each<[string, () => unknown, RegExp]>([
    ["NaN as a sample", () => muLawEncode([0, Number.NaN]), /^muLawEncode: sample 1 is NaN: give numbers$/],
    ...[256, -1, 0.5, Number.NaN].map((level): [string, () => unknown, RegExp] => [
      `level ${level}`,
      () => muLawDecode([0, level]),
      /^muLawDecode: level 1 is .*: give whole numbers from 0 to 255$/,
    ]),
    ...[-1, Number.NaN, "40"].map((decibels): [string, () => unknown, RegExp] => [
      `silence of ${decibels}`,
      () => trimSilence(sound, decibels as number),
      /^silence .*: give decibels of at least 0, such as 40$/,
    ]),
    ...[0, 3, 2, -256, Number.NaN, Infinity, 2 ** 21].map((size): [string, () => unknown, RegExp] => [
      `frames of ${size}`,
      () => spectrogram(sound, { size }),
      /^size .*: give a power of two from 4 to 1048576$/,
    ]),
    ...[0, -256, 2 ** 50].map((size): [string, () => unknown, RegExp] => [
      `a spectrum of frames of ${size}`,
      () => spectrum(sound, { size }),
      /^size .*: give a power of two from 4 to 1048576$/,
    ]),
    ...[0, -1, 0.5, Number.NaN].map((hop): [string, () => unknown, RegExp] => [
      `a hop of ${hop}`,
      () => spectrogram(sound, { hop }),
      /^hop .*: give a whole number of at least 1$/,
    ]),
    [
      "a spectrum of nothing",
      () => spectralPeak(empty),
      /^a spectrum of no samples: give a sound that has some$/,
    ],
    ["figures of nothing", () => soundFigures(empty), /^a spectrum of no samples/],
  ])("%s", (_, call, sentence) => {
    expect(call).toThrow(UserError)
    expect(call).toThrow(sentence)
  })

  test("figures of a sound at 384,000 Hz take no longer than a test may", () => {
    const shrill = tone(200, { sampleRate: 384_000 })
    expect(soundFigures(shrill).pitch).toBeCloseTo(200, 0)
  })

  test("a very short sound has figures", () => {
    expect(soundFigures(tone(440, { seconds: 0.001 }))).toMatchObject({ seconds: 0.001, syllables: 0 })
  })

  test("only bytes are read", async () => {
    for (const bytes of [new ArrayBuffer(60), undefined, "RIFF"])
      await expect(readWav(bytes as never)).rejects.toThrow(
        /^readWav: .* in place of the bytes of a file: give a Uint8Array/,
      )
    for (const bytes of [new ArrayBuffer(60), undefined, 5])
      expect(() => parseLines(bytes as never, { name: "t" })).toThrow(
        /^t: .* in place of the bytes of a file/,
      )
  })

  test("NaN and impossible rates are not written", async () => {
    await expect(writeWav({ sampleRate: 8000, samples: Float32Array.of(0, Number.NaN) })).rejects.toThrow(
      "writeWav: sample 1 is NaN: give numbers",
    )
    await expect(writeWav({ ...sound, sampleRate: 0 })).rejects.toThrow(
      "a sample rate of 0: give a whole number",
    )
    await expect(readWav(await writeWav(sound), { sampleRate: Number.NaN })).rejects.toThrow(
      "a sample rate of NaN",
    )
  })
})

describe("figures", () => {
  /** A hum with the overtones of a voice, that comes and goes four times a second. */
  const babble: Sound = {
    sampleRate: 8000,
    samples: Float32Array.from({ length: 16_000 }, (_, k) => {
      const overtones = Array.from(
        { length: 12 },
        (_, n) => Math.sin((2 * Math.PI * 125 * (n + 1) * k) / 8000) / (n + 1),
      )
      return 0.1 * (1 + Math.sin((2 * Math.PI * 4 * k) / 8000)) * overtones.reduce((a, b) => a + b)
    }),
  }

  test("find a pitch whose period is not a whole number of samples, though two periods are", () => {
    const overtones = [1, 2, 3, 4, 5].map(
      (n) => tone((n * 8000) / 34.5, { seconds: 2, amplitude: 0.1 }).samples,
    )
    const samples = overtones[0].map((_, k) => overtones.reduce((sum, each) => sum + each[k], 0))
    expect(Math.abs(soundFigures({ sampleRate: 8000, samples }).pitch! - 8000 / 34.5)).toBeLessThan(4)
  })

  test("distinguish a voice from noise, a hum and silence", () => {
    const voice = soundFigures(babble)
    expect(voice.pitch).toBe(125)
    expect(voice.voiced).toBeGreaterThan(0.9)
    expect(voice.syllables).toBeGreaterThan(0.8)
    expect(voice.speechBand).toBeGreaterThan(0.99)
    expect(voice.flatness).toBeLessThan(0.01)
    expect(voice.seconds).toBe(2)

    const hiss = soundFigures(noise(2))
    expect(hiss.voiced).toBe(0)
    expect(hiss.pitch).toBeUndefined()
    expect(hiss.flatness).toBeGreaterThan(0.9)
    expect(hiss.zeroCrossings).toBeGreaterThan(3700)
    expect(hiss.syllables).toBeLessThan(0.3)

    const hum = soundFigures(tone(200, { seconds: 2 }))
    expect(hum.zeroCrossings).toBeCloseTo(400, -1)
    expect(hum.levelDecibels).toBeCloseTo(20 * Math.log10(0.5 / Math.SQRT2), 2)
    expect(hum.peakDecibels).toBeCloseTo(20 * Math.log10(0.5), 2)
    expect(hum.pitch).toBe(200)

    const nothing = soundFigures(silence(1))
    expect(nothing).toEqual({
      seconds: 1,
      peakDecibels: -Infinity,
      levelDecibels: -Infinity,
      flatness: 0,
      zeroCrossings: 0,
      speechBand: 0,
      syllables: 0,
      voiced: 0,
    })
  })
})
