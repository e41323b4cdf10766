/** Lists that are read in words and in bytes: trained, resumed, evaluated, sampled and exported by the commands that somebody types. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { Words } from "../src/data/tokenizers/words.ts"
import { models } from "../src/models/index.ts"
import { Generator } from "../src/random/torch.ts"
import { warmStart } from "../src/runs/warm-start.ts"
import { makewaveHere, objects } from "./command-line.ts"
import { filesOf } from "./run-files.ts"

const dishes = ["Soup", "Salad", "Pie"].flatMap((dish) =>
  ["apples", "plums, pears", "onion rings"].flatMap((fruit) => [
    `${dish} with ${fruit}`,
    `${dish} of the day  (${fruit})`,
    `Chef's ${dish.toLowerCase()} & ${fruit}!`,
  ]),
)

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-tokens-"))
  writeFileSync(join(folder, "dishes.txt"), [...dishes, "Nobody's bread with butter"].join("\n"))
})
afterEach(() => rmSync(folder, { recursive: true }))

const makewave = (...args: string[]) => makewaveHere(args, folder)
const small = ["--model", "gru", "--embedding", "8", "--hidden", "16", "--steps", "60", "--batch-size", "8"]
const train = (...args: string[]) =>
  makewave("train", "dishes.txt", "--recipe", "lecture", ...small, "--out", "run", ...args)
const config = (run = "run") => JSON.parse(readFileSync(join(folder, run, "config.json"), "utf8"))
const samplesOf = (stdout: string) => objects(stdout) as { sample: string; found: string; nats?: number }[]

describe("words", () => {
  const words = ["--tokens", "words", "--min-count", "2", "--optimizer", "adamw", "--learning-rate", "0.02"]

  test("are learned, and lines of them made: with spaces, capitals and without the unknown word", async () => {
    const trained = await train(...words, "--steps", "200", "--json")
    const { validation } = objects(trained.stdout).at(-1) as { validation: number }
    expect(validation).toBeLessThan(1.5)
    const { recipe, vocabulary } = config()
    expect(recipe).toMatchObject({ tokens: "words", minCount: 2, context: 10 })
    expect(vocabulary).toMatchObject({ tokens: "words", capitals: ["\n\n"] })
    expect(vocabulary.words).toEqual(expect.arrayContaining(["soup", "Chef's", "plums", ",", "(", "&"]))
    expect(vocabulary.words).not.toContain("Nobody's")

    const { stdout } = await makewave("sample", "run", "--count", "150", "--seed", "1", "--json", "--score")
    const samples = samplesOf(stdout)
    expect(samples).toHaveLength(150)
    for (const { sample } of samples) expect(sample).not.toContain("<unk>")
    const known = new Set(dishes.map((dish) => dish.replace("  ", " ")))
    expect(samples.filter(({ found }) => found !== "new").length).toBeGreaterThan(50)
    for (const { sample, found } of samples)
      expect([sample, found === "new"]).toEqual([sample, !known.has(sample)])
    expect(samples.filter(({ nats }) => nats !== undefined && nats > 0).length).toBeGreaterThan(140)

    const { stdout: asked } = await makewave(
      "sample",
      "run",
      "--count",
      "150",
      "--seed",
      "1",
      "--json",
      "--unknown",
    )
    expect(samplesOf(asked).some(({ sample }) => sample.includes("<unk>"))).toBe(true)
  })

  test("a resumed training is the unbroken one, byte for byte", async () => {
    const constant = [...words, "--schedule", "constant"]
    await train(...constant)
    const unbroken = filesOf(join(folder, "run"))
    await train(...constant, "--out", "broken", "--steps", "25")
    await makewave("train", "--resume", "broken", "--steps", "60")
    const resumed = filesOf(join(folder, "broken"))
    expect(resumed["checkpoint.safetensors"]).toEqual(unbroken["checkpoint.safetensors"])
    expect(resumed["samples.txt"]).toEqual(unbroken["samples.txt"])
  })

  test("wishes are in words, and a prompt may have some that are unknown", async () => {
    await train(...words)
    const lines = async (...args: string[]) =>
      samplesOf(
        (await makewave("sample", "run", "--count", "8", "--seed", "2", "--json", ...args)).stdout,
      ).map(({ sample }) => sample)
    for (const line of await lines("--contains", "of the", "--ends-with", "rings)", "--length", "8"))
      expect(line).toMatch(/of the.* rings\)$/)
    for (const line of await lines("--starts-with", "Pie of")) expect(line).toMatch(/^Pie of/)
    const fresh = await lines("--only-new")
    expect(new Set(fresh).size).toBe(8)
    for (const line of fresh) expect(dishes.map((dish) => dish.replace("  ", " "))).not.toContain(line)
    const partly = await makewave("sample", "run", "--prompt", "Unheard pie", "--count", "2")
    expect(partly.stdout).toMatch(/^<unk> pie/)
    expect(partly.stderr).toContain('--prompt "Unheard pie": unknown to run, and read as <unk>: Unheard')
    expect((await makewave("sample", "run", "--prompt", "pie")).stderr).not.toContain("capitals count")
    expect((await makewave("sample", "run", "--prompt", "Unheard")).stderr).toContain(
      '--prompt "Unheard": run knows no word of it: give one that is in its data',
    )
    expect((await makewave("sample", "run", "--contains", "an unheard")).stderr).toContain(
      '--contains "an unheard": the model does not know each of its words: give words of the data',
    )
  })

  test("an evaluation reads every line that is short enough, and says bits a character too", async () => {
    await train(...words)
    const { reports, bitsPerCharacter } = JSON.parse((await makewave("evaluate", "run", "--json")).stdout)
    expect(bitsPerCharacter.train).toBeLessThan(reports.train.bitsPerSymbol.value / 2)
    writeFileSync(join(folder, "others.txt"), `Żurek with 5 plums\n${"soup, ".repeat(8)}\npie!`)
    const other = await makewave("evaluate", "run", "--data", "others.txt", "--json")
    const { skipped, reports: ofOthers, unknown } = JSON.parse(other.stdout)
    expect(unknown).toEqual({ data: { unknown: 2, words: 6 } }) // Żurek and 5
    expect([skipped, ofOthers.data.lines, ofOthers.data.symbols]).toEqual([1, 2, 4 + 1 + 2 + 1])
    expect(other.stderr).toContain("1 of 3 lines are left out: they have more than 9 words")
    const bits = ofOthers.data.bitsPerSymbol.value * ofOthers.data.symbols
    expect(JSON.parse(other.stdout).bitsPerCharacter.data).toBeCloseTo(
      bits / ("Żurek with 5 plums".length + 1 + 5),
      9,
    )
  })

  test.each([
    ["mixed with counts", ["--mix-order", "3"]],
    ["in pieces", ["--truncate", "4"]],
    ["packed", ["--pack", "16"]],
    ["counted", ["--model", "ngram", "--order", "3"]],
    ["in windows", ["--model", "wavenet"]],
  ])("%s", async (_, args) => {
    const own = args.includes("ngram") ? ["--tokens", "words", "--min-count", "2"] : [...small, ...words]
    const { stderr, code } = await makewave(
      ...["train", "dishes.txt", "--recipe", "lecture", ...own, "--out", "run", ...args],
    )
    expect([code, stderr.includes("error")]).toEqual([0, false])
    const { stdout } = await makewave("sample", "run", "--count", "40", "--seed", "3")
    expect(stdout).not.toContain("<unk>")
    expect((await makewave("evaluate", "run")).code).toBe(0)
  })

  test("the recipe of a list fits it to its words, and starts from no network of characters", async () => {
    const { code } = await makewave(
      "train",
      "dishes.txt",
      "--tokens",
      "words",
      "--steps",
      "20",
      "--out",
      "run",
    )
    expect(code).toBe(0)
    const { recipe } = config()
    expect(recipe).toMatchObject({ recipe: "list", tokens: "words", truncate: 10, context: 13 })
    expect(recipe.from).toBeUndefined()
  })

  test("another run of words is a network to start from: the words that both know keep their rows", async () => {
    await train(...words)
    writeFileSync(join(folder, "more.txt"), `${dishes.slice(0, 9).join("\n")}\nCake with cake\n`)
    const { code } = await makewave(
      ...[
        "train",
        "more.txt",
        "--tokens",
        "words",
        "--from",
        "run",
        "--freeze",
        "all-but-head",
        "--steps",
        "2",
      ],
      ...["--out", "next"],
    )
    expect(code).toBe(0)
    const [before, after] = await Promise.all(
      ["run", "next"].map(async (run) => {
        const { openModel } = await import("../src/runs/open-model.ts")
        const { model, vocabulary } = await openModel(join(folder, run))
        const { data, shape } = model.stateDict()["embedding.weight"]
        return (word: string) => {
          const id = vocabulary.symbols.indexOf(word)
          return Array.from(data.slice(id * shape[1], (id + 1) * shape[1]))
        }
      }),
    )
    for (const word of ["<unk>", "with", "apples", "("]) expect(after(word)).toEqual(before(word))
  })

  test("a word that is new begins with the mean of all, and not as a letter that is a word", () => {
    const known = Words.from(["a cake"])
    const words = Words.from(["apple cake"])
    const create = ({ size: vocabularySize }: Words, seed: number) =>
      new models.gru({ vocabularySize, contextLength: 6, embedding: 2, hidden: 2 }).initialize(
        new Generator(seed),
      )
    const from = { model: create(known, 1), vocabulary: known }
    const model = warmStart(create(words, 2), { vocabulary: words }, from)
    const [before, after] = [from.model, model].map((each) => each.stateDict()["embedding.weight"].data)
    const rowOf = (vocabulary: Words, word: string) => 2 * vocabulary.symbols.indexOf(word)
    const row = (data: ArrayLike<number>, at: number) => [data[at], data[at + 1]]
    expect(row(after, rowOf(words, "cake"))).toEqual(row(before, rowOf(known, "cake")))
    const mean = [0, 1].map((column) => [0, 2, 4, 6].reduce((sum, at) => sum + before[at + column], 0) / 4)
    expect(row(after, rowOf(words, "apple"))).toEqual(mean.map((each) => expect.closeTo(each, 6)))
  })

  test.each<[string, string[], RegExp]>([
    [
      "a count that no word has",
      ["--tokens", "words", "--min-count", "99"],
      /--min-count 99: no word occurs so often; /,
    ],
    [
      "characters that are rare",
      ["--min-count", "2"],
      /--min-count 2: it is for words: leave it out, or give --tokens/,
    ],
    [
      "bytes of a vocabulary",
      ["--tokens", "bytes", "--vocabulary", "9"],
      /--vocabulary 9: it is for words: leave it/,
    ],
    ["no such tokens", ["--tokens", "letters"], /--tokens letters: give characters, bytes or words/],
    [
      "a context that is too short",
      ["--model", "gru", ...words, "--context", "6"],
      /has 8 words, and a context of 6 holds 5 and the stop/,
    ],
    [
      "the base",
      ["--tokens", "words", "--model", "gru", "--from", "base"],
      /--from base: it reads characters, and this run words: give --tokens characters, or/,
    ],
  ])("%s: a sentence", async (_, args, sentence) => {
    const { code, stderr } = await makewave(
      "train",
      "dishes.txt",
      "--recipe",
      "lecture",
      "--steps",
      "5",
      ...args,
    )
    expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)])
  })

  test("a teacher and a member of an ensemble have the same words, and a script is of characters", async () => {
    await train(...words)
    await train("--out", "letters")
    for (const args of [
      ["--teacher", "letters", ...words],
      ["--teacher", "run", "--tokens", "words"],
    ])
      expect((await train("--out", "taught", ...args)).stderr).toMatch(
        /--teacher \w+: it has other symbols than this run: give both the same --tokens, --min-count, --vocabulary/,
      )
    const ensemble = await makewave(
      "train",
      "--model",
      "ensemble",
      "--members",
      "run,letters",
      "--out",
      "both",
    )
    expect(ensemble.stderr).toContain("--members letters: it has other symbols than this run")
    expect(
      (await makewave("train", "--model", "ensemble", "--members", "run,run", "--out", "both")).code,
    ).toBe(0)
    for (const format of ["javascript", "html"])
      expect((await makewave("export", "run", "--format", format)).stderr).toContain(
        "a script or page makes characters, and this model words: export it for another tool",
      )
    expect((await makewave("export", "run", "--format", "safetensors")).code).toBe(0)
    expect((await makewave("sample", "letters", "--unknown")).stderr).toContain(
      "--unknown: letters reads characters and knows all: leave it out",
    )
  })

  test("a vocabulary of one word, and a list of one, are trained", async () => {
    expect((await train("--tokens", "words", "--vocabulary", "1")).code).toBe(0)
    expect(config().vocabulary.words).toHaveLength(1)
    writeFileSync(join(folder, "one.txt"), "hello\n")
    const one = ["--tokens", "words", "--split", "100,0,0", "--steps", "5", "--out", "one"]
    expect((await makewave("train", "one.txt", ...one)).code).toBe(0)
    expect(readFileSync(join(folder, "one/samples.txt"), "utf8")).toMatch(/^(hello|hello hello.*|)$/m)
  })
})

test("the recipe of a list starts from the base with characters only, though it knows all symbols of these bytes", async () => {
  const fromOf = async (tokens: string) => {
    const { code } = await makewave(
      ...["train", "dishes.txt", "--tokens", tokens, "--steps", "5", "--out", tokens],
    )
    return [code, config(tokens).recipe.from]
  }
  expect([await fromOf("characters"), await fromOf("bytes")]).toEqual([
    [0, "base"],
    [0, undefined],
  ])
})

test("bytes are learned, and what is made of them is text", async () => {
  writeFileSync(join(folder, "dishes.txt"), `${dishes.join("\n")}\nCrème brûlée\nŻurek 🍲\n`)
  const trained = await train(
    "--tokens",
    "bytes",
    "--steps",
    "200",
    "--optimizer",
    "adamw",
    "--learning-rate",
    "0.02",
  )
  expect(trained.code).toBe(0)
  expect(config().vocabulary).toEqual({ tokens: "bytes" })
  const { stdout } = await makewave(
    "sample",
    "run",
    "--prompt",
    "Crème",
    "--count",
    "5",
    "--seed",
    "1",
    "--json",
  )
  for (const { sample } of samplesOf(stdout)) expect(sample).toMatch(/^Crème/)
  const { reports, bitsPerCharacter } = JSON.parse((await makewave("evaluate", "run", "--json")).stdout)
  expect(bitsPerCharacter.train).toBeGreaterThan(reports.train.bitsPerSymbol.value)
  writeFileSync(join(folder, "others.txt"), "日本\n")
  expect((await makewave("evaluate", "run", "--data", "others.txt")).code).toBe(0)
  const ended = await makewave("sample", "run", "--ends-with", "rings)", "--count", "3", "--seed", "1")
  for (const line of ended.stdout.trim().split("\n")) expect(line).toMatch(/rings\)$/)
})
