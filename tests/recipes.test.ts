/** Named recipes: which one applies, what is given takes precedence, and a run's config keeps every setting of it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { defaultsOf, settingsOfRecipe } from "../src/runs/chosen-recipe.ts"
import { prepare } from "../src/runs/corpora/index.ts"
import { resolveRecipe } from "../src/runs/recipe.ts"
import { recipeNames, recipes } from "../src/runs/recipes.ts"
import { readConfig } from "../src/runs/run-config.ts"
import { parseSettings, type Settings, settings } from "../src/runs/settings.ts"
import { makewaveHere, objects, THINGS } from "./command-line.ts"
import { fileOf, tone } from "./sounds.ts"

let folder = ""
const at = (name: string) => join(folder, name)
const numbered = (count: number, text: (k: number) => string) =>
  Array.from({ length: count }, (_, k) => text(k)).join("\n")
const letters = (k: number) => String(k).replace(/\d/g, (digit) => "abcdefghij"[Number(digit)])

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-recipes-"))
  writeFileSync(at("things.txt"), THINGS)
  writeFileSync(at("towns.txt"), numbered(868, letters))
  writeFileSync(at("many.txt"), numbered(20_000, letters))
  writeFileSync(
    at("runes.txt"),
    numbered(100, (k) => `ᚠ${String.fromCodePoint(0x16a0 + (k % 70))}ᚢ`),
  )
  writeFileSync(
    at("long.txt"),
    numbered(100, (k) => letters(k).repeat(50)),
  )
  writeFileSync(
    at("who.csv"),
    "name,sex\nanna,f\nbob,m\ncara,f\ndan,m\neve,f\nfay,f\ngus,m\nhal,m\nida,f\njo,m\n",
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

const prepared = (given: Settings) => prepare({ data: at("towns.txt"), ...given })
const recipeOf = async (given: Settings) => (await prepared(given)).recipe

test.each(recipeNames)("%s has settings that are some, and a sentence", (name) => {
  const { description, settings } = recipes[name]
  expect(parseSettings(settings, name)).toEqual(settings)
  expect(description).toMatch(/^\S.*[^.]$/)
})

describe("which one applies", () => {
  test("the one that is asked for, then that of a network to start from, of the model, of labels, of the data", async () => {
    expect(await recipeOf({ recipe: "lecture", model: "gru" })).toMatchObject({ recipe: "lecture" })
    expect(await recipeOf({ from: "base" })).toMatchObject({ recipe: "list", model: "gru", from: "base" })
    expect(await recipeOf({ model: "lstm" })).toMatchObject({ recipe: "lstm", steps: 25_000 })
    const labelled = { data: at("who.csv"), column: "name", condition: "sex" }
    expect(await recipeOf(labelled)).toMatchObject({ recipe: "wavenet-2016", model: "wavenet-2016" })
    expect(await recipeOf({ recipe: undefined })).toMatchObject({ recipe: "list" })
    expect(await recipeOf({ data: at("many.txt") })).toMatchObject({ recipe: "gru", model: "gru" })
  })

  test("a model's is the training that the model is best at, the lecture's for flat and wavenet", async () => {
    expect(await recipeOf({ model: "transformer" })).toMatchObject({
      ...{ optimizer: "adamw", learningRate: 0.0005, schedule: "constant" },
      ...{ weightDecay: 0.1, ema: 0.999, steps: 20_000 },
    })
    for (const model of ["flat", "wavenet"] as const) {
      const { recipe: _, ...own } = await recipeOf({ model })
      const { recipe: __, ...lecture } = await recipeOf({ model, recipe: "lecture" })
      expect(own).toEqual(lecture)
      expect(own).toMatchObject({ optimizer: "sgd", learningRate: 0.1, steps: 200_000 })
    }
  })

  test("the lecture's is the declared defaults, with any model", async () => {
    for (const model of [undefined, "gru", "ngram"] as const) {
      const given: Settings = { data: at("towns.txt"), recipe: "lecture", ...(model && { model }) }
      const { longest: longestLine } = (await prepare(given)).corpus
      expect(await recipeOf(given)).toEqual(resolveRecipe(given, { longestLine }))
    }
    expect((await recipeOf({ recipe: "lecture" })).model).toBe("wavenet")
  })
})

test("sound has defaults of its own, and takes the lecture's recipe alone", async () => {
  const data = at("speech")
  mkdirSync(data)
  for (const frequency of [100, 200, 300]) {
    const wave = fileOf([tone(frequency, { sampleRate: 1000 }).samples], "16", 1000)
    writeFileSync(join(data, `${frequency}.wav`), wave)
  }
  const given = { data, sampleRate: 1000 }
  const { recipe, because } = await prepare(given)
  expect(recipe).toMatchObject({ model: "wavenet-2016", batchSize: 2, learningRate: 0.002 })
  expect([recipe.recipe, because]).toEqual([undefined, undefined])
  const { recipe: _, ...lecture } = (await prepare({ ...given, recipe: "lecture" })).recipe
  expect(lecture).toEqual(recipe)
  const { recipe: named } = await prepare({ ...given, model: "wavenet-2016" })
  expect(named).toEqual(recipe)
  await expect(prepare({ ...given, recipe: "gru" })).rejects.toThrow(
    "--recipe gru: it is for text, and this is sound, which has defaults of its own: leave it out",
  )
})

describe("a list", () => {
  test("is trained from the base where that knows its symbols, and evaluated as often as its length asks for", async () => {
    const { recipe, origin } = await prepared({})
    expect(recipe).toMatchObject({ from: "base", steps: 800, evaluateEvery: 20, patience: 5, mixOrder: 6 })
    expect(recipe).toMatchObject({ embedding: 48, hidden: 176, learningRate: 0.002 })
    expect(origin?.record.name).toBe("base")
    const { steps, evaluateEvery } = await recipeOf({ data: at("things.txt") })
    expect({ steps, evaluateEvery }).toEqual({ steps: 400, evaluateEvery: 10 })
  })

  test("is trained from scratch where the base is of no use, or has other sizes than asked for", async () => {
    for (const given of [{ data: at("runes.txt") }, { hidden: 20 }] as Settings[]) {
      const { recipe, origin } = await prepared(given)
      expect(origin).toBeUndefined()
      expect(recipe).toMatchObject({ model: "gru", embedding: 48, learningRate: 0.003, ...given })
      expect(recipe.from).toBeUndefined()
    }
    const transformer = await recipeOf({ recipe: "list", model: "transformer" })
    expect(transformer).toMatchObject({ embedding: 64, learningRate: 0.003, patience: 5 })
  })

  test("has a few long lines in pieces", async () => {
    writeFileSync(at("few.txt"), `${numbered(200, letters)}\n${"abcdefg".repeat(20)}`)
    expect(await recipeOf({ data: at("few.txt") })).toMatchObject({
      ...{ from: "base", truncate: 4, context: 176 },
    })
    expect((await recipeOf({ data: at("few.txt"), from: "base" })).truncate).toBeUndefined()
    expect(await recipeOf({})).toMatchObject({ truncate: 4, context: 5 })
  })

  test("of long lines has a network that reads windows", async () => {
    expect(await recipeOf({ data: at("long.txt") })).toMatchObject({ model: "wavenet", optimizer: "adamw" })
  })

  test("without a validation part is trained for a fixed time, with a fixed weight", async () => {
    const recipe = await recipeOf({ split: "100,0,0" })
    expect(recipe).toMatchObject({ steps: 160, mixWeight: 0.7, evaluateEvery: 0 })
    expect(recipe.patience).toBeUndefined()
  })
})

describe("what is given takes precedence", () => {
  test("over each setting, and over what belongs to another choice", async () => {
    const recipe = await recipeOf({ optimizer: "sgd", evaluateEvery: 0, ema: 0.5 })
    expect(recipe).toMatchObject({ optimizer: "sgd", learningRate: 0.1, weightDecay: 0, clipNorm: 1 })
    expect(recipe).toMatchObject({ evaluateEvery: 0, ema: 0.5 })
    expect(recipe.patience).toBeUndefined()
    const cosine = await recipeOf({ model: "gru", schedule: "constant" })
    expect(cosine).toMatchObject({ schedule: "constant", learningRate: 0.004 })
    expect(cosine).not.toHaveProperty("warmup")
    const counted = await recipeOf({ model: "ngram", recipe: "transformer" })
    expect(counted).not.toHaveProperty("optimizer")
  })

  test("fewer steps have a shorter warm-up and a shorter memory", async () => {
    expect(await recipeOf({ model: "gru" })).toMatchObject({ warmup: 200, ema: 0.998 })
    expect(await recipeOf({ model: "gru", steps: 500 })).toMatchObject({ warmup: 50, ema: 0.98 })
    expect(await recipeOf({ model: "gru", steps: 1 })).toMatchObject({ warmup: 0, ema: 0 })
  })

  test("whatever a recipe is combined with can be kept and read again", async () => {
    for (const recipe of recipeNames.filter((name) => name !== "ngram"))
      for (const more of [
        {},
        { optimizer: "sgd" },
        { split: "100,0,0" },
        { model: "ngram" },
        { schedule: "step" },
      ]) {
        const given = more as Settings
        const own: Settings = settingsOfRecipe(recipe)
        const resolved = resolveRecipe(
          { ...given, recipe },
          { defaults: defaultsOf(own, given), longestLine: 5 },
        )
        expect(resolveRecipe(resolved)).toEqual(resolved)
      }
  })
})

describe("the command line", () => {
  const here = (...args: string[]) => makewaveHere(args, folder)

  test("says in one line what was chosen, in JSON and in the config too", async () => {
    const { stdout } = await here("train", "things.txt", "--steps", "2", "--out", "listed")
    const sentence =
      "recipe list: 13 lines; gru from base, at most 2 steps of adamw at 0.001, mixed with counts of 6-grams"
    expect(stdout.split("\n")).toContain(sentence)
    const { recipe, because } = await readConfig(at("listed"))
    expect([recipe.recipe, because]).toEqual(["list", "13 lines"])
    const resumed = await here("train", "--resume", "listed", "--steps", "3", "--json")
    expect(objects(resumed.stdout).at(-1)).toMatchObject({
      steps: 3,
      chosen: sentence.replace("2 steps", "3 steps"),
    })
    const counted = await here("train", "things.txt", "--model", "ngram", "--json", "--out", "counted")
    expect(objects(counted.stdout).at(-1)).toMatchObject({
      chosen: "recipe ngram: that of the model; 6-grams",
    })
  })

  test("a config that lacks settings is filled in as it was before there were recipes", async () => {
    const flags = ["--recipe", "lecture", "--model", "gru", "--hidden", "4", "--steps", "2", "--out", "old"]
    await here("train", "things.txt", ...flags)
    const path = at("old/config.json")
    const { recipe, because: _, ...config } = JSON.parse(readFileSync(path, "utf8"))
    const { recipe: __, optimizer: ___, learningRate: ____, ...kept } = recipe
    writeFileSync(path, JSON.stringify({ ...config, recipe: kept }))
    expect((await readConfig(at("old"))).recipe).toEqual({ ...kept, optimizer: "sgd", learningRate: 0.1 })
    expect((await here("train", "--resume", "old", "--steps", "3")).code).toBe(0)
  })

  test("start trains the lecture's network", async () => {
    expect((await here("start", "--data", "things.txt", "--steps", "2", "--out", "started")).code).toBe(0)
    const { recipe } = await readConfig(at("started"))
    expect(recipe).toMatchObject({ recipe: "lecture", model: "wavenet", optimizer: "sgd", learningRate: 0.1 })
  })

  test("help names the recipes, and a misspelled one is corrected", async () => {
    const { stdout } = await here("train", "--help")
    const help = stdout.replace(/\s+/g, " ")
    for (const [name, { description }] of Object.entries(recipes))
      expect(help).toContain(` ${name} ${description}`)
    const { code, stderr } = await here("train", "--recipe", "lecure")
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/did you mean lecture\?\n$/) })
    expect(settings.recipe.choices).toEqual(recipeNames)
  })

  test("the memorized list's next command trains the lecture's network again, with patience", async () => {
    const flags = ["--recipe", "lecture", "--hidden", "20", "--steps", "2000", "--out", "known"]
    const { stdout } = await here("train", "things.txt", ...flags)
    expect(stdout).toMatch(/train things\.txt --recipe lecture --hidden 20 --steps 2000 .*--patience 3/)
  })
})
