/** Honest figures: worked by hand, the same for every kind of model, and those of names.txt that are known. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { NGram } from "../src/counting/index.ts"
import { parseLines, split, Vocabulary } from "../src/data/index.ts"
import { UserError } from "../src/errors.ts"
import { BagOfWords, Flat, type Model } from "../src/models/index.ts"
import { Generator } from "../src/random/index.ts"
import { textRows } from "../src/runs/text-rows.ts"
import { evaluate } from "../src/training/evaluate.ts"
import {
  countedLossPerLine,
  evaluationReport,
  formatEvaluation,
  lossPerLine,
  sumByLine,
} from "../src/training/evaluation-report.ts"
import { dataFolder } from "./golden.ts"

describe("the figures of two lines, by hand", () => {
  // 2 nats per symbol were expected to be 2 and 6 nats: both lines are off by 1.
  const report = evaluationReport([
    { nats: 3, symbols: 1 },
    { nats: 5, symbols: 3 },
  ])

  test("each with its standard error", () => {
    const close = (value: number, standardError: number) => ({
      value: expect.closeTo(value, 12),
      standardError: expect.closeTo(standardError, 12),
    })
    expect(report).toEqual({
      lines: 2,
      symbols: 4,
      natsPerSymbol: close(2, 0.5), // √(2/1 (1 + 1)) / 4
      natsPerLine: close(4, 1), // √(2/1 (1 + 1)) / 2
      bitsPerSymbol: close(2 / Math.LN2, 0.5 / Math.LN2),
      perplexity: close(Math.E ** 2, 0.5 * Math.E ** 2),
    })
  })

  test("as text and as Markdown", () => {
    expect(formatEvaluation({ test: report }).split("\n")).toEqual([
      "       lines       nats/symbol     nats/line     bits/symbol      perplexity",
      "test       2   2.0000 ± 0.5000   4.00 ± 1.00   2.885 ± 0.721   7.389 ± 3.695",
    ])
    expect(formatEvaluation({ test: report }, { markdown: true })).toBe(
      "|  | lines | nats/symbol | nats/line | bits/symbol | perplexity |\n" +
        "| --- | ---: | ---: | ---: | ---: | ---: |\n" +
        "| test | 2 | 2.0000 ± 0.5000 | 4.00 ± 1.00 | 2.885 ± 0.721 | 7.389 ± 3.695 |",
    )
  })
})

test("a single line has figures without an error, and none at all is refused", () => {
  const report = evaluationReport([{ nats: 6, symbols: 3 }])
  expect(report.natsPerSymbol).toEqual({ value: 2 })
  expect(formatEvaluation({ test: report })).not.toContain("±")
  expect(() => evaluationReport([])).toThrow(UserError)
})

test("lines of the training part apart from others; a part that is empty is left out", () => {
  const losses = [
    { nats: 1, symbols: 2 },
    { nats: 4, symbols: 2 },
    { nats: 6, symbols: 2 },
  ]
  const report = evaluationReport(losses, { lines: ["a", "b", "c"], seen: ["a", "d"] })
  expect(report.natsPerLine.value).toBeCloseTo(11 / 3)
  expect(report.seen).toMatchObject({ lines: 1, natsPerLine: { value: 1 } })
  expect(report.unseen).toMatchObject({ lines: 2, natsPerLine: { value: 5, standardError: 1 } })
  expect(formatEvaluation({ validation: report })).toMatch(
    /\n {2}not in the training part +2 [^\n]*\n {2}in the training part too +1 /,
  )
  const none = evaluationReport(losses, { lines: ["a", "b", "c"], seen: [] })
  expect(none.seen).toBeUndefined()
  expect(formatEvaluation({ validation: none })).not.toContain("training part")
  const all = evaluationReport(losses, { lines: ["a", "a", "a"], seen: ["a"] })
  expect(all.unseen).toBeUndefined()
  expect(formatEvaluation({ validation: all })).toMatch(/\n {2}in the training part too +3 [^\n]*$/)
})

test("of lines of one length the error a symbol is the error a line, divided by the length", () => {
  const nats = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 2, maxLength: 40 })
  fc.assert(
    fc.property(nats, fc.integer({ min: 1, max: 20 }), (nats, symbols) => {
      const { natsPerSymbol, natsPerLine } = evaluationReport(nats.map((nats) => ({ nats, symbols })))
      expect(natsPerSymbol.standardError).toBeCloseTo((natsPerLine.standardError ?? 0) / symbols, 9)
      expect(natsPerSymbol.value).toBeCloseTo(natsPerLine.value / symbols, 9)
    }),
  )
})

test("the standard error is the deviation of the figure over draws of the lines", () => {
  const random = new Generator(3)
  const draw = () =>
    Array.from({ length: 200 }, () => {
      const symbols = 2 + random.randint(0, 9, 1)[0]
      return { nats: symbols * 2 + random.randn(1)[0] * Math.sqrt(symbols), symbols }
    })
  const reports = Array.from({ length: 300 }, () => evaluationReport(draw()).natsPerSymbol)
  const mean = reports.reduce((sum, { value }) => sum + value, 0) / reports.length
  const deviation = Math.sqrt(reports.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / 299)
  const told = reports.reduce((sum, { standardError = 0 }) => sum + standardError, 0) / reports.length
  expect(told / deviation).toBeGreaterThan(0.9)
  expect(told / deviation).toBeLessThan(1.1)
})

test("losses are added up to the stop of each line; positions without a target are none", () => {
  expect(sumByLine([1, 2, 3, 4, 5, 6], [5, 0, 0, 1, 1, 0])).toEqual([
    { nats: 3, symbols: 2, stop: 2 },
    { nats: 3, symbols: 1, stop: 3 },
    { nats: 15, symbols: 3, stop: 6 },
  ])
  expect(sumByLine([1, 2, 9, 4, 9, 9], [3, 0, -1, 0, -1, -1])).toEqual([
    { nats: 3, symbols: 2, stop: 2 },
    { nats: 4, symbols: 1, stop: 4 },
  ])
})

test.each<[string, Model]>([
  ["windows", new Flat({ vocabularySize: 4, contextLength: 3, embedding: 2, hidden: 5 })],
  ["sequences", new BagOfWords({ vocabularySize: 4, contextLength: 6, embedding: 2, hidden: 5 })],
])(
  "a network that reads %s: each line as it is alone, and all together as evaluate has it",
  async (_, model) => {
    const lines = ["abc", "b", "ccabc", "ab"]
    const vocabulary = Vocabulary.from(lines)
    model.initialize(new Generator(1))
    const all = textRows(model, { lines }, { vocabulary })
    const losses = await lossPerLine(model, all)
    expect(losses.map(({ symbols }) => symbols)).toEqual([4, 2, 6, 3])
    for (const [k, line] of lines.entries()) {
      const alone = await evaluate(model, textRows(model, { lines: [line] }, { vocabulary }))
      expect(losses[k].nats).toBeCloseTo(alone * (line.length + 1), 5)
    }
    expect(evaluationReport(losses).natsPerSymbol.value).toBeCloseTo(await evaluate(model, all), 5)
  },
)

describe.skipIf(!dataFolder)("names.txt: set MAKEWAVE_DATA to the folder that has it", () => {
  test("Kneser-Ney of order 6 on the lecture's split, of which 13.2 % stand in the training part too", () => {
    const text = parseLines(readFileSync(join(dataFolder!, "names.txt")), { name: "names.txt" })
    const vocabulary = Vocabulary.from(text.lines)
    const { train, validation } = split(text, { duplicates: "apart" })
    const encode = (lines: readonly string[]) => lines.map((line) => vocabulary.encode(line))
    const model = new NGram({ order: 6, vocabularySize: vocabulary.size }).fit(encode(train.lines))
    const report = evaluationReport(countedLossPerLine(model, encode(validation.lines)), {
      lines: validation.lines,
      seen: train.lines,
    })
    expect(report).toMatchObject({
      lines: 3203,
      symbols: 22_655,
      natsPerSymbol: { value: expect.closeTo(1.974, 3), standardError: expect.closeTo(0.0085, 4) },
      natsPerLine: { value: expect.closeTo(13.96, 2) },
      bitsPerSymbol: { value: expect.closeTo(2.85, 2) },
      perplexity: { value: expect.closeTo(Math.exp(1.974), 2) },
      unseen: { lines: 3203 - 424, natsPerSymbol: { value: expect.closeTo(2.018, 3) } },
      seen: { lines: 424, natsPerSymbol: { value: expect.closeTo(1.66, 3) } },
    })
  })
})
