/** From bytes to batches, with and without Node: a page trains on the same numbers. */
import { expect, test } from "vitest"
import {
  epochBatches,
  loadText,
  parseLines,
  sequences,
  split,
  Vocabulary,
  windows,
} from "../../src/data/index.ts"
import { Generator } from "../../src/random/index.ts"

test("a text of any script becomes a vocabulary, a split, windows and sequences", () => {
  const bytes = new TextEncoder().encode("\uFEFFzoe\u0308\r\n\r\n 東京 \r\n👨‍👩‍👧a\r\nनमस्ते")
  const text = parseLines(bytes)
  expect(text.lines).toEqual(["zoë", "東京", "👨‍👩‍👧a", "नमस्ते"])
  const vocabulary = Vocabulary.from(text.lines)
  expect(vocabulary.toJSON()).toEqual(["a", "o", "z", "ë", "न", "म", "स्ते", "京", "東", "👨‍👩‍👧"])
  const { train, validation, test: rest } = split(text, { train: 0.5, validation: 0.25 })
  expect([train, validation, rest].map(({ lines }) => lines)).toEqual([
    ["👨‍👩‍👧a", "東京"],
    ["नमस्ते"],
    ["zoë"],
  ])
  expect([...windows(train.lines, vocabulary, 2).inputs.data]).toEqual([0, 0, 0, 10, 10, 1, 0, 0, 0, 9, 9, 8])
  expect([...sequences(train.lines, vocabulary, 4).targets.data]).toEqual([10, 1, 0, -1, 9, 8, 0, -1])
  expect([...epochBatches(new Generator(42), 10, 10).next()]).toEqual([2, 6, 1, 8, 4, 5, 0, 9, 3, 7])
})

test("the default data set needs no disk", async () => {
  const { lines, labels: { sex } = {} } = await loadText("names")
  expect([lines.length, sex[lines.indexOf("emma")]]).toEqual([32_513, "female"])
})
