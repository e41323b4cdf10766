/** WAV files of any kind in and out, and at another rate; what is none, or not whole, in a sentence. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import wavefile from "wavefile"
import { resample } from "../src/data/sound/resample.ts"
import { spectralPeak } from "../src/data/sound/spectrum.ts"
import { readWav, writeWav } from "../src/data/sound/wav.ts"
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
    [
      "an odd depth",
      () => changed(34, 40),
      "the samples have 40 bits in 2 bytes: give a file of 8, 16, 24 or 32 bits",
    ],
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

  describe("of any header", () => {
    const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0))
    const long = (value: number) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255)
    const short = (value: number) => long(value).slice(0, 2)
    const chunk = (id: string, body: number[], size = body.length) => [...ascii(id), ...long(size), ...body]
    const file = (container: string, ...chunks: number[][]) => {
      const body = [...ascii("WAVE"), ...chunks.flat()]
      return Uint8Array.from([...ascii(container), ...long(container === "RIFF" ? body.length : -1), ...body])
    }
    const shape = (code: number, bits: number, width: number, channels = 1, rate = 8000) =>
      [
        short(code),
        short(channels),
        long(rate),
        long(rate * width * channels),
        short(width * channels),
        short(bits),
      ].flat()
    const format = (bits: number, width: number) => chunk("fmt ", shape(1, bits, width))
    const extensible = (bits: number, width: number) => {
      const guid = [1, 0, 0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113]
      return chunk("fmt ", [
        ...shape(0xfffe, 8 * width, width),
        ...short(22),
        ...short(bits),
        ...long(4),
        ...guid,
      ])
    }

    /** A sine as integers of the given bits, at either end of a container of the given bytes. */
    const sine = Array.from({ length: 50 }, (_, k) => 0.9 * Math.sin(k))
    const stored = (bits: number, width: number, low = false) =>
      sine.flatMap((x) => {
        const whole = BigInt(Math.round(x * 2 ** (bits - 1))) << BigInt(low ? 0 : 8 * width - bits)
        return Array.from({ length: width }, (_, k) => Number((whole >> BigInt(8 * k)) & 255n))
      })
    const expected = (bits: number) =>
      Float32Array.from(sine, (x) => Math.round(x * 2 ** (bits - 1)) / 2 ** (bits - 1))
    const sixteen = stored(16, 2)

    test.each([
      [12, 2],
      [20, 3],
      [24, 3],
      [16, 4],
      [20, 4],
      [24, 4],
      [32, 4],
    ])("%i bits in %i bytes, by the block align or as valid bits", async (bits, width) => {
      for (const head of [format(bits, width), extensible(bits, width)])
        expect((await readWav(file("RIFF", head, chunk("data", stored(bits, width))))).samples).toEqual(
          expected(bits),
        )
    })

    test.each([
      [16, 4],
      [20, 4],
      [24, 4],
    ])("%i bits in the lower part of %i bytes, as arecord writes them", async (bits, width) => {
      const bytes = file("RIFF", format(bits, width), chunk("data", stored(bits, width, true)))
      expect((await readWav(bytes)).samples).toEqual(expected(bits))
    })

    test.each(["RF64", "BW64"])("%s: the size of the samples is that of ds64", async (container) => {
      const ds64 = (size: number) =>
        chunk("ds64", [...long(0), ...long(0), ...long(size), ...Array(16).fill(0)])
      const after = chunk("LIST", Array(200).fill(0x7f))
      const read = (size: number, ...rest: number[][]) =>
        readWav(file(container, ds64(size), format(16, 2), chunk("data", sixteen, -1), ...rest))
      expect((await read(sixteen.length, after)).samples).toEqual(expected(16))
      expect((await read(0)).samples).toEqual(expected(16)) // a recorder that was killed
      await expect(read(2 * sixteen.length)).rejects.toThrow("truncated after 0.01 of 0.01 seconds")
      const bytes = file(container, format(16, 2), chunk("data", sixteen), after)
      expect((await readWav(bytes)).samples).toEqual(expected(16))
    })

    test.each([0, -1, 0x7fffffff, 0x7ffff000])(
      "a size of %i, which a killed recorder leaves, means all that follows",
      async (size) => {
        const head = chunk("fmt ", shape(1, 16, 2))
        const bytes = file("RIFF", head, chunk("data", [...sixteen, 1], size)) // and half a sample
        for (const whole of [0, 36, -1, bytes.length - 8]) {
          bytes.set(long(whole), 4)
          expect((await readWav(bytes)).samples).toEqual(expected(16))
        }
      },
    )

    test("an empty data chunk before another chunk is empty", async () => {
      for (const size of [4, 5]) {
        const bytes = file("RIFF", format(16, 2), chunk("data", []), chunk("LIST", Array(size).fill(65)))
        await expect(readWav(bytes)).rejects.toThrow("the file has no samples")
      }
    })

    test("an odd chunk, with its pad byte and without, before the samples and after", async () => {
      for (const pad of [[], [0], [33]])
        for (const last of [chunk("LIST", [1, 2, 3]), []]) {
          const odd = [...chunk("odd ", [7, 7, 7]), ...pad]
          const bytes = file("RIFF", odd, format(16, 2), odd, chunk("data", sixteen), last)
          expect((await readWav(bytes)).samples).toEqual(expected(16))
        }
    })

    test.each([
      ["48 bits in 6 bytes", format(48, 6), /48 bits in 6 bytes: give a file of 8, 16, 24 or 32 bits/],
      ["24 bits in 2 bytes", format(24, 2), /24 bits in 2 bytes/],
      ["8 bits in 2 bytes", format(8, 2), /8 bits in 2 bytes/],
      [
        "five bytes for two channels",
        chunk("fmt ", [...shape(1, 16, 2, 2).slice(0, 12), 5, 0, 16, 0]),
        /in 2\.5 bytes/,
      ],
      ["no bits", format(0, 0), /the samples have 0 bits/],
      ["16-bit floats", chunk("fmt ", shape(3, 16, 2)), /16 bits in 2 bytes: give a file of 32 or 64 bits/],
    ])("%s are refused", async (_, head, sentence) => {
      await expect(readWav(file("RIFF", head, chunk("data", sixteen)))).rejects.toThrow(sentence)
    })
  })

  test.each([
    ["fLaC", "a FLAC file"],
    ["OggS", "an Ogg file"],
    ["ID3\x04", "an MP3 file"],
    ["\xff\xfb\x90", "an MP3 file"],
    ["\0\0\0\x20ftypM4A ", "an M4A or MP4 file"],
    ["FORM\0\0\x10\0AIFF", "an AIFF file"],
    ["NIST_1A\n", "a NIST SPHERE file"],
  ])("%j begins %s, and a converter is named", async (begins, kind) => {
    const bytes = Uint8Array.from(`${begins}${"\0".repeat(20)}`, (letter) => letter.charCodeAt(0))
    await expect(readWav(bytes, { name: "a/b.wav" })).rejects.toThrow(`a/b.wav: this is ${kind}`)
    await expect(readWav(bytes, { name: "a/b.wav" })).rejects.toThrow(
      "as ffmpeg -i a/b.wav a/b-converted.wav makes one, and remove the original",
    )
  })

  test("resampling n samples gives n times the ratio, rounded up, and is bounded", async () => {
    const length = async (n: number, from: number, to: number) =>
      (await resample({ sampleRate: from, samples: new Float32Array(n) }, to)).samples.length
    expect(await length(48_000, 48_000, 8000)).toBe(8000)
    expect(await length(48_001, 48_000, 8000)).toBe(8001)
    expect(await length(22_050, 22_050, 8000)).toBe(8000)
    expect(await length(1, 384_000, 1000)).toBe(1)
    expect(await length(0, 8000, 16_000)).toBe(0)
    await expect(length(150_000, 1000, 384_000)).rejects.toThrow(
      "a sample rate of 384000 for a sound of 1000 Hz: give at most 16 times its rate",
    )
    await expect(length(2 ** 22, 1000, 16_000)).rejects.toThrow(
      "4194304 samples at 1000 Hz would be 67108864 at 16000 Hz, more than the limit of 33554432: cut the sound into parts",
    )
  })

  test("resampling keeps each moment, and a constant", async () => {
    const sound = tone(440, { sampleRate: 44_100, seconds: 0.5 })
    const { samples } = await resample(sound, 8000)
    expect(
      differences(samples.subarray(100, -100), tone(440, { seconds: 0.5 }).samples.subarray(100, -100)),
    ).toBeLessThan(1e-5)
    const level = await resample({ sampleRate: 44_100, samples: new Float32Array(44_100).fill(0.5) }, 8000)
    for (const sample of level.samples.subarray(100, -100)) expect(sample).toBeCloseTo(0.5, 4)
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
