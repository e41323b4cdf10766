/** The package's models, read from the disk and in a page: the base is small, knows names, and a model of another list starts from it. */
import { expect, test } from "vitest"
import { sequences, Vocabulary } from "../../src/data/index.ts"
import { GRUModel } from "../../src/models/index.ts"
import { Generator } from "../../src/random/index.ts"
import { openModel, warmStart } from "../../src/runs/index.ts"
import { evaluate } from "../../src/training/index.ts"

test("the base knows what names are like, before any training on them", async () => {
  const base = await openModel("base")
  expect(base.config.recipe).toMatchObject({ model: "gru", embedding: 48, hidden: 176 })
  const numbers = base.model.parameters().reduce((sum, { size }) => sum + size, 0)
  expect(2 * numbers).toBeLessThan(600_000)
  const lines = ["Margaret", "Wellington", "Charlotte", "Newbridge"]
  const vocabulary = Vocabulary.from(lines)
  const model = new GRUModel({ ...base.model.config, vocabularySize: vocabulary.size })
  warmStart(model.initialize(new Generator(1)), { vocabulary }, base)
  const loss = await evaluate(model, sequences(lines, vocabulary, model.contextLength))
  const scrambled = lines.map((line) => [...line].reverse().join(""))
  expect(loss).toBeLessThan(2)
  expect(loss).toBeLessThan(
    (await evaluate(model, sequences(scrambled, vocabulary, model.contextLength))) - 1,
  )
})

test("challenge opens by its name", async () => {
  const { model, vocabulary, config } = await openModel("challenge")
  expect(vocabulary.symbols.slice(1).join("")).toBe("abcdefghijklmnopqrstuvwxyz")
  expect(config.kept?.validation).toBeLessThan(1.9937) // the lecture's
  const loss = await evaluate(model, sequences(["emma", "olivia", "ava"], vocabulary, model.contextLength))
  expect(loss).toBeLessThan(2)
})
