/** Sound as data: levels, files of any kind in and out, silence off, a folder as clips and their crops; frequencies and figures. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import fc from "fast-check"
import { afterAll, describe, expect, test } from "vitest"
import wavefile from "wavefile"
import { IGNORED } from "../src/data/dataset.ts"
import { type Clip, describeClips, labelsOfClips, readClips, splitClips } from "../src/data/sound/clips.ts"
import { cropsInOrder, everyCrop } from "../src/data/sound/crops.ts"
import { soundFigures } from "../src/data/sound/figures.ts"
import { LEVELS, muLawDecode, muLawEncode, SILENCE } from "../src/data/sound/mu-law.ts"
import { spectralPeak, spectrogram } from "../src/data/sound/spectrum.ts"
import { trimSilence } from "../src/data/sound/trim-silence.ts"
import { readWav, resample, type Sound, writeWav } from "../src/data/sound/wav.ts"
import { UserError } from "../src/errors.ts"
import { Generator } from "../src/random/index.ts"

const folder = mkdtempSync(join(tmpdir(), "makewave-sound-"))
afterAll(() => rmSync(folder, { recursive: true }))

const tone = (frequency: number, { rate = 8000, seconds = 1, amplitude = 0.5 } = {}): Sound => ({
  rate,
  samples: Float32Array.from(
    { length: Math.round(rate * seconds) },
    (_, k) => amplitude * Math.sin((2 * Math.PI * frequency * k) / rate),
  ),
})

const silence = (seconds: number, rate = 8000): Sound => ({ rate, samples: new Float32Array(rate * seconds) })

const joined = (...sounds: Sound[]): Sound => ({
  rate: sounds[0].rate,
  samples: Float32Array.from(sounds.flatMap(({ samples }) => [...samples])),
})

const noise = (seconds: number, seed = 1): Sound => ({
  rate: 8000,
  samples: new Generator(seed).rand(8000 * seconds).map((x) => x - 0.5),
})

/** A file as other programs write it: channels of samples in a depth of wavefile's, such as "24" or "32f". */
function fileOf(channels: readonly ArrayLike<number>[], depth: string, rate = 8000): Uint8Array {
  const bits = Number.parseInt(depth, 10)
  const scale = depth === "32f" || depth === "64" ? 1 : 2 ** (bits - 1) - 1
  const middle = depth === "8" ? 128 : 0
  const wav = new wavefile.WaveFile()
  const values = channels.map((samples) => Float64Array.from(samples, (x) => Math.fround(x) * scale + middle))
  const whole = scale === 1 ? values : values.map((each) => each.map(Math.round))
  wav.fromScratch(channels.length, rate, depth, channels.length === 1 ? whole[0] : (whole as never))
  return wav.toBuffer()
}

const rms = (samples: ArrayLike<number>): number =>
  Math.sqrt(Array.from(samples).reduce((sum, x) => sum + x ** 2, 0) / samples.length)

const differences = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  rms(Array.from(a, (x, k) => x - b[k]))

describe("µ-law", () => {
  const all = Array.from({ length: LEVELS }, (_, level) => level)

  test("levels decode and encode to themselves, so all 256 are hit", () => {
    expect([...muLawEncode(muLawDecode(all))]).toEqual(all)
    expect([
      ...new Set(muLawEncode(Float64Array.from({ length: 60_001 }, (_, k) => k / 30_000 - 1))),
    ]).toEqual(all)
  })

  test("louder samples have higher levels, whatever the samples", () => {
    fc.assert(
      fc.property(fc.double({ min: -1.5, max: 1.5 }), fc.double({ min: -1.5, max: 1.5 }), (a, b) => {
        const [x, y] = muLawEncode([a, b])
        if (a < b) expect(x).toBeLessThanOrEqual(y)
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(0)
        expect(Math.max(x, y)).toBeLessThan(LEVELS)
      }),
    )
  })

  test("a sample and what comes back of it differ by a small part of it, and of silence next to nothing", () => {
    const samples = Float64Array.from({ length: 2001 }, (_, k) => k / 1000 - 1)
    const back = muLawDecode(muLawEncode(samples))
    for (const [k, sample] of samples.entries())
      expect(Math.abs(back[k] - sample)).toBeLessThan(0.022 * Math.abs(sample) + 1e-4)
    expect(muLawEncode([0, -2, 2, -1, 1])).toEqual(Int32Array.of(SILENCE, 0, 255, 0, 255))
  })

  test("levels are those of the paper's equation", () => {
    // sign(x) ln(1 + 255 |x|) / ln 256 by hand: 0.1 -> 0.591; 127.5 (1 + 0.591) = 202.9
    expect([...muLawEncode([0.1, -0.1, 0.01, -0.5])]).toEqual([203, 52, 157, 16])
  })
})

describe("WAV files", () => {
  const { samples } = tone(440, { seconds: 0.1 })

  test.each(["8", "16", "24", "32", "32f", "64"])("of depth %s come in as they are", async (depth) => {
    const read = await readWav(fileOf([samples], depth))
    expect(read.rate).toBe(8000)
    expect(read.samples.length).toBe(samples.length)
    expect(differences(read.samples, samples)).toBeLessThan(depth === "8" ? 0.005 : 3e-5)
  })

  test.each(["toALaw", "toMuLaw"] as const)("telephone sound (%s) comes in", async (law) => {
    const wav = new wavefile.WaveFile(fileOf([samples], "16"))
    wav[law]()
    expect(differences((await readWav(wav.toBuffer())).samples, samples)).toBeLessThan(0.01)
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

  test("with bytes in the other order, after chunks of other kinds, or of a length nobody knew yet", async () => {
    const wav = new wavefile.WaveFile(fileOf([samples], "16"))
    wav.toRIFX()
    expect(differences((await readWav(wav.toBuffer())).samples, samples)).toBeLessThan(3e-5)

    const plain = fileOf([samples], "16")
    const list = new TextEncoder().encode("LIST\x05\0\0\0INFO!\0")
    const tagged = Uint8Array.from([...plain.subarray(0, 36), ...list, ...plain.subarray(36), ...list])
    expect((await readWav(tagged)).samples).toEqual((await readWav(plain)).samples)

    const streamed = plain.slice()
    streamed.fill(0xff, 40, 44)
    expect((await readWav(streamed)).samples).toEqual((await readWav(plain)).samples)
  })

  test("go out and come in again", async () => {
    const { rate, samples } = tone(300, { rate: 11_025, amplitude: 0.9 })
    const read = await readWav(await writeWav({ rate, samples }))
    expect(read.rate).toBe(rate)
    expect(differences(read.samples, samples)).toBeLessThan(2e-5)
    expect([...(await readWav(await writeWav({ rate, samples: Float32Array.of(2, -2) }))).samples]).toEqual([
      32767 / 32768,
      -1,
    ])
  })

  test.each([
    ["nothing", () => new Uint8Array(), "it is empty"],
    ["a text", () => new TextEncoder().encode("anna\nemma\n".repeat(10)), "it is no WAV file"],
    [
      "a RIFF file of another kind",
      () => new TextEncoder().encode("RIFF\x10\0\0\0AVI LIST"),
      "it is no WAV file",
    ],
    ["a head alone", () => fileOf([samples], "16").subarray(0, 30), "it ends before its samples begin"],
    ["a part", () => fileOf([samples], "16").subarray(0, 844), "it is cut off after 0.05 of 0.10 seconds"],
    ["no samples", () => fileOf([[]], "16"), "there are no samples in it"],
    ["a compressed file", () => changed(20, 2), "its sound is compressed (format 2)"],
    ["an odd depth", () => changed(34, 12), "its samples have 12 bits: give 8, 16, 24 or 32"],
    ["no channel", () => changed(22, 0), "it has no channels"],
    ["an impossible rate", () => changed(24, 7, 0), "it has 7 samples a second"],
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

  test("any bytes, and any change of a whole file, give a sound or one sentence", async () => {
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
              const { samples, rate } = await readWav(each, { name: "fuzz.wav" })
              expect(samples.length).toBeGreaterThan(0)
              expect(samples.every(Number.isFinite)).toBe(true)
              expect(rate).toBeGreaterThanOrEqual(1000)
            } catch (error) {
              if (!(error instanceof UserError)) throw error
              expect(error.message).toMatch(/^fuzz\.wav: .+: (give|copy|cut) /)
            }
        },
      ),
      { numRuns: 1500 },
    )
  })

  test("a tone keeps its pitch and length at another rate, and what is too high for that is gone", async () => {
    for (const [from, to] of [
      [44_100, 8000],
      [8000, 22_050],
    ]) {
      const changed = await resample(tone(1000, { rate: from }), to)
      expect(changed.samples.length).toBe(to)
      expect(Math.abs(spectralPeak(changed) - 1000)).toBeLessThan(5)
      expect(rms(changed.samples)).toBeCloseTo(0.5 / Math.SQRT2, 2)
    }
    const high = await readWav(fileOf([tone(6000, { rate: 22_050 }).samples], "16", 22_050), { rate: 8000 })
    expect(rms(high.samples.subarray(400, -400))).toBeLessThan(1e-4)
  })

  test("what is as loud as can be is not torn at another rate", async () => {
    const square = tone(100, { rate: 16_000 })
    const loud = { ...square, samples: square.samples.map(Math.sign) }
    const { samples } = await resample(loud, 8000)
    expect(Math.max(...samples)).toBeLessThan(1.5)
    expect(samples.filter((x) => Math.abs(x) > 0.7).length).toBeGreaterThan(0.95 * samples.length)
  })

  test("a rate that no sound has is a sentence", async () => {
    for (const rate of [0, 999, 8000.5, Number.NaN])
      await expect(resample(tone(440), rate)).rejects.toThrow("samples a second, from 1000 to 384000")
  })
})

describe("silence", () => {
  test("goes from both ends and stays in the middle", () => {
    const sound = joined(silence(0.5), tone(440), silence(0.3), tone(440), silence(1))
    const { samples } = trimSilence(sound)
    expect(samples.length / 8000).toBeCloseTo(2.3, 1)
  })

  test("is what is so many decibels below the loudest, and not what is quiet throughout", () => {
    const quiet = tone(440, { amplitude: 0.005 }) // 40 dB below 0.5
    expect(trimSilence(quiet).samples.length).toBe(8000)
    const both = joined(quiet, tone(440))
    expect(trimSilence(both, 30).samples.length).toBe(8000)
    expect(trimSilence(both, 50).samples.length).toBe(16_000)
    expect(trimSilence(joined(silence(1), both), 0).samples.length).toBe(24_000)
  })

  test("of silence nothing is left", () => expect(trimSilence(silence(1)).samples.length).toBe(0))
})

describe("frequencies", () => {
  test("the peak of a tone is its frequency, to a tenth of a bin", () => {
    for (const frequency of [100, 441, 1234.5, 3900])
      expect(Math.abs(spectralPeak(tone(frequency)) - frequency)).toBeLessThan(0.8)
  })

  test("a tone of amplitude 1 has power 1 in its bin, at each time that it sounds", () => {
    const sound = joined(tone(1000, { amplitude: 1 }), silence(1))
    const { frames, hop, size } = spectrogram(sound, { size: 256 })
    const bin = (1000 / 8000) * size
    expect(frames.length).toBe(16_000 / hop)
    expect(frames[30][bin]).toBeCloseTo(1, 5)
    expect(frames[30].indexOf(Math.max(...frames[30]))).toBe(bin)
    expect(frames[180][bin]).toBe(0)
  })
})

describe("figures", () => {
  /** A hum with the overtones of a voice, that comes and goes four times a second. */
  const babble: Sound = {
    rate: 8000,
    samples: Float32Array.from({ length: 16_000 }, (_, k) => {
      const overtones = Array.from(
        { length: 12 },
        (_, n) => Math.sin((2 * Math.PI * 125 * (n + 1) * k) / 8000) / (n + 1),
      )
      return 0.1 * (1 + Math.sin((2 * Math.PI * 4 * k) / 8000)) * overtones.reduce((a, b) => a + b)
    }),
  }

  test("tell a voice from noise, a hum and silence", () => {
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

describe("a folder of sounds", () => {
  let folders = 0
  const folderWith = (files: Record<string, Uint8Array>): string => {
    const path = join(folder, `sounds ${folders++}`)
    mkdirSync(path)
    for (const [name, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(path, name)), { recursive: true })
      writeFileSync(join(path, name), bytes)
    }
    return path
  }
  const file = (sound: Sound, depth = "16") => fileOf([sound.samples], depth, sound.rate)

  test("becomes clips of one rate, trimmed, labelled by their sub-folders", async () => {
    const path = folderWith({
      "anna/b.WAV": file(joined(silence(1), tone(440))),
      "anna/deep/a.wav": file(tone(440, { rate: 16_000 }), "24"),
      "paul/a.wav": file(tone(220)),
      "paul/silent.wav": file(silence(1)),
      "paul/notes.txt": new TextEncoder().encode("no sound"),
      ".hidden/a.wav": new Uint8Array(),
    })
    const clips = await readClips(path)
    expect(clips.clips.map(({ name, label, levels }) => [name, label, levels.length])).toEqual([
      ["anna/b.WAV", "anna", 8000],
      ["anna/deep/a.wav", "anna", 8000],
      ["paul/a.wav", "paul", 8000],
    ])
    expect(clips.silent).toEqual(["paul/silent.wav"])
    expect(labelsOfClips(clips)).toMatchObject({ name: "folder", values: ["anna", "paul"], counts: [2, 1] })
    expect(describeClips(clips)).toBe(
      `${path}: 3 sounds, 0:03 minutes at 8,000 Hz: anna 0:02 minutes, paul 0:01 minutes; 1 silent left out.`,
    )
    const { samples } = await readWav(file(tone(220)))
    expect(clips.clips[2].levels).toEqual(Uint8Array.from(muLawEncode(samples)))
    expect((await readClips(path, { silence: 0 })).clips[0].levels.length).toBe(16_000)
    expect((await readClips(path, { rate: 4000 })).clips[0].levels.length).toBe(4000)
  })

  test("that has no sounds, silent ones or broken ones is a sentence", async () => {
    await expect(readClips(folderWith({ "a.txt": new Uint8Array() }))).rejects.toThrow(
      "there is no .wav file",
    )
    await expect(readClips(folderWith({ "a.wav": file(silence(1)) }))).rejects.toThrow(
      "all its files are silent",
    )
    await expect(readClips(folderWith({ "anna/a.wav": new Uint8Array() }))).rejects.toThrow(
      /anna\/a\.wav: it is empty/,
    )
    await expect(readClips(join(folder, "nowhere"))).rejects.toThrow("give a folder of .wav files")
    await expect(readClips(folder, { rate: 1 })).rejects.toThrow("a rate of 1")
  })

  test("tells nothing apart where all are in one folder, or one is in none", () => {
    const clip = (name: string, label: string): Clip => ({ name, label, levels: new Uint8Array(10) })
    const clips = (...those: Clip[]) => ({ name: "speech", rate: 8000, clips: those, silent: [] })
    expect(() => labelsOfClips(clips(clip("a.wav", "")))).toThrow("put each voice or kind into a folder")
    expect(() => labelsOfClips(clips(clip("a.wav", ""), clip("anna/a.wav", "anna")))).toThrow(
      "speech: a.wav is in no sub-folder",
    )
  })

  test("is split by whole files, of each label alike; and where these are few by their time", () => {
    const clips = Array.from({ length: 25 }, (_, k) => ({
      name: `${k}.wav`,
      label: k < 20 ? "anna" : "paul",
      levels: new Uint8Array(100).fill(k),
    }))
    const { train, validation, test } = splitClips({ clips }, { seed: 7 })
    const count = (part: readonly Clip[], label: string) => part.filter((clip) => clip.label === label).length
    expect([train, validation, test].map((part) => count(part, "anna"))).toEqual([16, 2, 2])
    expect([train, validation, test].map((part) => count(part, "paul"))).toEqual([5, 5, 5])
    expect([train, validation, test].map((part) => part.at(-1)!.levels.length)).toEqual([80, 10, 10])
    expect(new Set([...train, ...validation, ...test].map(({ name }) => name)).size).toBe(25)
  })
})

describe("crops", () => {
  const clip = (label: string, levels: number[]): Clip => ({
    name: label,
    label,
    levels: Uint8Array.from(levels),
  })
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, k) => from + k)
  const clips = [clip("a", range(0, 10)), clip("b", range(50, 57)), clip("a", range(20, 24))]
  const labels = { name: "folder", values: ["a", "b"], counts: [2, 1] }

  /** What each row foretells, and out of what: [the R levels that it sees, the level that follows, the label]. */
  function predictions(data: ReturnType<typeof everyCrop>, R: number): string[] {
    const T = data.contextLength
    return Array.from({ length: data.count }, (_, row) => {
      const start = data.crops?.starts[row] ?? row * T
      return range(data.crops?.warmUp ?? 0, T).flatMap((t) => {
        const target = data.targets[start + t]
        if (target === IGNORED) return []
        expect(t).toBeGreaterThanOrEqual(R - 1)
        return [
          `${data.inputs.subarray(start + t + 1 - R, start + t + 1).join(" ")} -> ${target} ${data.labels?.[row]}`,
        ]
      })
    }).flat()
  }

  const everywhere = [
    ...["128 128 128 -> 0 0", "128 128 0 -> 1 0", "128 0 1 -> 2 0"],
    ...range(3, 10).map((next) => `${next - 3} ${next - 2} ${next - 1} -> ${next} 0`),
    ...["128 128 128 -> 20 0", "128 128 20 -> 21 0", "128 20 21 -> 22 0", "20 21 22 -> 23 0"],
    ...["128 128 128 -> 50 1", "128 128 50 -> 51 1", "128 50 51 -> 52 1"],
    ...range(53, 57).map((next) => `${next - 3} ${next - 2} ${next - 1} -> ${next} 1`),
  ]
  const inside = everywhere.filter((each) => !each.includes("128"))

  for (const [predict, wanted] of Object.entries({ everywhere, inside }) as [
    "everywhere" | "inside",
    string[],
  ][])
    for (const contextLength of [3, 4, 7, 30]) {
      const options = { contextLength, receptiveField: 3, predict, labels }
      test(`in order foretell each sample once: ${predict}, T ${contextLength}`, () => {
        expect(predictions(cropsInOrder(clips, options), 3)).toEqual(wanted)
      })

      test(`at every offset foretell each sample from every place: ${predict}, T ${contextLength}`, () => {
        const data = everyCrop(clips, options)
        const found = Map.groupBy(predictions(data, 3), (each) => each)
        expect([...found.keys()].sort()).toEqual([...wanted].sort())
        for (const those of found.values()) expect(those.length).toBe(contextLength - 2)
        expect(data.targets[0]).toBe(IGNORED)
      })
    }

  test("without labels have none", () => {
    expect(everyCrop(clips, { contextLength: 4, receptiveField: 3 }).labels).toBeUndefined()
  })

  test("of sounds no longer than the receptive field, or shorter than it, are a sentence", () => {
    const options = { contextLength: 40, receptiveField: 10 }
    expect(() => everyCrop(clips, options)).toThrow(
      "the model looks back on 10 samples, and the longest sound has 10: give longer sounds, or a model with fewer layers",
    )
    expect(() => cropsInOrder(clips, { ...options, predict: "inside" })).toThrow(
      "no sound of a part is longer",
    )
    expect(() => everyCrop(clips, { contextLength: 8, receptiveField: 9 })).toThrow(
      "a crop of 8 samples is less than the 9 that the model looks back on",
    )
  })
})
