/**
 * Chapter 1 of "Building makemore Part 5", 1:40: the starting point. A network with three letters of context and one hidden layer, from
 * part 3, on the same names as in every part.
 *
 *   npx node lecture/01-starter-code.ts [data] [steps]      data: names (the default), or makemore-names, the lecture's
 */
import "../examples/errors.ts"
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

// %% The words and the vocabulary (notebook cells 2 and 3)
// The vocabulary is the sorted characters of the data, after "." with id 0, which marks the start and the end of a name.
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
console.log(`${text.lines.length} names, such as ${text.lines.slice(0, 3).join(", ")}`)
console.log(`${vocabulary.size} symbols: ${vocabulary.symbols.join("")}`)

// %% Windows (cell 4)
// Each name yields one example per letter and one for its end: three symbols of context, and the symbol that follows.
const parts = split(text)
const rows = windows(parts.train.lines, vocabulary, 3)
console.log(`${rows.inputs.shape[0]} training examples, starting with:`)
for (let row = 0; row < 6; row++) {
  const context = Array.from(
    rows.inputs.data.subarray(3 * row, 3 * row + 3),
    (id) => vocabulary.symbols[id],
  ).join("")
  console.log(`  ${context} -> ${vocabulary.symbols[rows.targets.data[row]]}`)
}

// %% The network (cells 7 to 9)
// Each symbol is embedded in 10 dimensions, and the three embeddings are concatenated into 30 inputs of a layer with 200 hidden units.
// The lecture scales the last layer's weights by 0.1, so that the initial predictions are nearly uniform: the loss starts near ln 27.
const random = new Generator(42) // torch.manual_seed(42)
const model = new Flat({ vocabularySize: vocabulary.size, contextLength: 3 }).initialize(random)
console.log(`${model.parameterCount} parameters`)

// %% Training (cell 10)
// Each step trains on 32 random examples. The notebook takes 200,000 steps and ends at 2.058 / 2.105 (train / validation).
const validation = windows(parts.validation.lines, vocabulary, 3)
console.log(`uniform guess ${Math.log(vocabulary.size).toFixed(4)}`)
const training = train(model, rows, { steps: Number(steps), rate: 0.1, generator: random })
const [first] = (await training.advance(1)).losses
console.log(`first batch   ${first.toFixed(4)}`)
for await (const _ of training);
console.log(`after ${steps} steps: validation ${(await evaluate(model, validation)).toFixed(3)}`)

// %% Names (cell 13)
// Sample one symbol after another from the network's distribution, until it samples ".".
const sampler = await openSampler(model)
for await (const ids of sampler.sample({ count: 5, generator: random }))
  console.log(`  ${vocabulary.decode(ids)}`)
await sampler.release()
