/** A running text from the file to text like it: trained, resumed, evaluated and written by the commands that somebody types. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { runningCorpus } from "../src/runs/corpora/running-corpus.ts"
import { runningDefaults } from "../src/runs/corpora/running-defaults.ts"
import { resolveRecipe } from "../src/runs/recipe.ts"
import type { Settings } from "../src/runs/settings.ts"
import { makewaveHere, objects } from "./command-line.ts"
import { filesOf } from "./run-files.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-running-"))
  const verses = ["the sun is up", "the moon is down,", "and all the stars", "are in the town."]
  writeFileSync(join(folder, "song.txt"), `${verses.join("\n")}\n\n`.repeat(60))
})
afterEach(() => rmSync(folder, { recursive: true }))

const makewave = (...args: string[]) => makewaveHere(args, folder)
const small = [
  "--model",
  "gru",
  "--embedding",
  "8",
  "--hidden",
  "16",
  "--context",
  "16",
  "--steps",
  "60",
  "--batch-size",
  "8",
]
const train = (...args: string[]) =>
  makewave("train", "song.txt", "--running", ...small, "--out", "run", ...args)

test("a text is learned, and text like it written: in lines, as JSON, to its length, until a line ends", async () => {
  const trained = await train("--json", "--steps", "300", "--learning-rate", "0.01")
  const results = objects(trained.stdout).at(-1)!
  const [uniform] = results.baselines as { name: string; validation: number }[]
  expect(uniform).toMatchObject({ name: "uniform", validation: expect.closeTo(Math.log(19), 6) }) // its symbols, and no stop
  expect(results.validation).toBeLessThan(1.5)
  expect(results.bitsPerCharacter).toMatchObject({
    validation: expect.closeTo((results.validation as number) / Math.LN2, 9),
  })
  expect(readFileSync(join(folder, "run/samples.txt"), "utf8").length).toBe(501)

  const written = await makewave("sample", "run", "--prompt", "the moon", "--length", "80", "--seed", "1")
  expect(written.stdout).toMatch(/^the moon/)
  expect(written.stdout.length).toBe("the moon".length + 80 + 1)
  expect(written.stderr).toMatch(
    /^run: the longest passage that is in the text word for word has \d+ characters\n/,
  )
  const [{ sample, copied }] = objects(
    (await makewave("sample", "run", "--prompt", "the moon", "--length", "80", "--seed", "1", "--json"))
      .stdout,
  )
  expect(`${sample}\n`).toBe(written.stdout)
  expect(readFileSync(join(folder, "song.txt"), "utf8")).toContain(copied)

  const line = await makewave(
    "sample",
    "run",
    "--until",
    "line",
    "--temperature",
    "0",
    "--seed",
    "1",
    "--json",
  )
  expect(objects(line.stdout)[0].sample).toMatch(/^[^\n]*\n$/)
  const paragraph = objects(
    (await makewave("sample", "run", "--until", "paragraph", "--seed", "1", "--json")).stdout,
  )
  expect(paragraph[0].sample).toMatch(/\n\n$/)
})

test("an evaluation gives the losses of the training, and of another text", async () => {
  const results = objects((await train("--json")).stdout).at(-1)!
  const { stdout } = await makewave("evaluate", "run", "--json")
  const unknown = await makewave("sample", "run", "--unknown")
  expect(unknown.stderr).toBe("error: --unknown: run reads characters and knows all: leave it out\n")
  const { validation, bitsPerCharacter, reports } = JSON.parse(stdout)
  expect(validation).toBeCloseTo(results.validation as number, 5)
  expect(bitsPerCharacter.validation).toBeCloseTo(validation / Math.LN2, 9)
  expect(reports.validation.symbols).toBe(Math.trunc(0.9 * 4080) - Math.trunc(0.8 * 4080))
  writeFileSync(join(folder, "copy.txt"), readFileSync(join(folder, "song.txt")))
  const copy = JSON.parse((await makewave("evaluate", "run", "--data", "copy.txt", "--json")).stdout)
  expect(copy.reports).toEqual(reports)
  writeFileSync(join(folder, "other.txt"), "the town is down\n")
  const other = JSON.parse((await makewave("evaluate", "run", "--data", "other.txt", "--json")).stdout)
  expect(other.reports.data.symbols).toBe(17)
  for (const [text, symbols] of [
    ["the town", 8],
    ["a", 1],
  ] as const) {
    writeFileSync(join(folder, "short.txt"), text) // too short for the parts of the run
    const { reports } = JSON.parse(
      (await makewave("evaluate", "run", "--data", "short.txt", "--json")).stdout,
    )
    expect(reports.data.symbols).toBe(symbols)
  }
  for (const [text, sentence] of [
    ["Ça\n", 'line 1: the character "Ç" (U+00C7) is not in the vocabulary of run: take it out'],
    [
      "the town\nis Zürich\r\n",
      'line 2: the character "Z" (U+005A) is not in the vocabulary of run, nor are 2 others of this text: take them out',
    ],
  ] as const) {
    writeFileSync(join(folder, "strange.txt"), text)
    expect((await makewave("evaluate", "run", "--data", "strange.txt")).stderr).toBe(
      `error: strange.txt: ${sentence}, or train with --tokens words or bytes, which read any text\n`,
    )
  }
  writeFileSync(join(folder, "song.txt"), "Zürich\n")
  const changed = "error: song.txt has changed since the training of run: put it back as it was"
  for (const args of [
    ["evaluate", "run"],
    ["train", "--out", "run", "--resume", "--steps", "70"],
  ])
    expect((await makewave(...args)).stderr).toBe(
      `${changed}, say with --data where a copy is, or train anew\n`,
    )
})

test("a description counts the symbols that there are, not those that there could be", async () => {
  const { stdout } = await train("--tokens", "bytes", "--steps", "1")
  expect(stdout).toContain("a running text of 4,080 bytes, 19 different; 300 lines.")
})

test("a table is read as it is, and told so", async () => {
  const table = "name,sex\nanna,f\nbo,m\n".repeat(20)
  const hint = "This table is read as it is, columns and all: for one column as a list, leave out --running"
  for (const name of ["people.csv", "people.TSV", "people.jsonl", "people.txt"]) {
    writeFileSync(join(folder, name), table)
    const ngram = ["--model", "ngram", "--order", "2", "--out", `of-${name}`]
    const { code, stdout } = await makewave("train", name, "--running", ...ngram)
    expect(code).toBe(0)
    expect(stdout).toContain(`${name}: a running text of 420 characters`)
    expect(stdout.includes(hint)).toBe(name !== "people.txt")
  }
})

test("words are learned and written as words, and the unknown word only if it is asked for", async () => {
  const results = objects((await train("--tokens", "words", "--min-count", "200", "--json")).stdout).at(-1)!
  const { validation, bitsPerCharacter, unknown } = results as {
    validation: number
    bitsPerCharacter: { validation: number }
    unknown: object
  }
  expect(unknown).toEqual({ data: { unknown: 840, words: 1380 } }) // all but "the" and line ends
  // A word is some characters long.
  expect(bitsPerCharacter.validation).toBeLessThan(validation / Math.LN2 / 2)
  const written = async (...args: string[]) =>
    objects((await makewave("sample", "run", "--length", "300", "--seed", "1", "--json", ...args)).stdout)[0]
      .sample
  expect(await written()).not.toContain("<unk>")
  expect(await written("--unknown")).toContain("<unk>")
  expect(await makewave("sample", "run", "--prompt", "Zürich")).toMatchObject({
    code: 1,
    stderr: 'error: --prompt "Zürich": run knows no word of it: give one that is in its data\n',
  })
  const partly = await makewave("sample", "run", "--prompt", "the Zürich", "--seed", "1")
  expect(partly.stdout).toMatch(/^the Zürich(?! <unk>)/)
  expect(partly.stderr).toMatch(/^--prompt "the Zürich": unknown to run, and read as <unk>: Zürich\n/)
})

test("runs become an ensemble, which is evaluated and writes as its members do", async () => {
  await train()
  const counted = ["--model", "ngram", "--order", "3", "--out", "counted"]
  await makewave("train", "song.txt", "--running", ...counted)
  const joined = await makewave("ensemble", "run", "counted", "--out", "both", "--json")
  const results = objects(joined.stdout).at(-1)!
  const { validation } = JSON.parse((await makewave("evaluate", "both", "--json")).stdout)
  expect(validation).toBeCloseTo(results.validation as number, 6)
  const written = await makewave("sample", "both", "--length", "40", "--seed", "1", "--json")
  expect(objects(written.stdout)[0].sample).toHaveLength(40)

  await makewave("train", "song.txt", "--model", "bigram", "--steps", "5", "--out", "lines")
  expect((await makewave("ensemble", "lines", "run")).stderr).toBe(
    "error: --members run: it was trained on running text, and this run is of a list: give runs of one kind of data\n",
  )
})

test("a run becomes a script and a page that write on", async () => {
  await train()
  const exported = await makewave("export", "run", "--out", "song.js", "--json")
  expect(objects(exported.stdout)[0].loss).toMatchObject({ part: "validation" })
  const { sample } = await import(/* @vite-ignore */ join(folder, "song.js"))
  expect(sample({ prompt: "the moon", length: 30 })).toHaveLength("the moon".length + 30)
  expect(readFileSync(join(folder, "song.d.ts"), "utf8")).toContain(
    'until?: "line" | "paragraph" | undefined',
  )
  await makewave("export", "run", "--out", "song.html")
  expect(readFileSync(join(folder, "song.html"), "utf8")).toContain('<h1 dir="auto">More of song</h1>')
  await train("--mix-order", "2", "--out", "counted")
  expect((await makewave("export", "counted", "--out", "x.js")).stderr).toContain(
    "counted counts its text, and no script holds that: name the run of a network without --mix-order",
  )
  expect((await makewave("export", "counted", "--out", "x.onnx")).stderr).toContain(
    "for both choose safetensors or npz\n",
  )
  await makewave("train", "song.txt", "--running", "--model", "ngram", "--out", "ngram")
  expect((await makewave("export", "ngram", "--format", "html")).stderr).toContain(
    "ngram counts its text, and no page holds that: name the run of a network\n",
  )
  expect((await makewave("export", "ngram", "--format", "onnx")).stderr).toContain(
    "export its counts with --format safetensors or npz\n",
  )
})

test("interpolated counts are evaluated as they were in their training", async () => {
  const counted = ["--model", "ngram", "--smoothing", "interpolated", "--out", "counted", "--json"]
  const results = objects((await makewave("train", "song.txt", "--running", ...counted)).stdout).at(-1)!
  const { validation } = JSON.parse((await makewave("evaluate", "counted", "--json")).stdout)
  expect(validation).toBeCloseTo(results.validation as number, 9)
})

test.each([
  ["a network", []],
  ["a mixture", ["--mix-order", "3"]],
  [
    "a mixture by frequency",
    ["--mix-order", "3", "--mix-smoothing", "interpolated", "--mix-weight", "by-frequency"],
  ],
])("a resumed training of %s is the unbroken one, byte for byte", async (_, more) => {
  const constant = ["--schedule", "constant", "--evaluate-every", "0", ...more]
  await train(...constant)
  const unbroken = filesOf(join(folder, "run"))
  await train("--out", "broken", "--steps", "25", ...constant)
  await makewave("train", "--resume", "broken", "--steps", "60")
  const resumed = filesOf(join(folder, "broken"))
  expect(resumed["checkpoint.safetensors"]).toEqual(unbroken["checkpoint.safetensors"])
  expect(resumed["samples.txt"]).toEqual(unbroken["samples.txt"])
})

test("all of a text is trained on without a validation part, and a text shorter than a row is one row", async () => {
  const own = [
    "--layers",
    "2",
    "--stacks",
    "1",
    "--residual-channels",
    "4",
    "--dilation-channels",
    "4",
    "--skip-channels",
    "4",
  ]
  writeFileSync(join(folder, "short.txt"), "hello world, hello")
  const { code, stdout, stderr } = await makewave(
    "train",
    "short.txt",
    "--running",
    ...own,
    "--split",
    "100,0,0",
    "--steps",
    "3",
    "--out",
    "short",
    "--json",
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  expect(objects(stdout).at(-1)).not.toHaveProperty("validation")
})

test("runs of other tokens are not compared by their losses", async () => {
  await train("--out", "characters")
  await train("--tokens", "words", "--out", "words")
  await train("--tokens", "words", "--min-count", "200", "--out", "few")
  const { stdout } = await makewave("compare", "characters", "words", "--json")
  const problem =
    "read characters and words: their losses do not compare; evaluate gives them in bits a character, which do"
  expect(stdout).toContain(problem)
  const drawn = async (...runs: string[]) => {
    const [{ problem }] = objects((await makewave("plot", ...runs, "--json")).stdout)
    const { stderr } = await makewave("plot", ...runs)
    expect(stderr).toBe(problem === undefined ? "" : `\n${problem}\n`)
    return problem
  }
  expect(await drawn("characters", "words")).toBe(`characters and words ${problem}`)
  const others = "words and few have different vocabularies: their losses do not compare"
  expect(await drawn("words", "words", "few")).toBe(others)
  expect(await drawn("words", "words")).toBeUndefined()
})

describe("in a long text a word that occurs once is the unknown word", () => {
  const text = `${"la ".repeat(200_000)}once`

  test("unless it is said how often or how many", () => {
    const kept = (length: number, asked: Settings = {}) => {
      const recipe = resolveRecipe(
        { running: true, tokens: "words", ...asked },
        { defaults: runningDefaults },
      )
      const loaded = { name: "text", text: text.slice(-length), repaired: [], sha256: "" }
      const { vocabulary, minCount } = runningCorpus(loaded, recipe)
      return [minCount, vocabulary.symbols.includes("once")]
    }
    expect(kept(500_001)).toEqual([2, false])
    expect(kept(500_000)).toEqual([1, true])
    expect(kept(500_001, { minCount: 1 })).toEqual([1, true])
    expect(kept(500_001, { vocabulary: 100 })).toEqual([1, true])
    expect(kept(500_001, { tokens: "characters" })).toEqual([undefined, false])
  })

  test("but in a run of an earlier version, whose recipe does not say", async () => {
    writeFileSync(join(folder, "song.txt"), text)
    const few = [
      "--steps",
      "2",
      "--batch-size",
      "1",
      "--truncate",
      "4",
      "--tokens",
      "words",
      "--evaluate-every",
      "0",
    ]
    const trained = await train(...few, "--min-count", "1")
    expect(trained.code).toBe(0)
    const path = join(folder, "run/config.json")
    const config = JSON.parse(readFileSync(path, "utf8"))
    expect(config.recipe.minCount).toBe(1)
    delete config.recipe.minCount
    writeFileSync(path, JSON.stringify(config))
    expect(await makewave("train", "--resume", "run", "--steps", "3")).toMatchObject({ code: 0 })
    const { code, stderr } = await makewave("inspect", "run")
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("no activations")])
  })
})

test("unknown words are counted, and told where they are many; bits a character stand beside those of other tokens", async () => {
  const counted = (...args: string[]) =>
    makewave("train", "song.txt", "--running", "--model", "ngram", "--order", "2", ...args)
  const trained = await counted("--tokens", "words", "--min-count", "100", "--out", "words")
  expect(trained.stdout).toContain("; 720 rare ones (52.2 %) as the unknown word")
  await counted("--tokens", "words", "--out", "all")
  await counted("--out", "characters")

  const many = /^\w+: more than a tenth of the words are unknown, .* and bits a character do not compare$/m
  writeFileSync(join(folder, "other.txt"), "the zebra is up\n")
  const other = await makewave("evaluate", "all", "--data", "other.txt")
  expect(other.stdout).toContain("\ndata: 1 of 5 words are unknown (20.0 %)\n")
  expect(other.stderr).toMatch(many)
  const json = JSON.parse((await makewave("evaluate", "all", "--data", "other.txt", "--json")).stdout)
  expect(json.unknown).toEqual({ data: { unknown: 1, words: 5 } })
  expect((await makewave("evaluate", "all")).stderr).not.toMatch(many)

  const together = ["words", "all", "characters", "--part", "validation"]
  const [words, all, characters] = objects((await makewave("evaluate", ...together, "--json")).stdout) as {
    bitsPerCharacter: { validation: number }
  }[]
  const bits = ({ bitsPerCharacter: { validation } }: typeof words) => validation.toFixed(3)
  const { stdout } = await makewave("evaluate", ...together, "--markdown")
  expect(stdout).toMatch(/ perplexity \| bits\/character \| unknown \|$/m)
  expect(stdout).toContain(` | ${bits(words)} | 52.2 % |`)
  expect(stdout).toContain(` | ${bits(all)} | 0.0 % |`)
  expect(stdout).toContain(` | ${bits(characters)} |  |`)
  expect(characters).not.toHaveProperty("unknown")
})

describe("what cannot be is a sentence", () => {
  test.each([
    [
      ["--context", "5000"],
      /the training part has 3,264 symbols, and a row has 5,000: give a longer text, or shorter rows/,
    ],
    [
      ["--condition", "sex"],
      /--condition sex: it is for a list, one item a line, and this is running text: leave it out/,
    ],
    [["--split-seed", "1"], /--split-seed 1: the parts of a running text follow one another: leave it out/],
    [["--column", "name"], /--column name: it is for a list/],
    [["--model", "wavenet", "--truncate", "4"], /--truncate 4: /],
  ])("train %j", async (args, sentence) => {
    expect(await train(...args)).toMatchObject({ code: 1, stderr: expect.stringMatching(sentence) })
  })

  test.each([
    ["", "a.txt: the text is empty: give a UTF-8 text file"],
    ["a", "a.txt: a text of 1 symbol is too short for the parts that it is split into: give a longer one\n"],
    ["word", "a.txt: a text of 4 symbols is too short for the parts"],
    ["word", "a.txt: the training part has 4 symbols, and a row has 16", "--split", "100,0,0"],
    ["word", "a.txt: a text of 1 symbol is too short for the parts", "--tokens", "words"],
    [
      "word".repeat(1000),
      "a.txt: its 4,000 characters are 1 word, too few to learn from: choose --tokens characters",
      "--tokens",
      "words",
    ],
  ])("a text that is too short: %#", async (text, sentence, ...args) => {
    writeFileSync(join(folder, "a.txt"), text)
    const { code, stderr } = await makewave("train", "a.txt", "--running", ...small, ...args)
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(sentence) })
  })

  test("a list's command", async () => {
    expect((await makewave("song.txt", "--running")).stderr).toBe(
      "error: --running: make is for lists: makewave train song.txt --running reads one running text\n",
    )
  })

  test("a sample", async () => {
    await train()
    for (const [args, sentence] of [
      [
        ["--length", "4-8"],
        "--length 4-8: a running text has one length: give a whole number of symbols from 1 to 100,000",
      ],
      [["--prompt", "Z"], 'the character "Z" (U+005A) is not in the vocabulary'],
      [["--condition", "x"], "--condition x: a running text has no labels: leave it out"],
      [["--starts-with", "a"], "--starts-with: run makes running text: give --prompt, with which it begins"],
      [
        ["--ends-with", "a"],
        /--ends-with: run makes running text: .* give --until line or --until paragraph/,
      ],
      [["--contains", "a"], /--contains: run makes running text: .* not chosen from many: .* give --prompt/],
      [["--avoid", "song.txt"], /--avoid: run makes running text: .* none can be left out/],
      [
        ["--only-new"],
        "--only-new: run makes running text: a text as a whole is hardly ever in the data: leave it out; the length of its longest copied passage is printed after it",
      ],
      [
        ["--no-repeats"],
        /--no-repeats: run makes running text: two texts are hardly ever equal: leave it out/,
      ],
      [["--score"], /--score: run makes running text: .* evaluate --data FILE gives its loss/],
      [["--maximum-length", "9"], /--maximum-length: run makes running text: give --length/],
      [["--batch-size", "9"], /--batch-size: run makes running text: one is written at a time: leave it out/],
      [["--data", "song.txt", "--column", "a"], /--column: run makes running text: .* as a whole/],
      [["--seconds", "9"], /--seconds: run makes running text: give --length/],
      [["--out", "a.txt"], /--out: run makes running text: it is printed: .* > FILE/],
    ] as const)
      expect(await makewave("sample", "run", ...args)).toMatchObject({
        code: 1,
        stderr:
          typeof sentence === "string" ? expect.stringContaining(sentence) : expect.stringMatching(sentence),
      })
    writeFileSync(join(folder, "line.txt"), "one line and no more, ".repeat(50))
    await makewave("train", "line.txt", "--running", ...small, "--steps", "1", "--out", "line")
    expect((await makewave("sample", "line", "--until", "line")).stderr).toContain(
      "--until line: the text has one line: leave it out, or give --length",
    )
  })
})
