/** A model that is counted is a run like any other: it is kept, opened, sampled from, and refuses what steps need. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { NGram } from "../src/counting/ngram.ts"
import { loadText } from "../src/data/catalog.ts"
import { split } from "../src/data/split.ts"
import { Bigram } from "../src/models/index.ts"
import { Generator } from "../src/random/torch.ts"
import { learnerOf } from "../src/runs/learners/index.ts"
import { readMetrics } from "../src/runs/metrics.ts"
import { openAnyModel, openModel } from "../src/runs/open-model.ts"
import { runTraining, type TrainingEvent, type TrainingRequest } from "../src/runs/run-training.ts"
import { countingSampler, openSampler } from "../src/sampling/index.ts"

let folder = ""
let run = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-counted-"))
  run = join(folder, "run")
})
afterEach(() => rmSync(folder, { recursive: true }))

async function eventsOf(request: TrainingRequest): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = []
  for await (const event of runTraining(request)) events.push(event)
  return events
}

function things(): string {
  const data = join(folder, "things.txt")
  writeFileSync(data, "abc\ncab\nbca\nabb\ncaa\nbcc\naab\nbba\nccb\nacb\nbac\ncba\n")
  return data
}

const given = () => ({ data: things(), model: "ngram", order: 3 }) as const

test("it is counted, evaluated and kept, and the kept one gives the same probabilities", async () => {
  const events = await eventsOf({ given: given(), out: run })
  expect(events.map(({ kind }) => kind)).toEqual(["begun", "trained", "evaluated", "sampled"])
  expect(readdirSync(run).sort()).toEqual([
    "checkpoint.safetensors",
    "config.json",
    "metrics.jsonl",
    "samples.txt",
  ])
  const { model, vocabulary } = await openAnyModel(run)
  const lines = split(await loadText(given().data)).train.lines.map((line) => vocabulary.encode(line))
  const counted = new NGram({ order: 3, vocabularySize: 4 }).fit(lines)
  expect((model as NGram).probabilities([1, 2])).toEqual(counted.probabilities([1, 2]))
  expect(model.parameterCount).toBe(counted.parameterCount)
  expect(events[2]).toMatchObject({ train: expect.closeTo(counted.loss(lines), 12) })
  const again = await eventsOf({ given: {}, resume: run })
  expect(again.slice(2)).toEqual(events.slice(2))
  expect(await readMetrics(run)).toHaveLength(1)
})

test("with interpolated counts its weights are fitted on the validation part, kept and shown", async () => {
  const settings = { ...given(), smoothing: "interpolated" } as const
  const events = await eventsOf({ given: settings, out: run })
  const { model, config, vocabulary } = await openAnyModel(run)
  const parts = split(await loadText(given().data))
  const encoded = (part: { lines: readonly string[] }) => part.lines.map((line) => vocabulary.encode(line))
  const counted = new NGram({ order: 3, vocabularySize: 4, smoothing: "interpolated" })
  counted.fit(encoded(parts.train), { heldOut: encoded(parts.validation) })
  expect((model as NGram).stateDict()).toEqual(counted.stateDict())
  expect(events[2]).toMatchObject({ validation: expect.closeTo(counted.loss(encoded(parts.validation)), 12) })
  const { text, json } = learnerOf(config.recipe).describe(model, { batchSize: 1 })
  expect(text).toMatch(
    /\n\nWeights α of the orders\n\nLast 2 symbols seen +Uniform +1 +2 +3\n0( to \d+)? +0\.\d/,
  )
  expect(json).toMatchObject({
    smoothing: "interpolated",
    weights: counted.weights!.map((weights) => ({ weights })),
  })
  const again = await eventsOf({ given: {}, resume: run })
  expect(again.slice(2)).toEqual(events.slice(2))
  await expect(
    eventsOf({ given: { ...settings, split: "100,0,0" }, out: join(folder, "whole") }),
  ).rejects.toThrow(
    /--smoothing interpolated: its weights are fitted on the validation part, which has no lines: set some apart/,
  )
})

test("what belongs to steps and layers is refused with a sentence", async () => {
  await expect(eventsOf({ given: { ...given(), steps: 5 }, out: run })).rejects.toThrow(
    /--steps 5: the model ngram is counted/,
  )
  await expect(eventsOf({ given: given(), out: run, onnx: "a.onnx" })).rejects.toThrow(
    /--onnx a.onnx: the model/,
  )
  await expect(
    eventsOf({ given: { recipe: "lecture", data: things(), order: 3 }, out: run }),
  ).rejects.toThrow(/--order 3: the model wavenet has no such setting/)
  await eventsOf({ given: given(), out: run })
  await expect(openModel(run)).rejects.toThrow(/the model ngram has no layers of its own/)
})

test("samples begin with the prompt, end at the longest, and of the likeliest only there is one", async () => {
  await eventsOf({ given: given(), out: run })
  const { model } = await openAnyModel(run)
  const options = { count: 20, generator: new Generator(1), prompt: [3], maximumLength: 2, topK: 1 }
  const made: number[][] = []
  for await (const ids of countingSampler(model as NGram).sample(options)) made.push(ids)
  expect(made).toHaveLength(20)
  expect(new Set(made.map((ids) => ids.join()))).toHaveLength(1)
  for (const ids of made) expect(ids[0]).toBe(3)
  for (const ids of made) expect(ids.length).toBeLessThanOrEqual(2)
})

test("a model of sequences makes nothing longer than it can read", async () => {
  const model = new Bigram({ vocabularySize: 50, contextLength: 4 }).initialize(new Generator(1))
  const sampler = await openSampler(model, { batchSize: 8 })
  const lengths: number[] = []
  for await (const ids of sampler.sample({ count: 64, generator: new Generator(1) })) lengths.push(ids.length)
  await sampler.release()
  expect(Math.max(...lengths)).toBe(3)
})

test.skipIf(!process.env.MAKEWAVE_DATA)("6-grams of names.txt: the bar for every network", async () => {
  const events = await eventsOf({ given: { data: "makemore-names", model: "ngram", order: 6 }, out: run })
  const evaluated = events.find(({ kind }) => kind === "evaluated") as { validation: number }
  expect(evaluated.validation).toBeCloseTo(1.974, 3)
})
