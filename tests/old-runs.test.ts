/**
 * Run folders, config files and flags of version 0.1. Each folder of tests/fixtures/version-0.1 is a run that version 0.1 began;
 * expected.json has what version 0.1 said of it, and of its training gone on with for some steps more.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { makewaveHere, objects } from "./command-line.ts"

interface Expected {
  train: number
  validation: number
  accuracy?: number
  samples?: string[]
  spectralPeak?: number
  levelDecibels?: number
  resumed?: { steps: number; train: number; validation: number }
}

const fixtures = "tests/fixtures/version-0.1"
const expected: Record<string, Expected> = JSON.parse(readFileSync(join(fixtures, "expected.json"), "utf8"))

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-old-runs-"))
  cpSync(fixtures, folder, { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true }))

async function objectsOf(...args: string[]) {
  const { code, stdout, stderr } = await makewaveHere([...args, "--json"], folder)
  expect({ args, code, stderr: code === 0 ? "" : stderr }).toEqual({ args, code: 0, stderr: "" })
  return objects(stdout)
}

describe.each(Object.entries(expected))("%s, a run of version 0.1", (run, then) => {
  test("is as good as it was", async () => {
    const [{ train, validation, classes }] = await objectsOf("evaluate", run)
    expect(train).toBeCloseTo(then.train, 5)
    expect(validation).toBeCloseTo(then.validation, 5)
    expect((classes as { train: { accuracy: number } } | undefined)?.train.accuracy).toBe(then.accuracy)
  })

  test("makes the same", async () => {
    if (then.samples) {
      const made = await objectsOf("sample", run, "--count", "8", "--seed", "3")
      expect(made.map(({ sample }) => sample)).toEqual(then.samples)
    } else {
      const flags = ["--seconds", "0.05", "--seed", "3", "--condition", "low", "--out", "low.wav"]
      const [made] = await objectsOf("sample", run, ...flags)
      expect(made.spectralPeak).toBeCloseTo(then.spectralPeak!, 3)
      expect(made.levelDecibels).toBeCloseTo(then.levelDecibels!, 4)
    }
  })

  const { resumed } = then
  if (!resumed) return // a counted run has no steps to take
  test("trains on as it would have", async () => {
    const { steps, train, validation } = resumed
    const last = (await objectsOf("train", "--resume", run, "--steps", String(steps))).at(-1)
    expect(last).toMatchObject({ run, steps })
    expect(last?.train).toBeCloseTo(train, 5)
    expect(last?.validation).toBeCloseTo(validation, 5)
  })
})

test("flags, settings by name and config files of version 0.1 mean what they meant", async () => {
  const recipeOf = async (run: string, ...args: string[]) => {
    await objectsOf("train", "--out", run, ...args)
    const { recipe, classes } = JSON.parse(readFileSync(join(folder, run, "config.json"), "utf8"))
    return { ...recipe, named: classes?.name }
  }
  const small =
    "--layers 1 --stacks 1 --residual-channels 2 --dilation-channels 2 --skip-channels 2 --steps 2"
  const flags = [...small.split(" "), "--batch-size", "2"]
  const table = ["people.csv", "--column", "name", "--model", "wavenet-2016", ...flags]
  expect(await recipeOf("by-flag", ...table, "--foretell", "sex")).toMatchObject({
    classify: "sex",
    named: "sex",
  })
  writeFileSync(join(folder, "old.yaml"), "foretell: tongue\n")
  expect(await recipeOf("by-file", ...table, "--config", "old.yaml")).toMatchObject({ classify: "tongue" })
  expect(await recipeOf("by-rate", "tones", ...flags, "--rate=2000")).toMatchObject({ sampleRate: 2000 })
  expect(await recipeOf("by-name", "tones", ...flags, "rate=2000")).toMatchObject({ sampleRate: 2000 })
  expect(existsSync(join(folder, "by-name", "checkpoint.safetensors"))).toBe(true)
})
