/**
 * Stops training at a step and resumes it bit for bit. The model's state_dict and the training's state are all it takes.
 *
 *   npx node examples/10-resume-training.ts
 */
import "./errors.ts"
import { loadText, split, Vocabulary, windows } from "../src/data/index.ts"
import { Generator, optim, type TrainingState, train, WaveNet } from "../src/index.ts"

const text = await loadText("names")
const vocabulary = Vocabulary.from(text.lines)
const rows = windows(split(text).train.lines, vocabulary, 8)
const begin = () => new WaveNet({ vocabularySize: vocabulary.size }).initialize(new Generator(1))

/** Trains from the start, or from a saved state, up to a step. Returns the last loss and the state to resume from. */
async function trainTo(steps: number, model: WaveNet, from?: TrainingState) {
  const optimizer = optim.sgd({ momentum: 0.5 })
  const training = train(model, rows, { steps, from, rate: 0.05, optimizer, generator: new Generator(42) })
  let last = Number.NaN
  for await (const { loss } of training) last = loss
  await training.release()
  return { last, state: training.state() }
}

const uninterrupted = await trainTo(400, begin())
console.log("uninterrupted:", uninterrupted.last)

const model = begin()
const { state } = await trainTo(150, model)
const saved = structuredClone({ numbers: model.stateDict(), state }) // what a checkpoint file would hold
const resumed = await trainTo(400, begin().loadStateDict(saved.numbers), saved.state)
console.log("resumed:      ", resumed.last)
console.log("bit for bit equal:", resumed.last === uninterrupted.last)
