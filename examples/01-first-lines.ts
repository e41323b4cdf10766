/**
 * Quick start: trains the lecture's WaveNet on names for 2,000 steps and samples new ones. 01-first-lines.py is its PyTorch twin; on the
 * same file, both print the same.
 *
 *   npx node examples/01-first-lines.ts [data] [steps]      data: names, makemore-names or the path of a text file
 */
import "./errors.ts"
import { Generator, loadText, openSampler, split, train, Vocabulary, WaveNet, windows } from "../src/index.ts"

const [data = "names", steps = "2000"] = process.argv.slice(2)

const text = await loadText(data) // one name per line
const vocabulary = Vocabulary.from(text.lines) // a to z, and the end token
const rows = windows(split(text).train.lines, vocabulary, 8) // 8 symbols -> the next one

const random = new Generator(42) // torch.manual_seed(42)
const model = new WaveNet({ vocabularySize: vocabulary.size }).initialize(random)

const training = train(model, rows, { steps: Number(steps), every: 500, rate: 0.1, generator: random })
for await (const { step, loss } of training) console.log(step, loss.toFixed(4))

const sampler = await openSampler(model)
for await (const ids of sampler.sample({ count: 5, generator: random })) console.log(vocabulary.decode(ids))
