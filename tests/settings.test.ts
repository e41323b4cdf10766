/** Settings by makemore.py's spellings, by name and from files; whatever a file holds, there are settings in it or a sentence says why not. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { parseConfig } from "../src/cli/config-file.ts"
import { UserError } from "../src/errors.ts"
import { runningDefaults } from "../src/runs/corpora/running-defaults.ts"
import { createOptimizer, resolveRecipe } from "../src/runs/recipe.ts"
import type { Settings } from "../src/runs/settings.ts"
import { makewaveHere, objects, THINGS } from "./command-line.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-settings-"))
  writeFileSync(join(folder, "things.txt"), THINGS)
})
afterAll(() => rmSync(folder, { recursive: true }))

const here = (...args: string[]) => makewaveHere(args, folder)

test("makemore.py's spellings mean what they mean there, and AdamW's betas are settings", async () => {
  const { code, stdout } = await here(
    ...["train", "-i", "things.txt", "--work-dir", "spelt", "--type", "transformer", "--n-layer", "1"],
    ...["--n-head=2", "--n-embd", "4", "--max-steps", "20", "--device", "cpu", "-b", "3", "-l", "0.01"],
    ...["--optimizer", "adamw", "-w", "0.1", "--beta2", "0.5", "--json"],
  )
  expect(code).toBe(0)
  expect(objects(stdout).at(-1)).toMatchObject({ run: "spelt", steps: 20 })
  const { recipe } = JSON.parse(readFileSync(join(folder, "spelt", "config.json"), "utf8"))
  expect(recipe).toMatchObject({ layers: 1, heads: 2, embedding: 4, batchSize: 3, learningRate: 0.01 })
  expect(recipe).toMatchObject({ weightDecay: 0.1, beta1: 0.9, beta2: 0.5, data: "things.txt" })
  expect(createOptimizer(recipe).config).toMatchObject({ beta1: 0.9, beta2: 0.5, weightDecay: 0.1 })
})

test("sizes that makemore.py ignores are ignored, with a notice", async () => {
  const sized = async (type: string, ...args: string[]) => {
    const { code, stderr } = await here(
      "train",
      "-i",
      "things.txt",
      "--max-steps",
      "1",
      "-o",
      type,
      "--type",
      type,
      ...args,
    )
    return { code, stderr }
  }
  expect(
    await sized("transformer", "--n-layer", "1", "--n-embd=8", "--n-head", "2", "--n-embd2", "64"),
  ).toEqual({
    code: 0,
    stderr: "--n-embd2 64: ignored, as makemore.py does: the model transformer has no --hidden\n",
  })
  expect(await sized("bigram", "--n-layer=4", "--n-head", "4", "--n-embd", "64")).toEqual({
    code: 0,
    stderr: expect.stringMatching(
      /^--n-layer 4: ignored.*\n--n-head 4: ignored.*\n--n-embd 64: ignored.*\n$/,
    ),
  })
  expect(await here("train", "things.txt", "--model", "bigram", "--layers", "4")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: --layers 4: the model bigram has no such setting/),
  })
})

test("settings from a YAML or JSON file; those beside it come first", async () => {
  const yaml =
    "# small\ndata: things.txt\nmodel: flat\ncontext: 2\nhidden: 4\nmilestones: [5, 8]\nsteps: 10\n"
  writeFileSync(join(folder, "small.yaml"), yaml)
  writeFileSync(join(folder, "small.json"), JSON.stringify({ data: "things.txt", model: "bigram", steps: 5 }))
  const recipeOf = async (run: string, ...args: string[]) => {
    const { code, stderr } = await here("train", "--out", run, ...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    return JSON.parse(readFileSync(join(folder, run, "config.json"), "utf8")).recipe
  }
  expect(
    await recipeOf("by-yaml", "--config", "small.yaml", "steps=9", "batch-size=4", "--hidden", "5"),
  ).toMatchObject({ model: "flat", context: 2, hidden: 5, milestones: [5, 8], steps: 9, batchSize: 4 })
  expect(await recipeOf("by-json", "--config", "small.json")).toMatchObject({ model: "bigram", steps: 5 })
})

describe("a config file that is none gets a sentence", () => {
  test.each([
    ["learningRat: 0.1", /c\.yaml: there is no setting "learningRat": did you mean learningRate\?/],
    ["data: {toString: null}", /c\.yaml: data: an object: give a data set/],
    ["steps: many", /c\.yaml: steps: "many": give a whole number from 1 to/],
    ["learningRate: .nan", /c\.yaml: learningRate: NaN: give a number above 0/],
    ["steps: 1\nsteps: 2", /^c\.yaml: line 2: a name is there twice: leave one out$/],
    ["{", /c\.yaml: line 1: not YAML or JSON/],
    ["steps: 5: 6", /^c\.yaml: line 1: not YAML or JSON: give lines such as learningRate: 0\.1$/],
    ["", /there are no settings in it/],
    ["- 1", /there are no settings in it/],
  ])("%j", async (text, sentence) => {
    await expect(parseConfig(text, "c.yaml")).rejects.toThrow(sentence)
  })

  test("whatever it holds", async () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc
        .array(fc.constantFrom("steps", ":", " ", "\n", "- ", "&a ", "*a", "{", "}", "!!", "|", "1", "?"), {
          maxLength: 20,
        })
        .map((parts) => parts.join("")),
      fc.json(),
    )
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        const error = await parseConfig(text, "c.yaml").then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        if (error !== undefined) expect(error).toBeInstanceOf(UserError)
      }),
      { numRuns: 1000 },
    )
  })
})

test.each([
  [200_000, 100, 10_000, 20_000],
  [20_000, 100, 1000, 2000],
  [3000, 10, 100, 1000],
  [250, 1, 100, 1000],
  [1_234_567, 100, 100_000, 123_457],
])(
  "of %i steps a run logs every %i, keeps every %i, evaluates every %i",
  (steps, log, checkpoint, evaluate) => {
    const { logEvery, checkpointEvery, evaluateEvery } = resolveRecipe({ steps })
    expect([logEvery, checkpointEvery, evaluateEvery]).toEqual([log, checkpoint, evaluate])
  },
)

test("the features of words begin quieter than those of characters, unless a recipe says how loud", () => {
  const std = (settings: Settings) =>
    resolveRecipe({ running: true, model: "mlp", ...settings }, { defaults: runningDefaults }).embeddingStd
  expect(std({ tokens: "words" })).toBe(0.1)
  expect(std({ data: "brown" })).toBe(0.1)
  expect(std({})).toBe(1)
  expect(std({ tokens: "words", embeddingStd: 0.5 })).toBe(0.5)
})

test("a running text in words is learned by the network of Bengio et al. 2003, mixed with counts", () => {
  const of = (settings: Settings) => {
    const given: Settings = { running: true, tokens: "words", ...settings }
    return resolveRecipe(given, { defaults: runningDefaults })
  }
  expect(of({})).toMatchObject({
    ...{ model: "mlp", context: 5, embedding: 60, hidden: 100, dropout: 0.2, mixOrder: 3 },
    ...{ batchSize: 16, eps: 1e-4, weightDecay: 0.1, decays: "matrices", learningRate: 0.016, steps: 800 },
  })
  expect(of({})).not.toHaveProperty("mixWeight")
  expect(of({ tokens: "characters" })).toMatchObject({
    ...{ model: "wavenet-2016", context: 256, layers: 8, residualChannels: 128, dropout: 0 },
    ...{ batchSize: 8, eps: 1e-8, weightDecay: 0.01, decays: "all", learningRate: 0.002, steps: 1500 },
  })
  expect(of({ tokens: "characters" })).not.toHaveProperty("mixOrder")
  expect(of({ model: "wavenet-2016" })).toMatchObject({
    ...{ context: 64, layers: 6, residualChannels: 64, dilationChannels: 64, skipChannels: 64 },
    ...{ stacks: 1, learningRate: 0.008 },
  })
  expect(of({ model: "gru" })).toMatchObject({ context: 64, embedding: 64, hidden: 100, batchSize: 16 })
  const sgd = of({ model: "gru", optimizer: "sgd" })
  expect(sgd).toMatchObject({ mixOrder: 3, learningRate: 0.1, weightDecay: 0, decays: "all" })
  expect(of({ model: "flat" })).toMatchObject({ context: 8, batchSize: 512, learningRate: 0.002 })
})

test("without a validation part counts have half of a mixture; without counts or by a recipe there is none", () => {
  const of = (settings: Settings) => {
    const given: Settings = { running: true, tokens: "words", ...settings }
    const { mixOrder, mixSmoothing, mixWeight } = resolveRecipe(given, { defaults: runningDefaults })
    return [mixOrder, mixSmoothing, mixWeight]
  }
  expect(of({ split: "100,0,0" })).toEqual([3, "kneser-ney", 0.5])
  expect(of({ split: "100,0,0", mixWeight: 0.7 })).toEqual([3, "kneser-ney", 0.7])
  for (const none of [{ mixOrder: 0 }, { recipe: "gru" }] as Settings[])
    expect(of(none)).toEqual([undefined, undefined, undefined])
})
