/** The parts of a run's data: how large they are, what a run without a validation or a test part says, and what of it may change. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { UserError } from "../src/errors.ts"
import { prepare } from "../src/runs/corpora/index.ts"
import { readMetrics } from "../src/runs/metrics.ts"
import { readConfig } from "../src/runs/run-config.ts"
import { runTraining, type TrainingEvent, type TrainingRequest } from "../src/runs/run-training.ts"
import type { Settings } from "../src/runs/settings.ts"
import { makewaveHere, objects, THINGS } from "./command-line.ts"
import { fileOf, tone } from "./sounds.ts"

let folder = ""
let data = ""
const small = { model: "flat", context: 2, embedding: 2, hidden: 3, steps: 20, logEvery: 5 } as const
const counted = { model: "ngram", order: 2 } as const

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "makewave-split-"))
  data = join(folder, "things.txt")
  writeFileSync(data, THINGS)
  for (const [name, given] of Object.entries({ all: small, counted, averaged: { ...small, ema: 0.9 } }))
    await eventsOf({ given: { ...given, data, split: "100,0,0" }, out: join(folder, name) })
})
afterAll(() => rmSync(folder, { recursive: true }))

async function eventsOf(request: TrainingRequest): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = []
  for await (const event of runTraining(request)) events.push(event)
  return events
}

/** All keys of an object and the objects in it. */
const keysIn = (value: unknown): string[] =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([key, each]) => [key, ...keysIn(each)])

const run = async (...args: string[]) => {
  const said = await makewaveHere(args, folder)
  expect({ args, code: said.code, stderr: said.code === 0 ? "" : said.stderr }).toMatchObject({
    code: 0,
    stderr: "",
  })
  return said.stdout
}

test.each([
  ["80,10,10", [10, 1, 2]],
  ["90,10,0", [11, 2, 0]],
  ["50,0,50", [6, 0, 7]],
  ["100,0,0", [13, 0, 0]],
  ["33.4,33.3,33.3", [4, 4, 5]],
])("%s are the parts of the lines", async (split, sizes) => {
  const { corpus, recipe } = await prepare({ data, split })
  expect(Object.values(corpus.sizes)).toEqual(sizes)
  expect(recipe.split).toBe(split)
})

test("parts that are none are refused", async () => {
  for (const split of ["80,10", "0,50,50", "80,10,5", "most"]) {
    const { code, stderr } = await makewaveHere(["train", data, "--split", split], folder)
    expect([code, stderr]).toEqual([
      1,
      `error: --split ${split}: give three numbers that add up to 100, the first above 0, such as 80,10,10 or 100,0,0\n`,
    ])
    await expect(prepare({ data, split })).rejects.toThrow(UserError)
  }
})

test.each(["all", "averaged", "counted"])(
  "%s: without a validation part no loss of it is anywhere",
  async (name) => {
    const { recipe } = await readConfig(join(folder, name))
    expect(recipe.split).toBe("100,0,0")
    if (recipe.model !== "ngram") expect(recipe.evaluateEvery).toBe(0)
    const metrics = await readMetrics(join(folder, name))
    expect(metrics.at(-1)?.train).toBeGreaterThan(0)
    expect(keysIn(metrics)).not.toContain("validation")
    const [report] = objects(await run("evaluate", name, "--json"))
    expect(Object.keys(report.reports as object)).toEqual(["train"])
    expect(await run("evaluate", name)).not.toContain("validation")
    for (const command of ["inspect", ...(name === "counted" ? [] : ["plot"])])
      expect(await run(command, name)).not.toMatch(/validation|NaN/)
    const other = objects(await run("evaluate", name, "--data", "things.txt", "--json"))[0]
    expect(Object.keys(other.reports as object)).toEqual(["data"])
    expect(other.data).toBeCloseTo(report.train as number, 6)
  },
)

test("train says nothing of a validation part that is not there, in text and in JSON", async () => {
  for (const [k, model] of [
    ["flat", ["--context", "2", "--steps", "5"]],
    ["ngram", []],
  ].entries()) {
    const args = [
      "train",
      data,
      "--split",
      "100,0,0",
      "--model",
      model[0] as string,
      ...(model[1] as string[]),
    ]
    const text = await run(...args, "--out", `text ${k}`, ...(k === 0 ? ["--tensorboard"] : []))
    expect(text).toContain("things.txt: 13 lines.")
    expect(text).toMatch(/^ *loss, nats per symbol +train$/m)
    expect(text).not.toMatch(/validation|NaN/)
    const last = objects(await run(...args, "--out", `json ${k}`, "--json")).at(-1)!
    expect(last.train).toBeGreaterThan(0)
    expect(last.baselines).toHaveLength(2)
    expect(keysIn(last)).not.toContain("validation")
  }
})

test("what needs validation losses is refused without them, and so is an empty part", async () => {
  const given = { ...small, data, split: "100,0,0" }
  const out = join(folder, "none")
  await expect(eventsOf({ given: { ...given, evaluateEvery: 5 }, out })).rejects.toThrow(
    "--evaluate-every 5: --split 100,0,0 has no validation part: leave it out, or set some lines apart, as --split 90,10,0 does",
  )
  await expect(eventsOf({ given: { ...given, patience: 2 }, out })).rejects.toThrow(
    "--patience 2: it needs validation losses, and --split 100,0,0 has no validation part: leave it out",
  )
  await eventsOf({ given: { ...given, evaluateEvery: 0 }, out })
  const { code, stderr } = await makewaveHere(["evaluate", "all", "--part", "train", "test"], folder)
  expect([code, stderr]).toEqual([
    1,
    "error: --part test: the run has none (--split 100,0,0): give train, or other lines with --data\n",
  ])
  const resumed = eventsOf({ given: { patience: 2 }, resume: join(folder, "all") })
  await expect(resumed).rejects.toThrow("--split 100,0,0 has no validation part")
})

test("the last parameters are kept, and the averaged ones where they are averaged", async () => {
  const last = async (given: Settings, out: string) => {
    await eventsOf({ given: { ...small, data, ...given }, out: join(folder, out) })
    return lastOf(out)
  }
  const lastOf = async (out: string) => {
    const { seconds, ...losses } = (await readMetrics(join(folder, out))).at(-1)!
    expect(seconds).toBeGreaterThan(0)
    return losses
  }
  const all = await last({ split: "100,0,0" }, "again")
  expect(all).toEqual(await lastOf("all"))
  expect(all.train).not.toBe((await last({ split: "100,0,0", ema: 0.9 }, "averaged again")).train)
})

test("a resumed run keeps its parts", async () => {
  const copy = join(folder, "copy")
  cpSync(join(folder, "all"), copy, { recursive: true })
  const other = eventsOf({ given: { split: "90,10,0" }, resume: copy })
  await expect(other).rejects.toThrow(
    "--split 90,10,0: " + copy + " trains with 100,0,0, which cannot change: leave the flag out",
  )
  await eventsOf({ given: { split: "100,0,0", steps: 25 }, resume: copy })
  expect((await readConfig(copy)).recipe).toMatchObject({ split: "100,0,0", steps: 25 })
})

test("equal lines are told and stand in one part, and a run from before parts could be given keeps its own", async () => {
  const twice = join(folder, "twice.txt")
  writeFileSync(twice, THINGS + THINGS)
  const { corpus, recipe } = await prepare({ data: twice })
  expect(corpus.description).toBe(`${twice}: 26 lines; 13 lines occur more than once.`)
  expect(corpus.sizes).toEqual({ train: 20, validation: 2, test: 4 })
  expect(recipe).toMatchObject({ split: "80,10,10" })
  expect(recipe.duplicates).toBeUndefined()
  const apart = (await prepare({ data: twice, duplicates: "apart" })).corpus
  expect(apart.sizes).toEqual({ train: 20, validation: 3, test: 3 })

  const old = join(folder, "old")
  await eventsOf({ given: { ...counted, data: twice, duplicates: "apart" }, out: old })
  const [then] = objects(await run("evaluate", "old", "--part", "validation", "test", "--json"))
  const config = JSON.parse(readFileSync(join(old, "config.json"), "utf8"))
  for (const key of ["split", "duplicates"]) delete config.recipe[key]
  writeFileSync(join(old, "config.json"), JSON.stringify(config))
  expect((await readConfig(old)).recipe).toMatchObject({ split: "80,10,10", duplicates: "apart" })
  expect(objects(await run("evaluate", "old", "--part", "validation", "test", "--json"))).toEqual([then])
})

test("sounds are split in the same parts, files or their durations", async () => {
  const speech = join(folder, "speech")
  mkdirSync(speech)
  for (const frequency of [100, 200])
    writeFileSync(
      join(speech, `${frequency}.wav`),
      fileOf([tone(frequency, { sampleRate: 1000 }).samples], "16", 1000),
    )
  const given = {
    data: speech,
    sampleRate: 1000,
    model: "wavenet-2016",
    layers: 2,
    stacks: 1,
    steps: 2,
  } as const
  const tiny = { residualChannels: 2, dilationChannels: 2, skipChannels: 2, batchSize: 1 }
  const out = join(folder, "sound")
  const events = await eventsOf({ given: { ...given, ...tiny, split: "100,0,0" }, out })
  const evaluated = events.find(({ kind }) => kind === "evaluated")!
  expect(keysIn(evaluated)).toEqual(["kind", "train"])
  expect(Object.keys(objects(await run("evaluate", "sound", "--json"))[0].reports as object)).toEqual([
    "train",
  ])
})
