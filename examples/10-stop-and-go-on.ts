/**
 * A training can stop at any step and go on as if it never had: the model's numbers and the training's state are all there is.
 *
 *   npx node examples/10-stop-and-go-on.ts
 */
import { loadText, split, Vocabulary, windows } from "../src/data/index.ts"
import { Generator, optim, type TrainingState, train, WaveNet } from "../src/index.ts"

const text = await loadText("names")
const vocabulary = Vocabulary.from(text.lines)
const rows = windows(split(text).train.lines, vocabulary, 8)
const begin = () => new WaveNet({ vocabularySize: vocabulary.size }).initialize(new Generator(1))

/** Trains from where it stands up to a step: the loss of the last, and all that is needed to go on. */
async function trainTo(steps: number, model: WaveNet, from?: TrainingState) {
  const optimizer = optim.sgd({ momentum: 0.5 })
  const training = train(model, rows, { steps, from, rate: 0.05, optimizer, generator: new Generator(42) })
  let last = Number.NaN
  for await (const { loss } of training) last = loss
  await training.release()
  return { last, state: training.state() }
}

const unbroken = await trainTo(400, begin())
console.log("in one go:", unbroken.last)

const model = begin()
const { state } = await trainTo(150, model)
const kept = structuredClone({ numbers: model.stateDict(), state }) // as a file would keep them
const resumed = await trainTo(400, begin().loadStateDict(kept.numbers), kept.state)
console.log("in two:   ", resumed.last)
console.log("the same to the last bit:", resumed.last === unbroken.last)
