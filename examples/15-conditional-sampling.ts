/**
 * Conditions a WaveNet on each name's sex, and samples names of either sex.
 *
 *   npx node examples/15-conditional-sampling.ts [steps]
 */
import { labelColumn, labelsOf, loadText, longest, sequences, split, Vocabulary } from "../src/data/index.ts"
import { evaluate, Generator, openSampler, optim, train, WaveNet2016 } from "../src/index.ts"

const steps = Number(process.argv[2] ?? 1500)
const text = await loadText("names")
const sex = labelsOf(text, "sex")
const vocabulary = Vocabulary.from(text.lines)
const [known, held] = [split(text).train, split(text).validation].map((lines) => ({
  ...sequences(lines.lines, vocabulary, longest(text.lines) + 1),
  labels: labelColumn(lines, sex),
}))

const model = new WaveNet2016({
  vocabularySize: vocabulary.size,
  contextLength: known.inputs.shape[1],
  stacks: 1,
  labels: sex.values.length,
}).initialize(new Generator(1))
const rate = optim.cosine(0.003, { steps, warmup: steps / 10 })
for await (const { step, loss } of train(model, known, { steps, every: 100, rate, optimizer: optim.adamw() }))
  console.log(`step ${step}  loss ${loss.toFixed(3)}`)

// With the labels swapped, the loss is higher.
const swapped = { ...held, labels: { ...held.labels, data: held.labels.data.map((label) => 1 - label) } }
console.log(
  `validation ${(await evaluate(model, held)).toFixed(3)}, with the other sex ${(await evaluate(model, swapped)).toFixed(3)}`,
)

const sampler = await openSampler(model)
for (const [label, name] of sex.values.entries()) {
  const made: string[] = []
  for await (const ids of sampler.sample({ count: 6, label, generator: new Generator(7) }))
    made.push(vocabulary.decode(ids))
  console.log(`${name}: ${made.join(", ")}`)
}
