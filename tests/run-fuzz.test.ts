/** Whatever stands in the files of a run's folder: they are read, or one sentence says which is none. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { UserError } from "../src/errors.ts"
import { decodeCheckpoint } from "../src/runs/checkpoint.ts"
import { readMetrics } from "../src/runs/metrics.ts"
import { createModel } from "../src/runs/recipe.ts"
import { readConfig } from "../src/runs/run-config.ts"
import { runTraining } from "../src/runs/run-training.ts"
import { settings } from "../src/runs/settings.ts"
import { THINGS } from "./command-line.ts"

let folder = ""
let run = ""
const files: Record<string, Buffer> = {}
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "makewave-run-fuzz-"))
  run = join(folder, "run")
  writeFileSync(join(folder, "things.txt"), THINGS)
  const given = { data: join(folder, "things.txt"), model: "flat", context: 2, hidden: 3, steps: 30 } as const
  for await (const _ of runTraining({ given, out: run }));
  for (const name of ["config.json", "metrics.jsonl", "checkpoint.safetensors"])
    files[name] = readFileSync(join(run, name))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What reading gives; undefined where it is refused in a sentence that names the file. */
async function readOrRefused<T>(name: string, reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error
    expect(error.message).toContain(name)
    expect(error.message).not.toContain("\n")
    return undefined
  })
}

/** Bytes of any kind, and those of the run with a few of them others, more or fewer. */
const damaged = (name: string) => {
  const some = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.json().map((text) => Buffer.from(text)),
  )
  const inPlace = fc.constant(undefined) // as many bytes as come
  return fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    fc.tuple(fc.nat(), fc.oneof(inPlace, fc.nat(40)), some).map(([at, gone, bytes]) => {
      const whole = files[name]
      const start = at % whole.length
      return Buffer.concat([whole.subarray(0, start), bytes, whole.subarray(start + (gone ?? bytes.length))])
    }),
  )
}

test("config.json, damaged", async () => {
  await fc.assert(
    fc.asyncProperty(damaged("config.json"), async (bytes) => {
      writeFileSync(join(run, "config.json"), bytes)
      await readOrRefused("config.json", readConfig(run))
    }),
    { numRuns: 1000 },
  )
})

test("config.json with other settings: a model that can be made, or a sentence", {
  timeout: 60_000,
}, async () => {
  const value = fc.oneof(
    fc.constantFrom(
      ...Object.keys(files),
      "flat",
      "wavenet-2016",
      "transformer",
      "ngram",
      "cosine",
      "adamw",
      0,
      1,
      2,
      16_384,
    ),
    fc.jsonValue({ maxDepth: 1 }),
  )
  const other = fc.dictionary(fc.constantFrom(...Object.keys(settings)), value, { maxKeys: 4 })
  await fc.assert(
    fc.asyncProperty(other, async (changes) => {
      const config = JSON.parse(files["config.json"].toString())
      Object.assign(config.recipe, changes)
      writeFileSync(join(run, "config.json"), JSON.stringify(config))
      // A sentence about settings that do not go together names the setting.
      try {
        const { recipe } = await readConfig(run)
        if (recipe.model !== "ngram") createModel(recipe, 4)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
      }
    }),
    { numRuns: 300 },
  )
})

test("metrics.jsonl, damaged", async () => {
  await fc.assert(
    fc.asyncProperty(damaged("metrics.jsonl"), async (bytes) => {
      writeFileSync(join(run, "metrics.jsonl"), bytes)
      const metrics = await readOrRefused("metrics.jsonl: line ", readMetrics(run))
      for (const { step } of metrics ?? []) expect(Number.isSafeInteger(step)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test("a checkpoint, damaged, is never taken for a whole one", async () => {
  await fc.assert(
    fc.asyncProperty(damaged("checkpoint.safetensors"), async (bytes) => {
      const read = await readOrRefused("c.safetensors", decodeCheckpoint(bytes, "c.safetensors"))
      expect(read === undefined || bytes.equals(files["checkpoint.safetensors"])).toBe(true)
    }),
    { numRuns: 500 },
  )
})
