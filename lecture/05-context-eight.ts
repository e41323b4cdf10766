/**
 * Chapter 5, 19:33: the simplest change first. The same flat network improves with eight symbols of context instead of three, which makes
 * it the baseline for the tree (19:55).
 *
 *   npx node lecture/05-context-eight.ts [data] [steps]
 */
import "../examples/errors.ts"
import { evaluate, Flat, Generator, loadText, split, train, Vocabulary, windows } from "../src/index.ts"

const [data = "names", steps = "5000"] = process.argv.slice(2)
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const parts = split(text)

// %% One number changes
// There are as many examples as before, one per symbol; each one is wider.
const rows = windows(parts.train.lines, vocabulary, 8)
const shown = (row: number) =>
  Array.from(rows.inputs.data.subarray(8 * row, 8 * row + 8), (id) => vocabulary.symbols[id]).join("")
for (let row = 0; row < 6; row++)
  console.log(`  ${shown(row)} -> ${vocabulary.symbols[rows.targets.data[row]]}`)

// %% Three versus eight
// After 200,000 steps, the notebook has 2.058 / 2.105 with three symbols, and 1.918 / 2.027 with eight (train / validation).
for (const contextLength of [3, 8]) {
  const [trainRows, validationRows] = [parts.train, parts.validation].map(({ lines }) =>
    windows(lines, vocabulary, contextLength),
  )
  const random = new Generator(42)
  const model = new Flat({ vocabularySize: vocabulary.size, contextLength }).initialize(random)
  for await (const _ of train(model, trainRows, { steps: Number(steps), rate: 0.1, generator: random }));
  const loss = await evaluate(model, validationRows)
  console.log(
    `context ${contextLength}: ${model.parameterCount} parameters, validation ${loss.toFixed(3)} after ${steps} steps`,
  )
}
