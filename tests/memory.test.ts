/** Memory is estimated, close to what is measured, and more than is allowed is refused before it is taken. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Vocabulary, windows } from "../src/data/index.ts"
import { MemoryError } from "../src/errors.ts"
import { Flat } from "../src/models/index.ts"
import { Generator } from "../src/random/index.ts"
import { prepare } from "../src/runs/corpora/index.ts"
import { learnerOf } from "../src/runs/learners/index.ts"
import { recipeNames } from "../src/runs/recipes.ts"
import { evaluate, lossPerTarget } from "../src/training/index.ts"
import { makewaveHere } from "./command-line.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-memory-"))
  const lines = Array.from({ length: 40 }, (_, k) => "abcdefghij".repeat(99) + "abc".slice(k % 3))
  writeFileSync(join(folder, "long.txt"), lines.join("\n"))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Trains a model in a process of its own: the estimate, and the gigabytes taken after three steps. */
function trained(model: string, options: object, batchSize: number) {
  const program = `
    import { models } from ${JSON.stringify(resolve("src/models/index.ts"))}
    import { adamw } from ${JSON.stringify(resolve("src/optim/index.ts"))}
    import { train } from ${JSON.stringify(resolve("src/training/index.ts"))}
    const model = new models[${JSON.stringify(model)}](${JSON.stringify(options)})
    const { contextLength: T, vocabularySize: V, reads } = model
    const data = Int32Array.from({ length: 64 * T }, (_, k) => 1 + ((k * 7919) % (V - 1)))
    const targets = reads === "windows" ? { data: data.slice(0, 64), shape: [64] } : { data, shape: [64, T] }
    const open = (memory) =>
      train(model, { inputs: { data, shape: [64, T] }, targets }, { steps: 3, batchSize: ${batchSize}, optimizer: adamw(), runtime: { memory } })
    const estimated = await open(0.001).compile().catch(({ message }) => Number(/about ([\\d.]+) GB/.exec(message)[1]))
    for await (const _ of open(100));
    console.log(JSON.stringify({ estimated, taken: process.resourceUsage().maxRSS * 1024 / 1e9 }))`
  const flags = ["--input-type=module", "--eval", program]
  return JSON.parse(execFileSync(process.execPath, flags, { encoding: "utf8" }))
}

test.each<[string, object, number]>([
  ["transformer", { vocabularySize: 28, contextLength: 400, layers: 2 }, 8],
  ["wavenet", { vocabularySize: 27, contextLength: 8 }, 16_384],
  ["wavenet-2016", { vocabularySize: 256, contextLength: 1024 }, 8],
  ["gru", { vocabularySize: 20_000, contextLength: 16 }, 32],
  ["mlp", { vocabularySize: 17_906, contextLength: 4, embedding: 30, hidden: 100 }, 256],
])("the memory of a %s %o in batches of %i rows", (model, options, batchSize) => {
  const { estimated, taken } = trained(model, options, batchSize)
  expect(estimated).toBeGreaterThan(0.3)
  expect(taken / estimated).toBeGreaterThan(0.75)
  expect(taken / estimated).toBeLessThan(1.25)
})

describe("a training that needs more memory is refused, with the flags that make it smaller", () => {
  const training = ["train", "long.txt", "--model", "transformer", "--steps", "1"]

  test("above 2 GB by default", async () => {
    const { code, stdout, stderr } = await makewaveHere(training, folder)
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toMatch(
      /^error: .* about \d(\.\d+)? GB of memory, and 2 GB are allowed: .*--batch-size.*--context.*--memory \d.*\n$/,
    )
  })

  test.each(["transformer", "bow"])(
    "a context of 100,000 with %s, for which no mask is made",
    async (model) => {
      const sizes = ["--model", model, "--context", "100000", "--batch-size", "1", "--steps", "1"]
      const { code, stderr } = await makewaveHere(["train", "long.txt", ...sizes], folder)
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(/^error: this would take about \d+(\.\d+)? GB of memory, and 2 GB/),
      })
      const inspected = await makewaveHere(["inspect", model, "--context", "100000"], folder)
      expect(inspected).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("32 rows, 100,000 positions"),
      })
    },
  )

  test("the memory that is allowed suffices", async () => {
    const small = ["--layers", "1", "--heads", "1", "--embedding", "2", "--batch-size", "4", "--out", "small"]
    const refused = await makewaveHere([...training, ...small, "--memory", "0.2"], folder)
    expect(refused.stderr).toMatch(/about 0\.\d\d? GB of memory, and 0\.2 GB are allowed/)
    expect((await makewaveHere([...training, ...small], folder)).code).toBe(0)
  })
})

test.each(recipeNames)("the recipe %s fits", async (name) => {
  const { recipe, corpus, origin } = await prepare({ recipe: name, data: "names" })
  const { hasLayers, begin } = learnerOf(recipe)
  if (hasLayers) await begin(recipe, corpus, { origin, runtime: {} })
})

test("an evaluation uses as many rows at once as fit, and gives the same losses", async () => {
  const lines = readFileSync("tests/memory.test.ts", "utf8").split("\n")
  const vocabulary = Vocabulary.from(lines)
  const model = new Flat({ vocabularySize: vocabulary.size, contextLength: 8, hidden: 4096 })
  model.initialize(new Generator(1))
  const rows = windows(lines, vocabulary, 8)
  const memory = 0.22
  await expect(lossPerTarget(model, rows, { batchSize: 1024, runtime: { memory } })).rejects.toThrow(
    MemoryError,
  )
  const [some, all] = [
    await lossPerTarget(model, rows, { runtime: { memory } }),
    await lossPerTarget(model, rows),
  ]
  for (const [k, loss] of all.entries()) expect(some[k]).toBeCloseTo(loss, 5)
  expect(await evaluate(model, rows, { runtime: { memory } })).toBeCloseTo(await evaluate(model, rows), 6)
})
