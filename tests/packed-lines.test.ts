/** Training on rows of whole lines end to end: losses stay those of lines on their own, and what has a row a line refuses it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { IGNORED, sequences } from "../src/data/index.ts"
import { openText } from "../src/runs/corpora/text-corpus.ts"
import { openAnyModel } from "../src/runs/open-model.ts"
import { runTraining } from "../src/runs/run-training.ts"
import type { Settings } from "../src/runs/settings.ts"
import { evaluate } from "../src/training/evaluate.ts"

let folder = ""
const at = (name: string) => join(folder, name)
const given = (more: Settings): Settings => ({
  data: at("things.txt"),
  recipe: "lecture",
  ...{ model: "gru", embedding: 3, hidden: 5, steps: 20, batchSize: 4, evaluateEvery: 10 },
  ...more,
})

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-packed-"))
  const syllables = ["ba", "be", "ka", "ki", "mo"]
  const things = syllables.flatMap((a) => syllables.map((b) => a + b + (a < b ? a : "")))
  writeFileSync(at("things.txt"), `${things.join("\n")}\n`)
  writeFileSync(at("labelled.csv"), `word,kind\n${things.map((word, k) => `${word},${k % 2}\n`).join("")}`)
})
afterAll(() => rmSync(folder, { recursive: true }))

async function trained(settings: Settings, out: string) {
  let last: object | undefined
  for await (const event of runTraining({ given: settings, out: at(out) }))
    if (event.kind === "evaluated") last = event
  return last
}

test("a run trains on packed rows, and its losses are those of lines on their own", async () => {
  const losses = await trained(given({ pack: 14 }), "packed")
  const { model, config } = await openAnyModel(at("packed"))
  const corpus = await openText(config.recipe)
  const { inputs, targets } = corpus.trainingRows(model as never)
  expect(inputs.shape[1]).toBe(14)
  expect(inputs.shape[0]).toBe(corpus.parts.train.lines.length / 2)
  const ofLines = sequences(corpus.parts.train.lines, corpus.vocabulary, corpus.longest! + 1)
  const there = (all: Int32Array) => all.filter((target) => target !== IGNORED)
  expect(there(targets.data)).toEqual(there(ofLines.targets.data))
  for (const part of ["train", "validation"] as const) {
    const rows = sequences(corpus.parts[part].lines, corpus.vocabulary, corpus.longest! + 1)
    expect(losses).toHaveProperty(part, await evaluate(model as never, rows))
  }
})

test.each<[string, Settings, string]>([
  [
    "a model of windows",
    { model: "flat", context: 3 },
    "--pack 14: the model reads one line at a time, of 3 symbols: leave it out, or",
  ],
  [
    "pieces of lines",
    { truncate: 3 },
    "--pack 14: it keeps lines whole, and --truncate 3 cuts them: leave one of the two out",
  ],
  ["rows too short for a line", { pack: 6 }, "has 6 characters, and a row of 6 holds 5 and the stop"],
  [
    "classes",
    { data: "labelled.csv", column: "word", classify: "kind" },
    "--pack 14: the lines of a row have labels of their own",
  ],
  ["counts", { model: "ngram" }, "--pack 14: the model ngram is counted and not trained"],
])("is refused with %s", async (_, more, sentence) => {
  const { data = "things.txt", model = "gru" } = more
  const sizes =
    model === "ngram"
      ? {
          embedding: undefined,
          hidden: undefined,
          steps: undefined,
          batchSize: undefined,
          evaluateEvery: undefined,
        }
      : {}
  const settings = given({ pack: 14, ...more, ...sizes, data: at(data) })
  await expect(trained(settings, "refused")).rejects.toThrow(sentence)
})
