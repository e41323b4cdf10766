/** A run resumes with other settings, or refuses them and stays as it was, byte for byte. It can be used afterwards in any case. */
import { hash } from "node:crypto"
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { UserError } from "../src/errors.ts"
import { kindOf } from "../src/runs/corpora/index.ts"
import { readMetrics } from "../src/runs/metrics.ts"
import { openAnyModel } from "../src/runs/open-model.ts"
import { changeConfig, readConfig, showConfig } from "../src/runs/run-config.ts"
import { runTraining, type TrainingRequest } from "../src/runs/run-training.ts"
import type { Settings } from "../src/runs/settings.ts"
import { THINGS } from "./command-line.ts"

/** Values for each setting that may change, and for some that may not. */
const values: { readonly [K in keyof Settings]: readonly Settings[K][] } = {
  steps: [1, 20, 30],
  logEvery: [1, 7],
  checkpointEvery: [1, 100],
  evaluateEvery: [0, 4],
  patience: [1, 3],
  tensorboard: [true, false],
  provider: ["cpu", "wasm", "cuda"],
  threads: [1, 2],
  memory: [0.0001, 4],
  mixWeight: [0, 0.4],
  mixOrder: [2],
  model: ["ngram", "flat"],
  recipe: ["lecture", "flat"],
  hidden: [3],
  seed: [7],
}

const network = { model: "flat", context: 2, embedding: 2, hidden: 3, steps: 20, logEvery: 5 } as const

/** The runs; `taken` steps of each were taken before. */
const runs: Readonly<Record<string, { given: Settings; taken?: number }>> = {
  counted: { given: { model: "ngram", order: 2 } },
  trained: { given: network },
  "not evaluated": { given: { ...network, evaluateEvery: 0 } },
  patient: { given: { ...network, evaluateEvery: 2, patience: 1 } },
  "patient, half-way": { given: { ...network, evaluateEvery: 5, patience: 2, ema: 0.9 }, taken: 10 },
  "logged for TensorBoard": { given: { ...network, tensorboard: true }, taken: 10 },
  "mixed, half-way": {
    given: { ...network, mixOrder: 3, evaluateEvery: 5, patience: 2, ema: 0.9 },
    taken: 10,
  },
  "without a checkpoint": { given: network, taken: 0 },
}

let folder = ""
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "makewave-changed-"))
  const data = join(folder, "things.txt")
  writeFileSync(data, THINGS)
  for (const [name, { given, taken }] of Object.entries(runs))
    await take({ given: { ...given, data }, out: join(folder, name) }, taken)
})
afterAll(() => rmSync(folder, { recursive: true }))

async function take(request: TrainingRequest, steps = Number.POSITIVE_INFINITY): Promise<void> {
  let taken = 0
  for await (const { kind } of runTraining({ ...request, every: 1 })) {
    if (kind === "progress") taken++
    if (taken >= steps) return
  }
}

const filesOf = (run: string) =>
  Object.fromEntries(readdirSync(run).map((name) => [name, hash("sha256", readFileSync(join(run, name)))]))

/** The run can be read, evaluated, sampled and resumed. */
async function requireUsable(run: string): Promise<void> {
  await readMetrics(run)
  const trained = await openAnyModel(run)
  const kind = kindOf(trained.config.recipe)
  const context = { runtime: {}, notice: () => {} }
  expect((await kind.evaluate(trained, { ...context, parts: ["validation"] })).reports).toHaveProperty(
    "validation",
  )
  let made = 0
  for await (const _ of kind.sample(trained, { ...context, choice: {}, seed: 1, count: 2 })) made++
  expect(made).toBe(2)
  await take({ given: {}, resume: run })
}

const single = fc.constantFrom(
  ...Object.entries(values).flatMap(([key, all]) => all.map((value): Settings => ({ [key]: value }))),
)
const changes = fc.oneof(
  single,
  fc.tuple(single, single).map(([a, b]): Settings => ({ ...a, ...b })),
)
const name = fc.constantFrom(...Object.keys(runs))

test("resuming with piped data keeps the path in the config", async () => {
  const run = join(folder, "trained")
  const config = await readConfig(run)
  expect(changeConfig(run, config, { data: "-" })).toEqual(config)
})

test("a changed config can be read again, or is refused", async () => {
  await fc.assert(
    fc.asyncProperty(name, changes, async (run, given) => {
      const config = await readConfig(join(folder, run))
      let changed: ReturnType<typeof changeConfig>
      try {
        changed = changeConfig(run, config, given)
      } catch (error) {
        expect(error).toBeInstanceOf(UserError)
        return
      }
      const copy = join(folder, "copy")
      cpSync(join(folder, run), copy, { recursive: true })
      writeFileSync(join(copy, "config.json"), showConfig(changed))
      expect(await readConfig(copy)).toEqual(changed)
      rmSync(copy, { recursive: true })
    }),
    { numRuns: 300 },
  )
})

test("a run with other settings is refused, unchanged, or can be used", { timeout: 120_000 }, async () => {
  const known: [string, Settings][] = [
    ["counted", { steps: 120 }],
    ["counted", { threads: 2 }],
    ["counted", { tensorboard: true }],
    ["not evaluated", { patience: 3 }],
    ["patient", { evaluateEvery: 0 }],
    ["trained", { provider: "cuda" }],
  ]
  const copy = join(folder, "copy")
  await fc.assert(
    fc.asyncProperty(name, changes, async (run, given) => {
      rmSync(copy, { recursive: true, force: true })
      cpSync(join(folder, run), copy, { recursive: true })
      const before = filesOf(copy)
      const refusal = await take({ given, resume: copy }).catch((error: unknown) => error)
      if (refusal) {
        expect(refusal).toBeInstanceOf(UserError)
        expect(filesOf(copy)).toEqual(before)
      } else await requireUsable(copy)
    }),
    { numRuns: 30, examples: known },
  )
  for (const [run, given] of known)
    await expect(take({ given, resume: join(folder, run) }), JSON.stringify(given)).rejects.toThrow(UserError)
})
