/** Sounds that are at hand, as in a page: they are trained on as a folder of them is, and their run goes on from its own folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { readWav, writeWav } from "../src/data/sound/wav.ts"
import { storeOf } from "../src/runs/disk-store.ts"
import { memoryStore } from "../src/runs/memory-store.ts"
import { readMetrics } from "../src/runs/metrics.ts"
import { readConfig } from "../src/runs/run-config.ts"
import { runTraining, type TrainingRequest } from "../src/runs/run-training.ts"

const SAMPLE_RATE = 2000
const given = {
  data: "tones",
  sampleRate: SAMPLE_RATE,
  layers: 3,
  stacks: 1,
  context: 80,
  steps: 4,
  logEvery: 1,
}

let folder = ""
let sounds: { name: string; bytes: Uint8Array<ArrayBuffer> }[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "makewave-sounds-"))
  const tone = (hertz: number) =>
    Float32Array.from({ length: 600 }, (_, k) => 0.5 * Math.sin((2 * Math.PI * hertz * k) / SAMPLE_RATE))
  const pitches = { "low/b.wav": 120, "low/a.wav": 150, "high/a.wav": 400 }
  sounds = await Promise.all(
    Object.entries(pitches).map(async ([name, hertz]) => ({
      name,
      bytes: await writeWav({ sampleRate: SAMPLE_RATE, samples: tone(hertz) }),
    })),
  )
  write(join(folder, "tones"), sounds)
})
afterAll(() => rmSync(folder, { recursive: true }))

function write(into: string, files: readonly { name: string; bytes: Uint8Array }[]): void {
  for (const { name, bytes } of files) {
    mkdirSync(dirname(join(into, name)), { recursive: true })
    writeFileSync(join(into, name), bytes)
  }
}

async function train(request: TrainingRequest): Promise<void> {
  for await (const _ of runTraining(request));
}

test("they give the losses, labels and samples that their folder gives", async () => {
  const [atHand, onDisk] = [memoryStore("run"), storeOf(join(folder, "run"))]
  await train({ given, out: atHand, loading: { sounds } })
  await train({ given: { ...given, data: join(folder, "tones") }, out: onDisk })
  const [ours, theirs] = [await readConfig(atHand), await readConfig(onDisk)]
  expect(ours.data.sha256).toBe(theirs.data.sha256)
  expect(ours.condition).toEqual({ name: "folder", values: ["high", "low"], counts: [1, 2] })
  const losses = (await readMetrics(atHand)).map(({ loss, train, validation }) => [loss, train, validation])
  expect(losses).toEqual(
    (await readMetrics(onDisk)).map(({ loss, train, validation }) => [loss, train, validation]),
  )
  expect(losses).toHaveLength(given.steps + 1)
  for (const name of ["sample-high.wav", "sample-low.wav"]) {
    const bytes = (await atHand.read(name))!
    expect((await readWav(bytes)).samples).toHaveLength(SAMPLE_RATE)
    expect(bytes).toEqual(new Uint8Array((await onDisk.read(name))!))
  }
  expect(await atHand.list()).toContain("sample-low.svg")
})

test("their run goes on with them, and on the disk with those in its folder", async () => {
  const store = memoryStore("run")
  await train({ given, out: store, loading: { sounds }, until: 2, brief: true })
  const place = join(folder, "some", "where", "else") // a run also looks beside it
  const names = await store.list()
  write(place, await Promise.all(names.map(async (name) => ({ name, bytes: (await store.read(name))! }))))
  await expect(train({ given: {}, resume: place })).rejects.toThrow("tones: no such file or folder")
  write(join(place, "tones"), sounds)

  await train({ given: {}, resume: store, loading: { sounds } })
  await train({ given: {}, resume: place })
  const metrics = await readMetrics(store)
  expect(metrics.at(-1)).toMatchObject({ step: given.steps, train: expect.any(Number) })
  const others = await readMetrics(storeOf(place))
  expect(metrics.map(({ seconds, ...rest }) => rest)).toEqual(others.map(({ seconds, ...rest }) => rest))

  const fewer = { sounds: sounds.slice(1) }
  await expect(train({ given: { steps: 6 }, resume: store, loading: fewer })).rejects.toThrow(
    "has changed since the training of run",
  )
})

test.each([
  [[], "tones: there are no .wav files in this folder"],
  [[{ name: "a.mp3", bytes: new Uint8Array(4) }], "only one file of other kinds"],
  [[{ name: "a.wav", bytes: new Uint8Array(4) }], "a.wav: "],
])("what is no sound gets a sentence: %j", async (sounds, sentence) => {
  await expect(train({ given, out: memoryStore("run"), loading: { sounds } })).rejects.toThrow(sentence)
})
