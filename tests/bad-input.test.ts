/** Lists that nobody would train on, or that are no lists: each gives a result or a sentence. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { Flat } from "../src/models/index.ts"
import { prepare } from "../src/runs/corpora/index.ts"
import { makewaveHere } from "./command-line.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-bad-input-"))
  mkdirSync(join(folder, "folder"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const numbered = (count: number) => Array.from({ length: count }, (_, k) => `line ${k}\n`).join("")

const utf16 = (text: string) => Buffer.from(text, "utf16le")

const needs =
  "and a split into 3 parts needs 3 different ones: give more, or fewer parts: --split 100,0,0 trains on every line"

test.each<[string, string | Uint8Array | undefined, string]>([
  ["nothing", "", "the text is empty: give a UTF-8 text file with one item per line"],
  ["blank lines", " \n\n\t\n", "every line is blank: give a UTF-8 text file with one item per line"],
  ["one line", "anna\n", `one line, ${needs}`],
  ["two lines", "anna\nbo\n", `2 lines, ${needs}`],
  ["equal lines", "anna\n".repeat(1000), `all 1,000 lines are equal, ${needs}`],
  [
    "a huge line",
    `${"a".repeat(5_000_000)}\nanna\nbo\n`,
    `line 1 ("${"a".repeat(40)}…") is longer than 1,000 characters: put one item on each line, train on it as a whole (--running), or allow longer ones (--maximum-line-length)`,
  ],
  [
    "any bytes",
    Uint8Array.from({ length: 10_000 }, (_, k) => (k * k * 7919) % 251),
    "line 1 is not UTF-8: give a UTF-8 text file with one item per line",
  ],
  [
    "UTF-16 without a mark",
    utf16("anna\nbo\ncarl\n"),
    "line 1 has a NUL character, as in binary files and in UTF-16 without a byte order mark: give a UTF-8 text file with one item per line",
  ],
  [
    "folder",
    undefined,
    "there are no .wav files in this folder: give one that has some, each voice or kind in its own sub-folder",
  ],
  [
    "missing",
    undefined,
    "no such file or data set. Give the path of a text file with one item per line, or a data set: names, languages, makemore-names, brown",
  ],
])("%s: a sentence", async (name, content, sentence) => {
  if (content !== undefined) writeFileSync(join(folder, name), content)
  const { code, stdout, stderr } = await makewaveHere(["train", name, "--steps", "2"], folder)
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: `error: ${name}: ${sentence}\n` })
})

test.each<[string, string | Uint8Array, readonly string[]]>([
  ["ten lines", numbered(10), ["--steps", "5"]],
  ["three lines", numbered(3), ["--steps", "5"]],
  ["one line, all of it", "anna\n", ["--steps", "5", "--split", "100,0,0"]],
  ["one symbol", Array.from({ length: 20 }, (_, k) => "a".repeat(k + 1)).join("\n"), ["--steps", "5"]],
  ["UTF-16", utf16("\ufeffanna\nbo\ncarl\ndora\n"), ["--steps", "5"]],
  [
    "20,000 symbols",
    Array.from({ length: 2000 }, (_, k) =>
      Array.from({ length: 10 }, (_, j) => String.fromCodePoint(0x4e00 + 10 * k + j)).join(""),
    ).join("\n"),
    ["--steps", "1", "--model", "flat", "--context", "2", "--embedding", "2", "--hidden", "2"],
  ],
])(
  "%s: a run",
  async (name, content, flags) => {
    writeFileSync(join(folder, name), content)
    const { code, stdout, stderr } = await makewaveHere(
      ["train", name, ...flags, "--out", `run of ${name}`, "--json"],
      folder,
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    const last = JSON.parse(stdout.trimEnd().split("\n").at(-1)!)
    expect(last.samples).toHaveLength(20)
    expect(last.train).toBeGreaterThan(0)
    if (flags.includes("100,0,0")) expect(last.validation).toBeUndefined()
    else expect(last.validation).toBeGreaterThan(0)
  },
  120_000,
)

test("lines that are there twice are held out together", async () => {
  writeFileSync(join(folder, "copies"), numbered(10).repeat(2))
  const here = (...args: string[]) => makewaveHere(args, folder)
  expect((await here("train", "copies", "--model", "ngram", "--out", "run of copies")).code).toBe(0)
  const { stdout } = await here("evaluate", "run of copies", "--part", "validation", "test", "--json")
  const allNew = { lines: 2, unseen: { lines: 2 } }
  expect(JSON.parse(stdout).reports).toMatchObject({ validation: allNew, test: allNew })
})

test("a million lines are read and split, and a sample of them is evaluated", async () => {
  const data = join(folder, "million.txt")
  writeFileSync(data, Array.from({ length: 1_000_000 }, (_, k) => (k % 900_000).toString(36)).join("\n"))
  const { corpus } = await prepare({ data, model: "flat", context: 1, embedding: 1, hidden: 1 })
  expect(corpus.description).toBe(`${data}: 1,000,000 lines; 100,000 lines occur more than once.`)
  const { train, validation, test } = corpus.sizes
  expect(train + validation + test).toBe(1_000_000)
  expect(Math.abs(train - 800_000)).toBeLessThan(2000)
  const model = new Flat({
    vocabularySize: corpus.vocabulary.size,
    contextLength: 1,
    embedding: 1,
    hidden: 1,
  })
  const { targets } = corpus.trainingSample(model)
  const lines = targets.data.reduce((count, id) => count + (id === 0 ? 1 : 0), 0)
  expect(lines).toBe(Math.ceil(train / Math.ceil(train / 100_000)))
}, 300_000)
