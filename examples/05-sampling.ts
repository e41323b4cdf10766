/**
 * Sampling options: temperature, top-k, top-p, a prompt, and checking which samples are new.
 *
 *   npx node examples/05-sampling.ts [steps]
 */
import "./errors.ts"
import { loadText, split, Vocabulary, windows } from "../src/data/index.ts"
import { Generator, train, WaveNet } from "../src/index.ts"
import { noveltyIn, openSampler, type SampleOptions } from "../src/sampling/index.ts"

const steps = Number(process.argv[2] ?? 3000)
const text = await loadText("names")
const vocabulary = Vocabulary.from(text.lines)
const { train: trainSet, validation, test } = split(text)
const model = new WaveNet({ vocabularySize: vocabulary.size }).initialize(new Generator(42))
for await (const _ of train(model, windows(trainSet.lines, vocabulary, 8), { steps }));

const sampler = await openSampler(model, { batchSize: 8 }) // 8 at a time
const found = noveltyIn({ train: trainSet.lines, validation: validation.lines, test: test.lines })

async function show(title: string, choice: Partial<SampleOptions>): Promise<void> {
  const names: string[] = []
  for await (const ids of sampler.sample({ count: 8, generator: new Generator(7), ...choice })) {
    const name = vocabulary.decode(ids)
    names.push(found(name) === "new" ? name : `${name} (${found(name)})`)
  }
  console.log(`${title}: ${names.join(", ")}`)
}

await show("temperature 1", {})
await show("temperature 0.5", { temperature: 0.5 })
await show("temperature 2", { temperature: 2 })
await show("top-k 3", { topK: 3 })
await show("top-p 0.5", { topP: 0.5 })
await show("prompt jo", { prompt: Array.from(vocabulary.encode("jo")) })
await sampler.release()
