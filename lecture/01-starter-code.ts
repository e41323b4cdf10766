/**
 * Chapter 1 of "Building makemore Part 5", 1:40: where the lecture begins. Three letters of context, one hidden layer: the network
 * of part 3, on the data of all parts.
 *
 *   npx node lecture/01-starter-code.ts [data] [steps]      data: names (the default), or makemore-names for the lecture's own
 */
import {
  evaluate,
  Flat,
  Generator,
  loadText,
  openSampler,
  split,
  train,
  Vocabulary,
  windows,
} from "../src/index.ts"

const [data = "names", steps = "3000"] = process.argv.slice(2)

// %% The words and their alphabet (notebook cells 2 and 3)
// A vocabulary is the characters of the data in order, and before them "." with the id 0, which starts and ends every name.
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
console.log(`${text.lines.length} names, such as ${text.lines.slice(0, 3).join(", ")}`)
console.log(`${vocabulary.size} symbols: ${vocabulary.symbols.join("")}`)

// %% Windows (cell 4)
// Each name gives as many examples as it has letters, and one for its end: three symbols and the one that follows.
const parts = split(text)
const rows = windows(parts.train.lines, vocabulary, 3)
console.log(`${rows.inputs.shape[0]} examples for training; the first of them:`)
for (let row = 0; row < 6; row++) {
  const context = Array.from(
    rows.inputs.data.subarray(3 * row, 3 * row + 3),
    (id) => vocabulary.symbols[id],
  ).join("")
  console.log(`  ${context} -> ${vocabulary.symbols[rows.targets.data[row]]}`)
}

// %% The network (cells 7 to 9)
// Ten numbers stand for a symbol, thirty for the context, and 200 hidden units read all of them at once. The lecture multiplies the
// last layer's weights by 0.1, so that no symbol is favoured at first: the loss begins near that of blind guessing, ln 27.
const random = new Generator(42) // torch.manual_seed(42)
const model = new Flat({ vocabularySize: vocabulary.size, contextLength: 3 }).initialize(random)
console.log(`${model.parameterCount} parameters`)

// %% Training (cell 10)
// 32 examples a step, drawn at random; the notebook takes 200,000 steps and ends at 2.058 / 2.105 (train / validation).
const validation = windows(parts.validation.lines, vocabulary, 3)
console.log(`guessing blindly ${Math.log(vocabulary.size).toFixed(4)}`)
const training = train(model, rows, { steps: Number(steps), rate: 0.1, generator: random })
const [first] = (await training.advance(1)).losses
console.log(`first batch      ${first.toFixed(4)}`)
for await (const _ of training);
console.log(`after ${steps} steps: validation ${(await evaluate(model, validation)).toFixed(3)}`)

// %% Names (cell 13)
// Symbol after symbol, each drawn with the probability that the network gives it, until "." comes.
const sampler = await openSampler(model)
for await (const ids of sampler.sample({ count: 5, generator: random }))
  console.log(`  ${vocabulary.decode(ids)}`)
await sampler.release()
