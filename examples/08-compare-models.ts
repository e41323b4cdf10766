/**
 * Compares models on one split with n-gram baselines: validation loss in nats per symbol, lower is better.
 *
 *   npx node examples/08-compare-models.ts [steps]
 */
import "./errors.ts"
import { loadText, sequences, split, Vocabulary, windows } from "../src/data/index.ts"
import { evaluate, Generator, models, NGram, optim, train } from "../src/index.ts"

const steps = Number(process.argv[2] ?? 1000)
const text = await loadText("names")
const vocabulary = Vocabulary.from(text.lines)
const { train: trainSet, validation: validationSet } = split(text)

function show(name: string, loss: number, parameters = 0): void {
  console.log(`${name.padEnd(9)} ${loss.toFixed(3)}${parameters > 0 ? `  ${parameters} parameters` : ""}`)
}

show("uniform", Math.log(vocabulary.size))
const ids = (lines: readonly string[]) => lines.map((line) => vocabulary.encode(line))
for (const order of [2, 6]) {
  const counts = new NGram({ order, vocabularySize: vocabulary.size }).fit(ids(trainSet.lines))
  show(`${order}-gram`, counts.loss(ids(validationSet.lines)))
}

for (const name of ["bigram", "flat", "wavenet", "mlp", "gru"] as const) {
  const model = new models[name]({ vocabularySize: vocabulary.size }).initialize(new Generator(1))
  const rowsOf = model.reads === "windows" ? windows : sequences // a context and its next symbol, or a whole line
  const rows = rowsOf(trainSet.lines, vocabulary, model.contextLength)
  const rate = optim.cosine(0.003, { steps, warmup: steps / 10 })
  for await (const _ of train(model, rows, { steps, rate, optimizer: optim.adamw() }));
  const loss = await evaluate(model, rowsOf(validationSet.lines, vocabulary, model.contextLength))
  show(name, loss, model.parameterCount)
}
