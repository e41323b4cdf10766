/** WAV files of any kind in and out, and at another rate; what is none, or not whole, in a sentence. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import wavefile from "wavefile"
import { spectralPeak } from "../src/data/sound/spectrum.ts"
import { readWav, resample, writeWav } from "../src/data/sound/wav.ts"
import { UserError } from "../src/errors.ts"
import { differences, fileOf, rms, tone } from "./sounds.ts"

describe("WAV files", () => {
  const { samples } = tone(440, { seconds: 0.1 })

  test.each(["8", "16", "24", "32", "32f", "64"])("of depth %s come in as they are", async (depth) => {
    const read = await readWav(fileOf([samples], depth))
    expect(read.sampleRate).toBe(8000)
    expect(read.samples.length).toBe(samples.length)
    expect(differences(read.samples, samples)).toBeLessThan(depth === "8" ? 0.005 : 3e-5)
  })

  test.each(["16", "24", "32", "32f", "64"])(
    "big-endian, of depth %s, are the same samples",
    async (depth) => {
      const file = fileOf([samples], depth)
      const wav = new wavefile.WaveFile(file)
      wav.toRIFX()
      expect(await readWav(wav.toBuffer())).toEqual(await readWav(file))
    },
  )

  test("20 bits are read as the upper ones of 24", async () => {
    const file = fileOf([samples], "24")
    const whole = (await readWav(file)).samples
    file[34] = 20
    expect((await readWav(file)).samples).toEqual(whole)
  })

  test.each(["ALaw", "MuLaw"] as const)("telephone sound (%s) is decoded exactly", async (law) => {
    const wav = new wavefile.WaveFile(fileOf([samples], "16"))
    wav[`to${law}`]()
    const bytes = wav.toBuffer().slice(0, -samples.length)
    const read = await readWav(Uint8Array.from([...bytes, ...samples.map((_, k) => k % 256)]))
    const expected = new wavefile.WaveFile(Uint8Array.from([...bytes, ...samples.map((_, k) => k % 256)]))
    expected[`from${law}`]()
    expect([...read.samples]).toEqual(Array.from(expected.getSamples(true), (value) => value / 2 ** 15))
  })

  test.each(["8", "24", "32f"])("eight channels of depth %s are mixed into one", async (depth) => {
    const channels = Array.from({ length: 8 }, (_, k) => samples.map((x) => (k % 2 === 0 ? x : 0)))
    const read = await readWav(fileOf(channels, depth))
    expect(read.samples.length).toBe(samples.length)
    expect(
      differences(
        read.samples,
        samples.map((x) => x / 2),
      ),
    ).toBeLessThan(0.005)
  })

  test("with other chunks first, or with an unknown length", async () => {
    const plain = fileOf([samples], "16")
    const list = new TextEncoder().encode("LIST\x05\0\0\0INFO!\0")
    const tagged = Uint8Array.from([...plain.subarray(0, 36), ...list, ...plain.subarray(36), ...list])
    expect((await readWav(tagged)).samples).toEqual((await readWav(plain)).samples)

    const streamed = plain.slice()
    streamed.fill(0xff, 40, 44)
    expect((await readWav(streamed)).samples).toEqual((await readWav(plain)).samples)
  })

  test("are read as they were written", async () => {
    const { sampleRate, samples } = tone(300, { sampleRate: 11_025, amplitude: 0.9 })
    const read = await readWav(await writeWav({ sampleRate, samples }))
    expect(read.sampleRate).toBe(sampleRate)
    expect(differences(read.samples, samples)).toBeLessThan(2e-5)
    expect([
      ...(await readWav(await writeWav({ sampleRate, samples: Float32Array.of(2, -2) }))).samples,
    ]).toEqual([32767 / 32768, -1])
  })

  test.each([
    ["nothing", () => new Uint8Array(), "the file is empty"],
    ["a text", () => new TextEncoder().encode("anna\nemma\n".repeat(10)), "not a WAV file"],
    [
      "a RIFF file of another kind",
      () => new TextEncoder().encode("RIFF\x10\0\0\0AVI LIST"),
      "not a WAV file",
    ],
    ["a head alone", () => fileOf([samples], "16").subarray(0, 30), "the file ends before its samples"],
    ["a part", () => fileOf([samples], "16").subarray(0, 844), "truncated after 0.05 of 0.10 seconds"],
    ["no samples", () => fileOf([[]], "16"), "the file has no samples"],
    ["a compressed file", () => changed(20, 2), "the sound is compressed (format 2)"],
    ["an odd depth", () => changed(34, 40), "the samples have 40 bits: give 8, 16, 24 or 32"],
    ["no channel", () => changed(22, 0), "no channels"],
    ["an impossible rate", () => changed(24, 7, 0), "the sample rate is 7 Hz"],
    ["no numbers", () => fileOf([[0, Number.NaN]], "32f"), "sample 1 is NaN"],
  ])("%s is a sentence", async (_, bytes, sentence) => {
    const error = await readWav(bytes(), { name: "a.wav" }).catch((error) => error)
    expect(error).toBeInstanceOf(UserError)
    expect(error.message).toContain(`a.wav: ${sentence}`)
    expect(error.message).toMatch(/: (give|copy|cut) /)
  })

  /** A file with two bytes of its head changed. */
  function changed(at: number, ...bytes: number[]): Uint8Array {
    const file = fileOf([samples], "16")
    file.set(bytes, at)
    return file
  }

  test("any bytes, and any change to a valid file, give a sound or one sentence", async () => {
    const whole = fileOf([samples.subarray(0, 40), samples.subarray(0, 40)], "24")
    const damaged = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 })
      .map((changes) => {
        const bytes = whole.slice()
        for (const [at, byte] of changes) bytes[at] = byte
        return bytes
      })
    const chunks = fc
      .array(
        fc.constantFrom("RIFF", "WAVE", "LIST", "fmt ", "data", "\0\0\0\0", "\x10\0\0\0", "\x01\0\x01\0"),
      )
      .map((words) => new TextEncoder().encode(`RIFF\0\0\0\0WAVE${words.join("")}`))
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.uint8Array({ maxLength: 100 }), damaged, chunks),
        fc.nat(),
        async (bytes, length) => {
          const cut = bytes.subarray(0, length % (bytes.length + 1))
          for (const each of [bytes, cut])
            try {
              const { samples, sampleRate } = await readWav(each, { name: "fuzz.wav" })
              expect(samples.length).toBeGreaterThan(0)
              expect(samples.every(Number.isFinite)).toBe(true)
              expect(sampleRate).toBeGreaterThanOrEqual(1000)
            } catch (error) {
              if (!(error instanceof UserError)) throw error
              expect(error.message).toMatch(/^fuzz\.wav: .+: (give|copy|cut) /)
            }
        },
      ),
      { numRuns: 1500 },
    )
  })

  test("resampling keeps a tone's pitch and duration, and removes frequencies that are too high", async () => {
    for (const [from, to] of [
      [44_100, 8000],
      [8000, 22_050],
    ]) {
      const changed = await resample(tone(1000, { sampleRate: from }), to)
      expect(changed.samples.length).toBe(to)
      expect(Math.abs(spectralPeak(changed) - 1000)).toBeLessThan(5)
      expect(rms(changed.samples)).toBeCloseTo(0.5 / Math.SQRT2, 2)
    }
    const high = await readWav(fileOf([tone(6000, { sampleRate: 22_050 }).samples], "16", 22_050), {
      sampleRate: 8000,
    })
    expect(rms(high.samples.subarray(400, -400))).toBeLessThan(1e-4)
  })

  test("resampling does not clip the loudest sound", async () => {
    const square = tone(100, { sampleRate: 16_000 })
    const loud = { ...square, samples: square.samples.map(Math.sign) }
    const { samples } = await resample(loud, 8000)
    expect(Math.max(...samples)).toBeGreaterThan(1.05) // what the filter adds at each edge
    expect(Math.max(...samples)).toBeLessThan(1.5)
    expect(samples.filter((x) => Math.abs(x) > 0.7).length).toBeGreaterThan(0.95 * samples.length)
  })

  test("an impossible sample rate is refused", async () => {
    for (const rate of [0, 999, 8000.5, Number.NaN])
      await expect(resample(tone(440), rate)).rejects.toThrow("give a whole number of Hz from 1000 to 384000")
  })
})
