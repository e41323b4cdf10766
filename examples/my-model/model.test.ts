/** Two questions to any model: do the shapes fit, and does it learn a tiny list by heart? */
import assert from "node:assert/strict"
import { test } from "node:test"
import { evaluate, follow, Generator, openSampler, Tensor, train, Vocabulary, windows } from "makewave"
import { MyModel } from "./model.ts"

test("ids (B, T) become logits (B, V)", () => {
  const [B, T, V] = [4, 6, 27]
  const model = new MyModel({ vocabularySize: V, contextLength: T, hidden: 16 })
  const logits = model.forward(Tensor.input("ids", [B, T], "int32"))
  assert.deepEqual(logits.shape, [B, V])
})

test("four lines are learned by heart", async () => {
  const lines = ["anna", "bob", "clara", "dan"]
  const vocabulary = Vocabulary.from(lines)
  const generator = new Generator(42)
  const model = new MyModel({ vocabularySize: vocabulary.size }).initialize(generator)
  const rows = windows(lines, vocabulary, model.contextLength)
  const losses = await follow(train(model, rows, { steps: 500, rate: 0.2, generator }))
  assert.ok(losses[0] > 1.5, "at first it knows nothing")
  // Only the first letter of a line is left to chance: ln 4 in each of four lines.
  const best = (4 * Math.log(4)) / "anna.bob.clara.dan.".length
  assert.ok((await evaluate(model, rows)) < best + 0.05)
  const made = new Set<string>()
  for await (const ids of (await openSampler(model)).sample({ count: 40, generator }))
    made.add(vocabulary.decode(ids))
  assert.deepEqual([...made].sort(), lines)
})
