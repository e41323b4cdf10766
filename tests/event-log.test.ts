/** `train --tensorboard`: what TensorBoard finds in a run's folder is what its metrics say, however often it was broken off. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { BinaryReader } from "@bufbuild/protobuf/wire"
import { afterEach, beforeEach, expect, test } from "vitest"
import { storeOf } from "../src/runs/disk-store.ts"
import { EventLog } from "../src/runs/event-log.ts"
import { readMetrics } from "../src/runs/metrics.ts"
import { resolveRecipe } from "../src/runs/recipe.ts"
import { runTraining, type TrainingRequest } from "../src/runs/run-training.ts"
import type { Settings } from "../src/runs/settings.ts"
import { testByPython } from "./by-python.ts"
import { THINGS } from "./command-line.ts"
import { hparamsTable } from "./hparams-table.ts"
import { askPython } from "./python.ts"

let folder = ""
let data = ""
let run = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-events-"))
  data = join(folder, "things.txt")
  run = join(folder, "run")
  writeFileSync(data, THINGS)
})
afterEach(() => rmSync(folder, { recursive: true }))

const tiny: Settings = {
  model: "flat",
  context: 2,
  embedding: 2,
  hidden: 3,
  logEvery: 10,
  evaluateEvery: 50,
  checkpointEvery: 100,
  steps: 200,
}

async function take(request: TrainingRequest, steps = Number.POSITIVE_INFINITY): Promise<void> {
  let taken = 0
  for await (const { kind } of runTraining({ ...request, every: 1 }))
    if (kind === "progress" && ++taken >= steps) return
}

const eventFiles = () => readdirSync(run).filter((name) => name.includes(".tfevents."))

test("a run has event files where they are asked for, then or later, and nowhere else", async () => {
  await take({ given: { ...tiny, data }, out: run }, 20)
  expect(eventFiles()).toEqual([])
  await take({ given: { tensorboard: true }, resume: run }, 20)
  expect(eventFiles()).toHaveLength(1)
  await take({ given: { tensorboard: false }, resume: run }, 20)
  expect(eventFiles()).toHaveLength(1)
})

test("a resumed training's events tell readers from which step on they count", async () => {
  await take({ given: { ...tiny, data, tensorboard: true }, out: run }, 20)
  await take({ given: {}, resume: run }, 20)
  expect(eventFiles().flatMap(startsOf)).toEqual([0, 20]) // in one file if they began in the same second
})

/** The steps of an event file's records of a session that starts: fields 2, and 7 of which field 1 is 1. */
function startsOf(name: string): number[] {
  const file = readFileSync(join(run, name))
  const starts: number[] = []
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at))
    const reader = new BinaryReader(file.subarray(at + 12, at + 12 + length))
    let [step, isStart] = [0, false]
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag()
      if (field === 2) step = Number(reader.int64())
      else if (field === 7) isStart = Buffer.from(reader.bytes()).equals(Buffer.from([8, 1]))
      else reader.skip(type)
    }
    if (isStart) starts.push(step)
    at += 12 + length + 4
  }
  return starts
}

testByPython("tensorboard")(
  "TensorBoard finds each logged step once, the weights at checkpoints, the samples and the recipe",
  async () => {
    const checkpoint = join(run, "checkpoint.safetensors")
    const before = join(folder, "before.safetensors")
    const resume = { given: {}, resume: run }
    await take({ given: { ...tiny, data }, out: run }, 20)
    await take({ given: { tensorboard: true }, resume: run }, 80)
    copyFileSync(checkpoint, before)
    await take(resume, 60)
    copyFileSync(before, checkpoint) // as a kill would have left it
    await take(resume, 60)
    await take(resume)

    const read = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "histograms": 0}).Reload()
hparams = [HParamsPluginData.FromString(content) for content in events.PluginTagToContent("hparams").values()]
start = next(part.session_start_info for part in hparams if part.HasField("session_start_info"))
print(json.dumps({
    "scalars": {tag: [[event.step, event.value] for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]},
    "histograms": {tag: [[h.step, h.histogram_value.num] for h in events.Histograms(tag)] for tag in events.Tags()["histograms"]},
    "samples": [[event.step, event.tensor_proto.string_val[0].decode()] for event in events.Tensors("samples")],
    "settings": {name: getattr(value, value.WhichOneof("kind")) for name, value in start.hparams.items()},
    "ended": any(part.HasField("session_end_info") for part in hparams),
}))`
    const found = (await askPython("tensorboard", "-c", read, run)) as {
      scalars: Record<string, [number, number][]>
      histograms: Record<string, [number, number][]>
      samples: [number, string][]
      settings: Record<string, unknown>
      ended: boolean
    }
    const metrics = await readMetrics(run)
    const curve = (name: "loss" | "mean" | "rate" | "train" | "validation") =>
      metrics.flatMap(({ step, [name]: value }) => (value === undefined ? [] : [[step, Math.fround(value)]]))
    expect(found.scalars).toEqual({
      "loss/batch": curve("loss"),
      "loss/mean": curve("mean"),
      "loss/train": curve("train"),
      "loss/validation": curve("validation"),
      rate: curve("rate"),
    })
    expect(curve("loss").map(([step]) => step)).toEqual(Array.from({ length: 20 }, (_, k) => 10 * k))
    expect(curve("validation").map(([step]) => step)).toEqual([50, 100, 150, 200])
    expect(found.histograms["network.layers.2.weight"]).toEqual([20, 100, 160, 200].map((step) => [step, 12]))
    const samples = readFileSync(join(run, "samples.txt"), "utf8").split("\n").slice(0, -1)
    expect(found.samples).toEqual([[200, samples.map((sample) => `    ${sample}`).join("\n")]])
    expect(found.settings).toMatchObject({ model: "flat", hidden: 3, steps: 200, tensorboard: true })
    expect(found.ended).toBe(true)
  },
)

testByPython("tensorboard")(
  "TensorBoard shows runs of different models in one table, with the settings of each",
  async () => {
    for (const model of ["flat", "gru", "wavenet-2016"] as const) {
      const metrics = [{ step: 10, train: 2, validation: 2.5 }]
      mkdirSync(join(folder, model))
      await EventLog.open(storeOf(join(folder, model)), resolveRecipe({ model }), { metrics })
    }
    const { columns, rows } = await hparamsTable(folder)
    expect([columns.model, columns.hidden, columns.layers, columns.seed]).toEqual([true, true, false, false])
    expect(rows).toHaveLength(3)
    for (const { name, settings, metrics } of rows) {
      expect(settings.model).toBe(name)
      expect(metrics).toMatchObject({ "loss/train": 2, "loss/validation": 2.5 })
    }
  },
)
