/** A folder of sounds as clips, their parts and their crops. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { IGNORED } from "../src/data/dataset.ts"
import { type Clip, describeClips, labelsOfClips, readClips, splitClips } from "../src/data/sound/clips.ts"
import { cropsInOrder, everyCrop } from "../src/data/sound/crops.ts"
import { muLawEncode } from "../src/data/sound/mu-law.ts"
import type { Sound } from "../src/data/sound/sound.ts"
import { readWav } from "../src/data/sound/wav.ts"
import { WaveNet2016 } from "../src/models/index.ts"
import { Generator } from "../src/random/index.ts"
import { evaluate, train } from "../src/training/index.ts"
import { fileOf, joined, silence, tone } from "./sounds.ts"

const folder = mkdtempSync(join(tmpdir(), "makewave-clips-"))
afterAll(() => rmSync(folder, { recursive: true }))

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
  const file = (sound: Sound, depth = "16") => fileOf([sound.samples], depth, sound.sampleRate)

  test("is read as clips with one sample rate, trimmed, labelled by sub-folder", async () => {
    const path = folderWith({
      "anna/b.WAV": file(joined(silence(1), tone(440))),
      "anna/deep/a.wav": file(tone(440, { sampleRate: 16_000 }), "24"),
      "paul/a.wav": file(tone(220)),
      "paul/silent.wav": file(silence(1)),
      "paul/notes.txt": new TextEncoder().encode("no sound"),
      ".hidden/a.wav": new Uint8Array(),
    })
    const read: number[][] = []
    const clips = await readClips(path, { onSound: (...progress) => read.push(progress) })
    expect(read).toEqual([0, 1, 2, 3, 4].map((k) => [k, 4]))
    expect(clips.clips.map(({ name, label, levels }) => [name, label, levels.length])).toEqual([
      ["anna/b.WAV", "anna", 8000],
      ["anna/deep/a.wav", "anna", 8000],
      ["paul/a.wav", "paul", 8000],
    ])
    expect(clips.silent).toEqual(["paul/silent.wav"])
    expect(labelsOfClips(clips)).toMatchObject({ name: "folder", values: ["anna", "paul"], counts: [2, 1] })
    expect(describeClips(clips)).toBe(
      `${path}: 3 sounds, 0:03 minutes at 8,000 Hz: anna 0:02 minutes, paul 0:01 minutes; 1 silent skipped.`,
    )
    const { samples } = await readWav(file(tone(220)))
    expect(clips.clips[2].levels).toEqual(Uint8Array.from(muLawEncode(samples)))
    expect((await readClips(path, { silence: 0 })).clips[0].levels.length).toBe(16_000)
    expect((await readClips(path, { sampleRate: 4000 })).clips[0].levels.length).toBe(4000)
  })

  test("follows links to folders, and names what it cannot read and what it leaves out", async () => {
    const path = folderWith({
      "cafe\u0301/a.wav": file(tone(440)),
      "notes.flac": new Uint8Array(4),
      "b/c.MP3": new Uint8Array(4),
    })
    const elsewhere = folderWith({ "a.wav": file(tone(220)) })
    symlinkSync(elsewhere, join(path, "paul"))
    const clips = await readClips(path)
    expect(clips.clips.map(({ name, label }) => [name, label])).toEqual([
      ["caf\u00e9/a.wav", "caf\u00e9"],
      ["paul/a.wav", "paul"],
    ])
    expect(describeClips(clips)).toContain("; 2 not in WAV format left out, such as b/c.MP3.")
    expect(clips.otherAudio).toEqual(["b/c.MP3", "notes.flac"])

    symlinkSync(path, join(path, "back"))
    await expect(readClips(path)).rejects.toThrow(
      /back: this link leads back to a folder that contains it: remove it, or give a folder without it$/,
    )
    await expect(readClips(`${path}/`)).rejects.toThrow(`${path}/back: this link`)
    const only = folderWith({ "a b.flac": new Uint8Array(4), "c.mp3": new Uint8Array(4) })
    await expect(readClips(only)).rejects.toThrow(
      `no .wav files in this folder, only 2 files of other kinds: give an uncompressed WAV file, as ffmpeg -i '${only}/a b.flac' '${only}/a b.wav' makes one`,
    )
  })

  test.runIf(process.platform === "linux")(
    "with a name that is not in UTF-8 is refused by that name",
    async () => {
      for (const [name, inside] of [
        ["caf\xe9", "/a.wav"],
        ["caf\xe9.wav", ""],
      ]) {
        const path = folderWith({ "a.wav": file(tone(440)) })
        const bytes = Buffer.concat([Buffer.from(`${path}/`), Buffer.from(name, "latin1")])
        if (inside) mkdirSync(bytes)
        writeFileSync(Buffer.concat([bytes, Buffer.from(inside)]), file(tone(220)))
        await expect(readClips(path)).rejects.toThrow(
          /caf\ufffd(\.wav)?: this name is not in UTF-8: rename it$/,
        )
      }
      // A file that is not a sound may have any name.
      const path = folderWith({ "a.wav": file(tone(440)) })
      writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from("caf\xe9.txt", "latin1")]), "")
      expect((await readClips(path)).clips.length).toBe(1)
    },
  )

  test("without sounds, or with silent or broken ones only, is refused", async () => {
    await expect(readClips(folderWith({ "a.txt": new Uint8Array() }))).rejects.toThrow(
      "there are no .wav files",
    )
    await expect(readClips(folderWith({ "a.wav": file(silence(1)) }))).rejects.toThrow("all files are silent")
    await expect(readClips(folderWith({ "anna/a.wav": new Uint8Array() }))).rejects.toThrow(
      /anna\/a\.wav: the file is empty/,
    )
    await expect(readClips(join(folder, "nowhere"))).rejects.toThrow("give a folder of .wav files")
    await expect(readClips(folder, { sampleRate: 1 })).rejects.toThrow("a sample rate of 1")
  })

  test("with too many samples is refused as soon as the limit is passed", async () => {
    const path = folderWith({ "a.wav": file(tone(440)), "b.wav": file(tone(440)), "c.wav": new Uint8Array() })
    expect(
      (await readClips(folderWith({ "a.wav": file(tone(440)) }), { maximumSamples: 8000 })).clips.length,
    ).toBe(1)
    await expect(readClips(path, { maximumSamples: 15_999 })).rejects.toThrow(
      `${path}: the first 2 of 3 sounds already exceed the limit of 15,999 samples: give fewer, or a lower sample rate`,
    )
  })

  test("has no labels if all sounds are in one folder, or one is in none", () => {
    const clip = (name: string, label: string): Clip => ({ name, label, levels: new Uint8Array(10) })
    const clips = (...those: Clip[]) => ({ name: "speech", sampleRate: 8000, clips: those, silent: [] })
    expect(() => labelsOfClips(clips(clip("a.wav", "")))).toThrow(
      "put each voice or kind in its own sub-folder",
    )
    expect(() => labelsOfClips(clips(clip("a.wav", ""), clip("anna/a.wav", "anna")))).toThrow(
      "speech: a.wav is not in a sub-folder",
    )
  })

  test("of many voices is described by the first 20", () => {
    const clips = Array.from({ length: 25 }, (_, k) => ({
      name: `${k}/a.wav`,
      label: `${k}`,
      levels: new Uint8Array(8000),
    }))
    expect(describeClips({ name: "speech", sampleRate: 8000, clips, silent: [] })).toMatch(
      /: 0 0:01 minutes, .*, 19 0:01 minutes, and 5 more\.$/,
    )
  })

  test("is split by files within each label, or by duration if there are few", () => {
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

  /** What each row predicts, and out of what: [the R levels that it sees, the level that follows, the label]. */
  function predictions(data: ReturnType<typeof everyCrop>, R: number): string[] {
    const { inputs, targets } = data
    const [N, T] = targets.shape
    expect(inputs.shape).toEqual([N, T])
    expect(inputs.starts).toBe(targets.starts)
    return Array.from({ length: N }, (_, row) => {
      const start = targets.starts?.[row] ?? row * T
      return range(targets.warmUp ?? 0, T).flatMap((t) => {
        const target = targets.data[start + t]
        if (target === IGNORED) return []
        expect(t).toBeGreaterThanOrEqual(R - 1)
        return [
          `${inputs.data.subarray(start + t + 1 - R, start + t + 1).join(" ")} -> ${target} ${data.labels?.data[row]}`,
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
      test(`in order predict each sample once: ${predict}, T ${contextLength}`, () => {
        expect(predictions(cropsInOrder(clips, options), 3)).toEqual(wanted)
      })

      test(`at every offset predict each sample from every place: ${predict}, T ${contextLength}`, () => {
        const data = everyCrop(clips, options)
        const found = Map.groupBy(predictions(data, 3), (each) => each)
        expect([...found.keys()].sort()).toEqual([...wanted].sort())
        for (const those of found.values()) expect(those.length).toBe(contextLength - 2)
        expect(data.targets.data[0]).toBe(IGNORED)
      })
    }

  test("without labels have none", () => {
    expect(everyCrop(clips, { contextLength: 4, receptiveField: 3 }).labels).toBeUndefined()
  })

  test("shorter than the receptive field, or of sounds that are, are refused", () => {
    const options = { contextLength: 40, receptiveField: 10 }
    expect(() => everyCrop(clips, options)).toThrow(
      "the receptive field has 10 samples, but the longest sound only 10: give longer sounds, or fewer layers",
    )
    expect(() => cropsInOrder(clips, { ...options, predict: "inside" })).toThrow(
      "no sound in a part is longer",
    )
    for (const receptiveField of [11, 17, 100])
      expect(() =>
        cropsInOrder(clips, { contextLength: receptiveField, receptiveField, predict: "inside" }),
      ).toThrow(`no sound in a part is longer than the receptive field of ${receptiveField} samples`)
    for (const wrong of [Number.NaN, 0, -1, 1.5])
      expect(() => everyCrop(clips, { contextLength: wrong, receptiveField: 2 })).toThrow(
        `contextLength ${wrong}: give a whole number of at least 1`,
      )
    expect(() => everyCrop(clips, { contextLength: 8, receptiveField: 9 })).toThrow(
      "a crop of 8 samples is shorter than the receptive field of 9",
    )
  })

  test("train as the same rows stored separately do, and cannot be evaluated", async () => {
    const options = { contextLength: 12, receptiveField: 4, labels }
    const make = () =>
      new WaveNet2016({ vocabularySize: 256, contextLength: 12, layers: 1, stacks: 2, labels: 2 }).initialize(
        new Generator(1),
      )
    expect(make().receptiveField).toBe(4)
    const [drawn, inOrder] = [everyCrop(clips, options), cropsInOrder(clips, options)]
    // The step reads the crops that follow one another, in one batch: its loss is theirs.
    const rows = Int32Array.from(drawn.inputs.starts!, (_, row) => row).filter(
      (row) => drawn.inputs.starts![row] % 9 === 0,
    )
    expect(rows.length).toBe(inOrder.inputs.shape[0])
    const batches = () => ({ batchSize: rows.length, next: () => rows, getState: () => null, setState() {} })
    const training = train(make(), drawn, { steps: 1, batchSize: rows.length, batches })
    for await (const { loss } of training) expect(loss).toBeCloseTo(await evaluate(make(), inOrder), 5)
    await training.release()
    await expect(evaluate(make(), drawn)).rejects.toThrow("rows that overlap")
  })
})
