/** Samples as they are wished for: each wish alone and together, what the search draws, and the sentences where there are too few. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { NGram } from "../src/counting/index.ts"
import { Vocabulary } from "../src/data/tokenizers/characters.ts"
import { STOP } from "../src/data/tokenizers/tokenizer.ts"
import { UserError } from "../src/errors.ts"
import { Generator } from "../src/random/index.ts"
import { countingSampler, lengthRange, samplerWithWishes, type Wishes } from "../src/sampling/index.ts"
import type { SampleOptions } from "../src/sampling/sampler.ts"
import { countedLossPerLine } from "../src/training/index.ts"
import { makewaveHere, objects, THINGS } from "./command-line.ts"

const vocabulary = Vocabulary.from(["abc"])
const common = ["aab", "aba", "ab", "aaab", "abab", "aaba", "abb", "aabb", "ba", "bab", "baab"]
/** A "c" is rare, and most lines end after "bc" and go on after "ac". */
const lines = [...Array.from({ length: 24 }, () => common).flat(), "abc", "acab"]
const model = new NGram({ order: 4, vocabularySize: 4 }).fit(lines.map((line) => vocabulary.encode(line)))

async function made(
  wishes: Wishes,
  options: Partial<Omit<SampleOptions, "prompt">> & { prompt?: string } = {},
) {
  const sampler = samplerWithWishes(countingSampler(model), wishes, {
    vocabulary,
    longest: 1000,
    score: async (lines) =>
      countedLossPerLine(model, lines).map((each) => ({ nats: each.nats, stop: each.stop! })),
  })
  const { prompt = "", ...others } = options
  const generator = new Generator(1)
  const things: string[] = []
  for await (const ids of sampler.sample({
    count: 20,
    generator,
    ...others,
    prompt: [...vocabulary.encode(prompt)],
  }))
    things.push(vocabulary.decode(ids))
  return { things, shortage: sampler.shortage() }
}

/**
 * Every line of at most `longest` symbols that passes, and its probability among these. At a temperature, the line is sampled up to its
 * end, and what the model thinks of the end counts as at this temperature.
 */
function exactly(
  longest: number,
  passes: (line: string) => boolean,
  { temperature = 1, endsWith = "" } = {},
): Map<string, number> {
  const found = new Map<string, number>()
  const visit = (line: string) => {
    if (passes(line)) found.set(line, weight(line))
    if (line.length < longest) for (const next of "abc") visit(line + next)
  }
  const weight = (line: string) => {
    const symbols = [...vocabulary.encode(line), STOP]
    return symbols.reduce((product, symbol, at) => {
      const p = model.probabilities(symbols.slice(0, at)).map((each) => each ** (1 / temperature))
      const isEnd = at >= line.length - endsWith.length
      return (product * p[symbol]) / (isEnd ? 1 : p.reduce((a, b) => a + b, 0))
    }, 1)
  }
  visit("")
  const total = Array.from(found.values()).reduce((a, b) => a + b, 0)
  return new Map(Array.from(found, ([line, p]) => [line, p / total]))
}

/**
 * Half the sum of the differences between the parts of the lines and their probabilities (total variation), as a multiple of what it is
 * on average for independent lines of these probabilities: E|x| of a normal deviation is 0.8 of its standard deviation.
 */
function distance(things: readonly string[], exact: ReadonlyMap<string, number>): number {
  const parts = new Map<string, number>()
  for (const thing of things) parts.set(thing, (parts.get(thing) ?? 0) + 1 / things.length)
  const names = [...new Set([...exact.keys(), ...parts.keys()])]
  const sum = (each: (name: string) => number) => names.reduce((total, name) => total + each(name), 0)
  const difference = sum((name) => Math.abs((exact.get(name) ?? 0) - (parts.get(name) ?? 0)))
  return difference / sum((name) => 0.8 * Math.sqrt((exact.get(name) ?? 0) / things.length))
}

describe("every line satisfies", () => {
  const known = new Set(lines)
  const cases: [string, Wishes, (line: string) => boolean, string?][] = [
    ["known", { known: lines }, (line) => !known.has(line) && line.length > 1],
    ["known, in any case", { known: ["AB", "bA"] }, (line) => line !== "ab" && line !== "ba"],
    ["known, and a length", { known: lines, length: { least: 1, most: 1 } }, ({ length }) => length === 1],
    ["avoid, in any case", { avoid: ["AB", "Ba"] }, (line) => line !== "ab" && line !== "ba"],
    ["a length", { length: { least: 5, most: 5 } }, ({ length }) => length === 5],
    ["a range", { length: { least: 2, most: 3 } }, ({ length }) => length === 2 || length === 3],
    ["a rare length", { length: { least: 14, most: Infinity } }, ({ length }) => length >= 14],
    ["a rare end", { endsWith: "ccbc" }, (line) => line.endsWith("ccbc")],
    ["a rare part", { contains: "ccb" }, (line) => line.includes("ccb")],
    [
      "all together",
      { known: lines, avoid: ["bacccab"], length: { least: 6, most: 8 }, endsWith: "ab", contains: "cc" },
      (line) =>
        /^ba.*cc.*ab$/.test(line) &&
        line.length >= 6 &&
        line.length <= 8 &&
        line !== "bacccab" &&
        !known.has(line),
      "ba",
    ],
    [
      "parts that overlap",
      { length: { least: 4, most: 4 }, endsWith: "cab", contains: "bc" },
      (line) => line === "bcab",
      "bca",
    ],
  ]
  test.each(cases)("%s", async (_, wishes, passes, prompt) => {
    const { things, shortage } = await made(wishes, { prompt })
    expect(shortage).toBeUndefined()
    expect(things).toHaveLength(20)
    for (const thing of things) expect(passes(thing), thing).toBe(true)
    expect((await made(wishes, { prompt })).things).toEqual(things)
  })

  test("no repeats: all different, also from one call to the next", async () => {
    const { things, shortage } = await made({ noRepeats: true }, { count: 60 })
    expect(shortage).toBeUndefined()
    expect(new Set(things).size).toBe(60)
    const found = await made({ noRepeats: true, endsWith: "ccbc" }, { count: 60 })
    expect(new Set(found.things).size).toBe(60)
  })
})

describe("lines that all begin with a capital letter", () => {
  const cased = Vocabulary.from(["Aab"])
  const mixed = ["Aab", "Aba", "Abb", "aab", "aba", "abb", "aa", "bba"].map((line) => cased.encode(line))
  const counted = new NGram({ order: 2, vocabularySize: cased.size }).fit(mixed)
  const sampled = async (known: readonly string[], prompt = "", topK?: number) => {
    const wishes = { known, noRepeats: true }
    const sampler = samplerWithWishes(countingSampler(counted), wishes, { vocabulary: cased })
    const texts: string[] = []
    const start = Array.from(cased.encode(prompt))
    const generator = new Generator(1)
    for await (const ids of sampler.sample({ count: 20, generator, prompt: start, topK }))
      texts.push(cased.decode(ids))
    return { texts, sentence: sampler.shortage()?.sentence }
  }

  test("are followed by such, unless a start is given", async () => {
    const { texts } = await sampled(["Aab", "Aba"])
    expect(texts).toHaveLength(20)
    expect(texts.filter((text) => !text.startsWith("A"))).toEqual([])
    const small = await sampled(["Aab", "Aba"], "b")
    expect(small.texts).toHaveLength(20)
    const either = await sampled(["Aab", "aba"])
    expect(new Set(either.texts.map(([first]) => first))).toEqual(new Set("Aab"))
  })

  test("and a model that makes none, are told", async () => {
    const { texts, sentence } = await sampled(["A"], "", 1) // the likeliest first letter is "a"
    expect(texts).toEqual([])
    expect(sentence).toMatch(/; all of the data begins with a capital letter, .* by --starts-with/)
  })
})

describe("the distribution is the model's, restricted to what is wished for", () => {
  interface Case {
    readonly wishes: Wishes
    readonly longest: number
    readonly passes: (line: string) => boolean
    readonly prompt?: string
    readonly maximumLength?: number
  }
  const cases: Record<string, Case> = {
    "a frequent end": {
      wishes: { endsWith: "ab", length: { least: 0, most: 5 } },
      longest: 5,
      passes: (line) => line.endsWith("ab"),
    },
    "a rare end": {
      wishes: { endsWith: "cb", length: { least: 0, most: 5 } },
      longest: 5,
      passes: (line) => line.endsWith("cb"),
    },
    "an end where other lines are cut": {
      wishes: { endsWith: "ab" },
      maximumLength: 3,
      longest: 3,
      passes: (line) => line.endsWith("ab"),
    },
    "a part of lines of a length": {
      wishes: { contains: "c", length: { least: 0, most: 5 } },
      longest: 5,
      passes: (line) => line.includes("c"),
    },
    "a part": { wishes: { contains: "c" }, longest: 8, passes: (line) => line.includes("c") },
    "a length": {
      wishes: { length: { least: 10, most: 10 }, endsWith: "babab" },
      longest: 10,
      passes: (line) => line.length === 10 && line.endsWith("babab"),
    },
    "a start, a part and an end that may overlap": {
      wishes: { contains: "acc", endsWith: "cca", length: { least: 0, most: 7 } },
      longest: 7,
      passes: (line) => /^a.*cca$/.test(line) && line.includes("acc"),
      prompt: "a",
    },
  }
  test.each(Object.entries(cases))("%s", async (_, { wishes, longest, passes, ...options }) => {
    const { things } = await made(wishes, { count: 4000, ...options })
    expect(distance(things, exactly(longest, passes))).toBeLessThan(3)
  })

  test.each([0.5, 2])("at temperature %d", async (temperature) => {
    const wishes = { endsWith: "cb", length: { least: 0, most: 5 } }
    const { things } = await made(wishes, { count: 4000, temperature })
    const exact = exactly(5, (line) => line.endsWith("cb"), { temperature, endsWith: "cb" })
    expect(distance(things, exact)).toBeLessThan(3)
  })
})

describe("too few", () => {
  test("ends with what there is, and says how many were drawn and which wish was the rarest", async () => {
    const { things, shortage } = await made({ noRepeats: true, length: { least: 1, most: 1 } })
    expect(things.toSorted()).toEqual(["a", "b", "c"])
    expect(shortage).toMatchObject({ wanted: 20, made: 3, rarest: "--length 1" })
    expect(shortage?.sentence).toMatch(
      /^only 3 of 20 different lines found among [\d,]+ that were drawn; the fewest satisfied --length 1: give a higher --temperature or fewer wishes, or a smaller --count$/,
    )
  })

  test("an impossible wish ends", async () => {
    const { things, shortage } = await made({ avoid: ["cc"], length: { least: 2, most: 2 }, endsWith: "cc" })
    expect(things).toEqual([])
    expect(shortage?.sentence).toMatch(/^none of 20 lines found/)
  })

  test("a line that has not ended does not come out", async () => {
    const { things, shortage } = await made({ avoid: ["cc"] }, { topK: 1, maximumLength: 1 })
    expect(things).toEqual([])
    expect(shortage?.sentence).toMatch(
      /; most are longer than --maximum-length 1 allows: give --length -1, for which there is a search$/,
    )
    const short = await made({ known: ["aaaaaaa"], noRepeats: true }, { maximumLength: 1, count: 3 })
    expect(short.shortage?.sentence).toMatch(/^none of 3 .*; most are longer than --maximum-length 1 allows/)
    const sampler = samplerWithWishes(countingSampler(model), { avoid: ["cc"] }, { vocabulary, longest: 1 })
    for await (const _ of sampler.sample({ count: 5, topK: 1 }));
    expect(sampler.shortage()?.sentence).toMatch(/; most did not come to an end: train longer$/)
  })

  test("lines that are listed are told", async () => {
    const wishes = { length: { least: 2, most: 2 }, noRepeats: true }
    const one = await made({ ...wishes, known: ["ab"] }, { prompt: "ab" })
    expect(one.shortage?.sentence).toMatch(
      /^none of 20 different lines found among [\d,]+ that were drawn; the only such line that was found is in the data: give a higher --temperature or fewer wishes$/,
    )
    const pairs = [..."abc"].flatMap((a) => [..."abc"].map((b) => a + b))
    const known = { known: pairs.filter((pair) => pair !== "bb"), avoid: ["bb"] }
    const all = await made({ ...wishes, ...known })
    expect(all.shortage?.sentence).toMatch(
      /; all \d such lines that were found are (in the data or to be avoided|to be avoided or in the data): /,
    )
    const two = await made({ ...wishes, known: pairs.filter((pair) => !/^[ab]b$/.test(pair)) })
    expect(two.things.toSorted()).toEqual(["ab", "bb"])
    expect(two.shortage?.sentence).toMatch(
      /^only 2 of 20 .*; [3-7] others that were found are in the data: .* or fewer wishes, or a smaller --count$/,
    )
  })

  test("repeats end", async () => {
    const { things, shortage } = await made({ noRepeats: true }, { topK: 2, maximumLength: 2, count: 200 })
    expect(things.length).toBeLessThan(10)
    expect(shortage?.sentence).toContain(
      "; most are repeated: give a higher --temperature, or a smaller --count",
    )
  })

  test.each([{ temperature: 0 }, { temperature: 1e-300 }])("with %j there is one line", async (choice) => {
    const [greedy] = (await made({}, { ...choice, count: 1 })).things
    expect((await made({ length: { least: 0, most: 99 } }, choice)).things).toEqual(Array(20).fill(greedy))
    const once = await made({ noRepeats: true }, choice)
    expect(once.things).toEqual([greedy])
    expect(once.shortage?.sentence).toMatch(
      /only 1 of 20 .*likeliest symbol is always the same.*give a --temperature above 0/,
    )
    const none = await made({ known: [greedy] }, choice)
    expect(none.things).toEqual([])
    expect(none.shortage?.drawn).toBeLessThan(30)
    const { things } = await made({ endsWith: "ccc" }, choice)
    expect(new Set(things).size).toBe(1)
    expect(things[0]).toMatch(/ccc$/)
  })
})

test("without scores the lines of the model are all there is", async () => {
  const sampler = samplerWithWishes(countingSampler(model), { endsWith: "ccb" }, { vocabulary })
  const things: string[] = []
  for await (const ids of sampler.sample({ count: 1000, generator: new Generator(1) }))
    things.push(vocabulary.decode(ids))
  expect(things.length).toBeLessThan(50)
  for (const thing of things) expect(thing).toMatch(/ccb$/)
  expect(sampler.shortage()).toMatchObject({ wanted: 1000, made: things.length, rarest: "--ends-with ccb" })
})

describe("what cannot be wished for", () => {
  test.each<[Wishes, RegExp, object?]>([
    [{ endsWith: "x" }, /"x": the character "x" .* is not in the vocabulary/],
    [{ contains: "é" }, /is not in the vocabulary/],
    [
      { endsWith: "abc", length: { least: 1, most: 2 } },
      /^--ends-with "abc": it has 3 symbols, more than --length -2 allows: allow more/,
    ],
    [{ length: { least: 5, most: 4 } }, /^length from 5 to 4: give whole numbers, the least first/],
    [
      { length: { least: 2000, most: 3000 } },
      /^--length 2000-3000: no line of more than 1,000 symbols is made/,
    ],
    [{ ends: "a" } as Wishes, /wishes: there is no option ends: it has known/],
    [
      { length: { least: 8, most: 8 } },
      /^--length 8: it is more than --maximum-length 5 allows: allow more, or leave one out$/,
      { maximumLength: 5 },
    ],
    [
      { length: { least: 1, most: 8 } },
      /^--starts-with "ababab": it has 6 symbols, more than --maximum-length 5 allows: allow more/,
      { maximumLength: 5, prompt: "ababab" },
    ],
  ])("%j", async (wishes, sentence, options?: Parameters<typeof made>[1]) => {
    await expect(made(wishes, options)).rejects.toThrow(sentence)
    await expect(made(wishes, options)).rejects.toThrow(UserError)
  })

  test("a length is a number or a range", () => {
    expect(lengthRange("5")).toEqual({ least: 5, most: 5 })
    expect(lengthRange("4-8")).toEqual({ least: 4, most: 8 })
    expect(lengthRange("4-")).toEqual({ least: 4, most: Infinity })
    expect(lengthRange("-8")).toEqual({ least: 1, most: 8 })
    for (const text of ["", "-", "a", "8-4", "0", "1.5", "4--8", "99999999999999999999"])
      expect(() => lengthRange(text), text).toThrow(
        /--length .*: give a number of symbols such as 5, or a range/,
      )
  })
})

/** With lines that are long enough for a context in which the wishes have room. */
const LIST = `${THINGS}abcabca\nbcabbcab\n`

describe("makewave sample", () => {
  let folder = ""
  const here = (...args: string[]) => makewaveHere(args, folder)
  const sample = async (run: string, ...flags: string[]) => {
    const { stdout, ...others } = await here("sample", run, "--seed", "1", ...flags)
    return { ...others, stdout, lines: stdout.split("\n").slice(0, -1) }
  }
  const small = ["--model", "gru", "--hidden", "8", "--embedding", "4", "--steps", "20"]

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "makewave-wishes-"))
    writeFileSync(join(folder, "things.txt"), LIST)
    writeFileSync(join(folder, "avoided.txt"), "ABC\n\ncb\n")
    writeFileSync(join(folder, "avoided.csv"), "name\nABC\ncb\n")
    writeFileSync(join(folder, "other.txt"), `${LIST}ccc\n`)
    const rows = LIST.trimEnd()
      .split("\n")
      .map((line, k) => `${line},${k % 2 === 0 ? "even" : "odd"}`)
    writeFileSync(join(folder, "things.csv"), `thing,parity\n${rows.join("\n")}\n`)
    await here("train", "things.txt", "--model", "ngram", "--order", "3", "--out", "counted")
    await here("train", "things.txt", ...small, "--out", "gru")
    await here("train", "things.txt", ...small, "--mix-order", "3", "--mix-weight", "0.5", "--out", "mixed")
    const wide = ["--model", "wavenet-2016", "--layers", "2", "--stacks", "1", "--residual-channels", "4"]
    const labelled = ["--column", "thing", "--condition", "parity", "--out", "labelled"]
    const { stderr } = await here("train", "things.csv", ...labelled, ...wide, "--steps", "20")
    expect(stderr).toBe("")
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(["counted", "gru", "mixed"])("all wishes of %s", async (run) => {
    const flags = [
      "--only-new",
      "--length",
      "4-7",
      "--starts-with",
      "ab",
      "--ends-with",
      "ca",
      "--contains",
      "bb",
      "--avoid",
      "avoided.txt",
    ]
    const { code, lines, stderr } = await sample(run, ...flags, "--count", "5", "--score")
    expect(code).toBe(0)
    expect(lines).toHaveLength(5)
    for (const line of lines) expect(line).toMatch(/^\d\.\d{3}\tab[abc]*ca$/)
    expect(stderr).toContain("5 samples from ")
    const again = / sample (.*)\n$/.exec(stderr)![1]
    for (const flag of flags) expect(again.split(" ")).toContain(flag)
    expect((await here("sample", ...again.split(" "))).stdout).toBe(`${lines.join("\n")}\n`)
    const json = await sample(run, ...flags, "--count", "5", "--score", "--json")
    expect(objects(json.stdout)).toEqual(
      lines.map((line) => ({
        sample: line.split("\t")[1],
        found: "new",
        nats: expect.toSatisfy((nats: number) => nats.toFixed(3) === line.split("\t")[0]),
      })),
    )
  })

  test("what is to be avoided may be the only column of a table", async () => {
    const avoiding = (file: string) => sample("counted", "--count", "50", "--seed", "3", "--avoid", file)
    const { lines } = await avoiding("avoided.csv")
    expect(lines).toEqual((await avoiding("avoided.txt")).lines)
    expect((await avoiding("things.csv")).stderr).toMatch(
      /^error: --avoid things\.csv: give a text file, or a table of one column/,
    )
  })

  test.each(["counted", "gru", "mixed"])("the score of %s is the loss of evaluate", async (run) => {
    const { stdout } = await sample(run, "--score", "--count", "1", "--starts-with", "ab", "--json")
    const [{ sample: line, nats }] = objects(stdout)
    writeFileSync(join(folder, "one.txt"), `${line}\n`)
    const evaluated = await here("evaluate", run, "--data", "one.txt", "--json")
    expect(nats).toBeCloseTo(objects(evaluated.stdout)[0].data as number, 6)
  })

  test("the score of a labelled line is its loss under its label", async () => {
    const { stdout } = await sample("labelled", "--score", "--json", "--length", "1-", "--no-repeats")
    for (const parity of ["even", "odd"]) {
      const { sample: line, nats } = objects(stdout).find(({ label }) => label === parity)!
      writeFileSync(join(folder, "one.csv"), `thing,parity\n${line},${parity}\n`)
      const evaluated = await here("evaluate", "labelled", "--data", "one.csv", "--json")
      expect(nats).toBeCloseTo(objects(evaluated.stdout)[0].data as number, 6)
    }
  })

  test("--score alone changes no sample", async () => {
    const { lines } = await sample("gru", "--score")
    expect(lines.map((line) => line.split("\t")[1])).toEqual((await sample("gru")).lines)
  })

  test("a line without a symbol is not new", async () => {
    const { stdout } = await sample("gru", "--temperature", "5", "--count", "200", "--json")
    const lines = objects(stdout)
    const empty = lines.filter((line) => line.sample === "")
    expect(empty.length).toBeGreaterThan(0)
    for (const line of empty) expect(line.found).toBe("empty")
    const { stderr } = await sample("gru", "--temperature", "5", "--count", "200")
    const fresh = lines.filter(({ found }) => found === "new").length
    expect(stderr).toContain(`200 samples from gru, ${fresh} of them new`)
  })

  test("labels: wishes hold for each", async () => {
    for (const flags of [[], ["--condition", "odd"]]) {
      const { stdout, stderr, code } = await sample(
        "labelled",
        "--ends-with",
        "ccb",
        "--length",
        "5",
        "--score",
        "--json",
        ...flags,
      )
      expect(code, stderr).toBe(0)
      const made = objects(stdout)
      expect(made).toHaveLength(20)
      for (const each of made) {
        expect(each.sample).toMatch(/^..ccb$/)
        expect(each.nats).toBeGreaterThan(0)
      }
      expect(new Set(made.map(({ label }) => label)).size).toBe(flags.length === 0 ? 2 : 1)
    }
  })

  test("fewer than --count: what there is, a sentence, and with --json an object; none is an error", async () => {
    const flags = ["--only-new", "--length", "1"]
    const { code, lines, stderr } = await sample("counted", ...flags)
    expect(code).toBe(0)
    expect(lines.toSorted()).toEqual(["a", "b", "c"])
    expect(stderr).toMatch(/\nonly 3 of 20 different lines found among /)
    expect(objects((await sample("counted", ...flags, "--json")).stdout).at(-1)).toEqual({
      shortage: expect.objectContaining({
        wanted: 20,
        made: 3,
        sentence: expect.stringMatching(/^only 3 of 20/),
      }),
    })
    const none = await sample("counted", "--temperature", "0", "--length", "40", "--json")
    expect(none.code).toBe(1)
    expect(none.stderr).toMatch(/none of 20 lines found/)
    expect(objects(none.stdout)).toEqual([{ shortage: expect.objectContaining({ made: 0 }) }])
  })

  test.each<[string[], RegExp]>([
    [
      ["--length", "x"],
      /^error: --length x: give a number of symbols such as 5, or a range such as 4-8, 4- or -8\n$/,
    ],
    [["--avoid", "nowhere.txt"], /^error: --avoid nowhere\.txt: there is no such file: give a text file/],
    [["--starts-with", "ab", "--prompt", "b"], /^error: --prompt b and --starts-with ab: give only one\n$/],
    [
      ["--starts-with", "abc", "--length", "2"],
      /^error: --starts-with "abc": it has 3 symbols, more than --length 2 allows/,
    ],
    [["--ends-with", "é"], /"é": the character .* is not in the vocabulary/],
    [
      ["--only-new", "--data", "other.txt"],
      /^error: --only-new: the data tells what is new, and it cannot be read: other\.txt: this is not the list that counted was trained on: give that/,
    ],
  ])("%j is refused", async (flags, sentence) => {
    const { code, stderr, stdout } = await sample("counted", ...flags)
    expect(stderr).toMatch(sentence)
    expect(code).toBe(1)
    expect(stdout).toBe("")
  })
})
