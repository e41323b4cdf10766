/**
 * Conditions a WaveNet on each name's sex, and samples names of either sex.
 *
 *   npx node examples/15-conditional-sampling.ts [steps]
 */
import "./errors.ts"
import { labelColumn, labelsOf, loadText, longest, sequences, split, Vocabulary } from "../src/data/index.ts"
import { evaluate, Generator, openSampler, optim, train, WaveNet2016 } from "../src/index.ts"

const steps = Number(process.argv[2] ?? 1500)
const text = await loadText("names")
const sex = labelsOf(text, "sex")
const vocabulary = Vocabulary.from(text.lines)
const [rows, validation] = [split(text).train, split(text).validation].map((lines) => ({
  ...sequences(lines.lines, vocabulary, longest(text.lines) + 1),
  labels: labelColumn(lines, sex),
}))

const sizes = { vocabularySize: vocabulary.size, contextLength: rows.inputs.shape[1], stacks: 1 }
const model = new WaveNet2016({ ...sizes, labels: sex.values.length }).initialize(new Generator(1))
const rate = optim.cosine(0.003, { steps, warmup: steps / 10 })
for await (const { step, loss } of train(model, rows, { steps, every: 100, rate, optimizer: optim.adamw() }))
  console.log(`step ${step}  loss ${loss.toFixed(3)}`)

// With the labels swapped, the loss is higher.
const { labels } = validation
const swapped = { ...validation, labels: { ...labels, data: labels.data.map((label) => 1 - label) } }
const losses = [await evaluate(model, validation), await evaluate(model, swapped)].map((x) => x.toFixed(3))
console.log(`validation ${losses[0]}, with the other sex ${losses[1]}`)

const sampler = await openSampler(model)
for (const [label, name] of sex.values.entries()) {
  const names: string[] = []
  for await (const ids of sampler.sample({ count: 6, label, generator: new Generator(7) }))
    names.push(vocabulary.decode(ids))
  console.log(`${name}: ${names.join(", ")}`)
}
