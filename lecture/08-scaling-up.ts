/**
 * Chapter 8, 46:07: the last network. More numbers for a symbol, 24, and more hidden units, 128: 76,579 parameters, and 1.769 / 1.994
 * after 200,000 steps.
 *
 *   npx node lecture/08-scaling-up.ts [data] [steps]
 *
 * All of it, beside the notebook's printed lines: npm run -s makewave -- lecture
 */
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
const [known, held] = [parts.train, parts.validation].map(({ lines }) => windows(lines, vocabulary, 8))
const random = new Generator(42)
const model = new WaveNet({ vocabularySize: vocabulary.size, embedding: 24, hidden: 128 }).initialize(random)
console.log(`${model.parameterCount} parameters`)

// %% Training, in the notebook's words (cell 10)
// On makemore-names, names.txt, the first line is the notebook's own: 3.3167.
const rate = optim.step(0.1, { milestones: [150_000] })
const begin = performance.now()
for await (const { step, losses } of train(model, known, { steps: Number(steps), rate, generator: random }))
  for (const [k, loss] of losses.entries()) {
    const number = step - losses.length + k // the notebook's i: steps taken before
    if (number % 1000 === 0) console.log(`${String(number).padStart(7)}/${steps}: ${loss.toFixed(4)}`)
  }
console.log(`${(((performance.now() - begin) / Number(steps)) * 1000).toFixed(0)} µs a step`)

// %% Both losses (cell 12)
// The two drift apart as training goes on: 1.769 against 1.994 in the end. This network has begun to learn its names by heart.
console.log(
  `train ${(await evaluate(model, known)).toFixed(3)}, validation ${(await evaluate(model, held)).toFixed(3)}`,
)

// %% Names (cell 13)
const sampler = await openSampler(model)
for await (const ids of sampler.sample({ count: 10, generator: random }))
  console.log(`  ${vocabulary.decode(ids)}`)
await sampler.release()

// %% What the lecture leaves to its viewers (46:58 to the end)
// A harness for many experiments, the tree as dilated causal convolutions so that all positions share their work (47:44), and a
// better loss. `makewave train --help` has the first settings to turn. On names.txt counting alone, by 6-grams with Kneser-Ney
// smoothing, reaches 1.974.
