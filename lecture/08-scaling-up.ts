/**
 * Chapter 8, 46:07: the final network. With 24-dimensional embeddings and 128 hidden units it has 76,579 parameters, and reaches
 * 1.769 / 1.994 (train / validation) after 200,000 steps.
 *
 *   npx node lecture/08-scaling-up.ts [data] [steps]
 *
 * To compare a full training with the notebook's output: npm run -s makewave -- lecture
 */
import "../examples/errors.ts"
import {
  evaluate,
  Generator,
  loadText,
  openSampler,
  optim,
  split,
  train,
  Vocabulary,
  WaveNet,
  windows,
} from "../src/index.ts"

const [data = "names", steps = "5000"] = process.argv.slice(2)

// %% The network
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const parts = split(text)
const [rows, validation] = [parts.train, parts.validation].map(({ lines }) => windows(lines, vocabulary, 8))
const random = new Generator(42)
const model = new WaveNet({ vocabularySize: vocabulary.size, embedding: 24, hidden: 128 }).initialize(random)
console.log(`${model.parameterCount} parameters`)

// %% Training, with the notebook's output format (cell 10)
// On makemore-names (names.txt), the first line is the notebook's: 3.3167.
const rate = optim.step(0.1, { milestones: [150_000] })
const begin = performance.now()
for await (const { step, losses } of train(model, rows, { steps: Number(steps), rate, generator: random }))
  for (const [k, loss] of losses.entries()) {
    const number = step - losses.length + k // the notebook's i, the number of steps before
    if (number % 1000 === 0) console.log(`${String(number).padStart(7)}/${steps}: ${loss.toFixed(4)}`)
  }
console.log(`${(((performance.now() - begin) / Number(steps)) * 1000).toFixed(0)} µs per step`)

// %% Both losses (cell 12)
// The gap grows during training, to 1.769 versus 1.994: the network has begun to overfit.
console.log(
  `train ${(await evaluate(model, rows)).toFixed(3)}, validation ${(await evaluate(model, validation)).toFixed(3)}`,
)

// %% Names (cell 13)
const sampler = await openSampler(model)
for await (const ids of sampler.sample({ count: 10, generator: random }))
  console.log(`  ${vocabulary.decode(ids)}`)
await sampler.release()

// %% Exercises that the lecture suggests (46:58 to the end)
// An experimental harness; the tree as dilated causal convolutions, which share work between positions (47:44); and a better loss. The
// second is done: npm run -s makewave -- lecture --dilated, explained in docs/tree-is-a-convolution.md. For the others,
// `makewave train --help` lists the hyperparameters. On names.txt, a 6-gram model with Kneser-Ney smoothing reaches 1.974 just by
// counting.
