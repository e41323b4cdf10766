/** The race of the challenge: recipes train one after another in one process, and times of part of the steps are those of all. */
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Measured, measured, summary } from "../experiments/challenge/seconds.ts"
import { readConfigFile } from "../src/cli/config-file.ts"
import { resolveRecipe } from "../src/runs/recipe.ts"
import { THINGS } from "./command-line.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-race-"))
  const data = join(folder, "things.txt")
  writeFileSync(data, THINGS)
  writeFileSync(join(folder, "counts.yaml"), `data: ${data}\nmodel: ngram\norder: 2\n`)
  const sizes = "embedding: 2\nhidden: 3\nbatchSize: 4\nsteps: 30\nevaluateEvery: 0\n"
  writeFileSync(
    join(folder, "taught.yaml"),
    `recipe: lecture\ndata: ${data}\nmodel: gru\npack: 8\nteacher: runs/counts\n${sizes}`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

async function trained(...words: string[]) {
  const script = resolve("experiments/challenge/train-recipes.ts")
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...words], { cwd: folder })
  return JSON.parse(stdout)
}

test("a recipe learns from the one before it, in one process, and each part has its seconds", async () => {
  const begin = performance.now()
  const found = await trained("counts.yaml", "taught.yaml", "--seed", "3")
  const wall = (performance.now() - begin) / 1000
  expect(found).toMatchObject({ steps: 30, of: 30, validation: expect.closeTo(1.4, 0) })
  const parts = Object.values(found.parts as Record<string, number>)
  expect(parts).toHaveLength(6)
  expect(Math.min(...parts)).toBeGreaterThan(0)
  expect(parts.reduce((sum, each) => sum + each)).toBeLessThan(wall)
  const again = await trained("counts.yaml", "taught.yaml", "--seed", "3", "--until", "10")
  expect(again).toMatchObject({ steps: 10, of: 30 })
  expect(again.validation).not.toBe(found.validation)
})

test("what cannot be trained is a sentence", async () => {
  await expect(trained("nothing.yaml")).rejects.toMatchObject({
    stderr: expect.stringMatching(/^error: .*nothing.yaml: no such file: [^\n]+\n$/),
  })
  await expect(trained("counts.yaml", "--seed", "x")).rejects.toMatchObject({
    stderr: "error: --seed x: give a whole number\n",
  })
})

test("steps that were not taken count at the rate of the others", () => {
  const run = { validation: 2, steps: 50, of: 200, secondsPerStep: 0.1, parts: {} }
  expect(measured(7, run).seconds).toBeCloseTo(22, 10)
  expect(measured(7, { ...run, steps: 200 }).seconds).toBe(7)
})

test("the ratio is the median of those of each round, and only losses of whole runs are summed up", () => {
  const rounds = (seconds: readonly number[], steps = 10): Measured[] =>
    seconds.map((each, k) => ({
      ...{ seconds: each, validation: [1.99, 1.9937, 1.9938][k], steps, of: 10, secondsPerStep: 1 },
      parts: { start: k, steps: 1 },
    }))
  const first = { name: "a", notes: [], rounds: rounds([1, 2, 4]) }
  expect(summary(first, first)).toMatchObject({
    seconds: { median: 2, least: 1, most: 4 },
    ratio: 1,
    validation: { mean: expect.closeTo(1.9925, 10), least: 1.99, most: 1.9938 },
    reached: 2,
    parts: { start: 1, steps: 1 },
  })
  const other = summary({ name: "b", notes: [], rounds: rounds([30, 20, 20], 5) }, first)
  expect(other).toMatchObject({ ratio: 10, seconds: { median: 20 }, steps: { taken: 5, of: 10 } })
  expect(other).not.toHaveProperty("validation")
})

test.each(["seconds-teacher", "seconds", "lecture"])(
  "%s.yaml is a recipe of the lecture's data",
  async (name) => {
    const given = await readConfigFile(`experiments/challenge/${name}.yaml`)
    expect(resolveRecipe(given, { longestLine: 15 })).toMatchObject({ ...given, data: "makemore-names" })
  },
)
