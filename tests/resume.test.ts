/** A resumed run is the unbroken one, byte for byte, however and how often it was broken off. */

import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { setTimeout } from "node:timers/promises"
import { afterEach, beforeEach, expect, test } from "vitest"
import { Interrupted } from "../src/runs/interrupted.ts"
import { runTraining, type TrainingRequest } from "../src/runs/run-training.ts"
import type { Settings } from "../src/runs/settings.ts"
import { filesOf } from "./run-files.ts"

let folder = ""
let data = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-resume-"))
  data = join(folder, "things.txt")
  const syllables = ["ba", "lo", "mi", "ra", "tu", "ven"]
  const things = syllables.flatMap((a) => syllables.flatMap((b) => [a + b, a + b + a, b + a + a + b]))
  writeFileSync(data, things.join("\n"))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Takes the given number of steps, or all, then stops pulling. */
async function take(request: TrainingRequest, steps = Number.POSITIVE_INFINITY): Promise<void> {
  let taken = 0
  for await (const { kind } of runTraining({ ...request, every: 1 })) {
    if (kind === "progress") taken++
    if (taken >= steps) return
  }
}

/** Resolves once this many lines have arrived. */
async function lines(output: Readable, count: number): Promise<void> {
  let come = 0
  for await (const chunk of output.iterator({ destroyOnReturn: false })) {
    come += String(chunk).split("\n").length - 1
    if (come >= count) return
  }
}

const tiny = {
  recipe: "lecture",
  model: "flat",
  context: 3,
  embedding: 4,
  hidden: 8,
  logEvery: 7,
  steps: 450,
} as const

test.each<[string, Settings]>([
  ["averages, patience", { ...tiny, ema: 0.9, patience: 50, checkpointEvery: 100, evaluateEvery: 30 }],
  ["sgd, the lecture's schedule", { ...tiny, checkpointEvery: 100, evaluateEvery: 150 }],
  [
    "adamw, cosine, clipping",
    { ...tiny, optimizer: "adamw", schedule: "cosine", warmup: 50, clipNorm: 0.5, checkpointEvery: 60 },
  ],
  ["momentum and weight decay", { ...tiny, momentum: 0.9, weightDecay: 0.01, learningRate: 0.01 }],
  [
    "a tree with running statistics",
    { ...tiny, model: "wavenet", context: 4, steps: 300, evaluateEvery: 37 },
  ],
])("%s: broken off at odd steps and gone on with, the files are the same", async (_, recipe) => {
  const given = { ...recipe, data }
  const [unbroken, broken] = [join(folder, "unbroken"), join(folder, "broken")]
  await take({ given, out: unbroken })
  await take({ given, out: broken }, 37)
  for (const steps of [1, 63, 100, 99]) await take({ given: {}, resume: broken }, steps)
  await take({ given: {}, resume: broken })
  expect(Object.keys(filesOf(unbroken))).toEqual([
    ...(recipe.patience ? ["best.safetensors"] : []),
    "checkpoint.safetensors",
    "config.json",
    "metrics.jsonl",
    "samples.txt",
  ])
  expect(filesOf(broken)).toEqual(filesOf(unbroken))
})

test.each([[7], [1000], [undefined]])(
  "pulls of %s steps leave the same files as those of one",
  async (every) => {
    const given = { ...tiny, data, ema: 0.9, checkpointEvery: 60, evaluateEvery: 25, patience: 9 } as const
    const [ones, many] = [join(folder, "ones"), join(folder, "many")]
    await take({ given, out: ones })
    for await (const _ of runTraining({ given, out: many, every }));
    expect(filesOf(many)).toEqual(filesOf(ones))
  },
)

/** Interrupts at the given check of the signal: in an evaluation on the way, in those at the end, or in sampling. */
async function interrupt(request: TrainingRequest, looks: number): Promise<unknown> {
  const controller = new AbortController()
  const { signal } = controller
  const look = signal.throwIfAborted.bind(signal)
  let looked = 0
  signal.throwIfAborted = () => {
    if (++looked === looks) controller.abort()
    look()
  }
  try {
    for await (const _ of runTraining({ ...request, interrupts: () => ({ signal, release() {} }) }));
  } catch (error) {
    return error
  }
}

test("interrupted in an evaluation or in sampling, a training stops there, keeps all steps, and resumes as if it had never stopped", async () => {
  const given = {
    ...tiny,
    ...{ data, steps: 100, ema: 0.9, evaluateEvery: 25, patience: 9, checkpointEvery: 1000 },
  } as const
  const unbroken = join(folder, "unbroken")
  await take({ given, out: unbroken })
  const stopped: string[] = []
  for (const looks of [1, 2, 4, 5, 6, 7, 8, 12]) {
    const out = join(folder, `broken ${looks}`)
    const error = await interrupt({ given, out }, looks)
    expect(error).toBeInstanceOf(Interrupted)
    stopped.push(/after (\d+) of/.exec((error as Error).message)?.[1] ?? "")
    await take({ given: {}, resume: out })
    expect(filesOf(out), `look ${looks}`).toEqual(filesOf(unbroken))
  }
  expect(stopped).toEqual(["25", "50", "100", "100", "100", "100", "100", "100"])
})

test("how often a checkpoint is made, and at which steps, changes no number", async () => {
  const given = { ...tiny, optimizer: "adamw", data, evaluateEvery: 0 } as const
  const [often, once] = [join(folder, "often"), join(folder, "once")]
  await take({ given: { ...given, checkpointEvery: 33 }, out: often })
  await take({ given: { ...given, checkpointEvery: 450 }, out: once })
  expect({ ...filesOf(often), "config.json": "" }).toEqual({ ...filesOf(once), "config.json": "" })
})

test("a finished run, resumed for more steps, equals a longer run", async () => {
  const given = { ...tiny, data, schedule: "constant", checkpointEvery: 100, evaluateEvery: 0 } as const
  const [long, short] = [join(folder, "long"), join(folder, "short")]
  await take({ given, out: long })
  await take({ given: { ...given, steps: 200 }, out: short })
  await take({ given: { steps: 450 }, resume: short })
  expect(filesOf(short)).toEqual(filesOf(long))
})

test("a run killed at twenty random moments always resumes, and ends as if it had never stopped", {
  timeout: 120_000,
}, async () => {
  const recipe = ["--model", "flat", "--context", "3", "--hidden", "8", "--optimizer", "adamw"]
  const often = [
    "--steps",
    "12000",
    "--log-every",
    "5",
    "--checkpoint-every",
    "30",
    "--evaluate-every",
    "4000",
  ]
  const [unbroken, killed] = [join(folder, "unbroken"), join(folder, "killed")]
  const begin = (run: string) =>
    spawn(
      process.execPath,
      ["src/cli/main.ts", "train", data, ...recipe, ...often, "--json", "--resume", "--out", run],
      { stdio: ["ignore", "pipe", "inherit"] },
    )
  const whole = begin(unbroken)
  whole.stdout.resume()
  const ended = once(whole, "exit")

  const checkpoints = new Set<string>()
  for (let kill = 0; kill < 20; kill++) {
    const child = begin(killed)
    // A quarter is killed on the way to its first step, the others while they train and write.
    if (kill % 4 === 3) await setTimeout(Math.random() * 300)
    else await lines(child.stdout, Math.random() * 80)
    await setTimeout(Math.random() * 10)
    child.kill("SIGKILL")
    const [code] = await once(child, "exit")
    expect(code, "it was to be killed before it is through").toBeNull()
    checkpoints.add(filesOf(killed)["checkpoint.safetensors"] ?? "")
  }
  expect(checkpoints.size, "the kills were to hit it at different steps").toBeGreaterThan(5)

  const last = begin(killed)
  last.stdout.resume()
  expect(await once(last, "exit")).toEqual([0, null])
  expect(await ended).toEqual([0, null])
  expect(filesOf(killed)).toEqual(filesOf(unbroken))
})
