/** The lines of metrics.jsonl: the means of the losses between them, and how long a run was trained. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { decodeCheckpoint, encodeCheckpoint } from "../src/runs/checkpoint.ts"
import { batchLosses, readMetrics } from "../src/runs/metrics.ts"
import { runTraining, type TrainingRequest } from "../src/runs/run-training.ts"
import { makewaveHere, objects, THINGS } from "./command-line.ts"

let folder = ""
const at = (name: string) => join(folder, name)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-metrics-"))
  writeFileSync(at("things.txt"), THINGS)
})
afterEach(() => rmSync(folder, { recursive: true }))

const tiny = {
  recipe: "lecture",
  model: "flat",
  context: 3,
  embedding: 4,
  hidden: 8,
  steps: 60,
} as const

/** Takes the given number of steps, or all, then stops pulling. */
async function take(request: TrainingRequest, steps = Infinity): Promise<void> {
  let taken = 0
  for await (const { kind } of runTraining({ ...request, every: 1 })) {
    if (kind === "progress") taken++
    if (taken >= steps) return
  }
}

test("a logged line has the mean of the batches since the one before, also after a break between the two", async () => {
  const given = { ...tiny, data: at("things.txt") }
  await take({ given: { ...given, logEvery: 1 }, out: at("every") })
  await take({ given: { ...given, logEvery: 20 }, out: at("broken") }, 27)
  await take({ given: {}, resume: at("broken") }, 6)
  await take({ given: {}, resume: at("broken") })
  const each = (await readMetrics(at("every"))).flatMap(({ loss = [] }) => loss)
  const mean = (from: number, to: number) =>
    each.slice(from, to).reduce((sum, loss) => sum + loss, 0) / (to - from)
  const logged = (await readMetrics(at("broken"))).filter(({ loss }) => loss !== undefined)
  expect(logged.map(({ step, loss, mean }) => [step, loss, mean])).toEqual([
    [0, each[0], each[0]],
    [20, each[20], mean(1, 21)],
    [40, each[40], mean(21, 41)],
  ])
  expect(logged[2].mean).not.toBe(logged[2].loss)

  const [plotted] = objects((await makewaveHere(["plot", at("broken"), "--json"])).stdout)
  expect(plotted.training).toEqual(logged.map(({ step, mean }) => ({ step, loss: mean })))
  expect((await makewaveHere(["plot", at("broken")])).stdout).toContain("training, mean of 20 batches")
  expect(readFileSync(at("broken/loss.svg"), "utf8")).toContain("training, mean of 20 batches")
})

test("lines of earlier versions have no mean: the losses of their batches are plotted", () => {
  const lines = [
    { step: 0, loss: 3 },
    { step: 10, loss: 2, mean: 2.5 },
    { step: 10, validation: 2.2 },
  ]
  expect(batchLosses(lines)).toEqual([
    { step: 0, loss: 3 },
    { step: 10, loss: 2.5 },
  ])
})

test("the last line has the seconds of all starts together, and none where an earlier version did not count", async () => {
  const given = { ...tiny, data: at("things.txt") }
  const checkpoint = at("run/checkpoint.safetensors")
  const read = () => decodeCheckpoint(readFileSync(checkpoint), checkpoint)
  await take({ given, out: at("run") }, 30)
  const before = await read()
  expect(before.seconds).toBeGreaterThan(0)
  writeFileSync(checkpoint, await encodeCheckpoint({ ...before, seconds: 1000 }))
  await take({ given: {}, resume: at("run") })
  const { seconds } = (await readMetrics(at("run"))).at(-1)!
  expect(seconds).toBeGreaterThan(1000)
  expect(seconds).toBeLessThan(1100)
  expect((await read()).seconds).toBe(seconds)

  writeFileSync(checkpoint, await encodeCheckpoint({ ...(await read()), seconds: undefined }))
  await take({ given: {}, resume: at("run") })
  expect((await readMetrics(at("run"))).at(-1)).not.toHaveProperty("seconds")
})
