/** Samples of the model as it is now, and whether each is in the list; of a running text a passage. */
import type { Member } from "../../../../src/counting/ensemble.ts"
import { neverDrawn } from "../../../../src/data/tokenizers/tokenizer.ts"
import { Generator } from "../../../../src/random/torch.ts"
import type { Corpus } from "../../../../src/runs/corpora/corpus.ts"
import { linesOf } from "../../../../src/runs/corpora/running-samples.ts"
import type { TextCorpus } from "../../../../src/runs/corpora/text-corpus.ts"
import { noveltyTo } from "../../../../src/runs/corpora/text-novelty.ts"
import { learnerOf } from "../../../../src/runs/learners/index.ts"
import { openTextReader } from "../../../../src/sampling/text-reader.ts"
import type { Live } from "../live.ts"

export interface Sample {
  readonly text: string
  /** Undefined for a passage. */
  readonly isNew?: boolean
}

export interface SampleArgument {
  readonly count: number
  readonly prompt?: string
  readonly temperature?: number
  readonly seed: number
  /** The number of the label to sample for. */
  readonly label?: number
}

/** For each list that was asked about. */
const novelties = new WeakMap<Corpus, ReturnType<typeof noveltyTo>>()

function noveltyOf({ corpus }: Live) {
  const known = novelties.get(corpus)
  if (known) return known
  const found = noveltyTo((corpus as TextCorpus).parts, corpus.vocabulary)
  novelties.set(corpus, found)
  return found
}

export async function sample(
  live: Live,
  { count, prompt = "", temperature = 1, seed, label = 0 }: SampleArgument,
): Promise<{ step: number; samples: Sample[] }> {
  const { model, corpus, runtime, run } = live
  const { vocabulary, condition } = corpus
  if (corpus.isEndless)
    return { step: live.step, samples: [await passage(live, { prompt, temperature, seed })] }
  const sampler = await learnerOf(run.config.recipe).openSampler(model, { batchSize: count, runtime })
  try {
    const novelty = noveltyOf(live)
    const samples: Sample[] = []
    const never = neverDrawn(vocabulary)
    const options = { count, temperature, never, generator: new Generator(seed) }
    const given = { prompt: Array.from(vocabulary.encode(prompt)), ...(condition && { label }) }
    for await (const ids of sampler.sample({ ...options, ...given })) {
      const text = vocabulary.decode(ids)
      samples.push({ text, isNew: novelty(text) === "new" })
    }
    return { step: live.step, samples }
  } finally {
    await sampler.release()
  }
}

/** The symbols of a passage, by what they are. */
const lengths: Readonly<Record<string, number>> = { characters: 300, bytes: 300, words: 60 }

async function passage(
  { model, corpus: { vocabulary }, runtime }: Live,
  { prompt, temperature, seed }: { prompt: string; temperature: number; seed: number },
): Promise<Sample> {
  const reader = openTextReader(model as Member, { runtime })
  try {
    const lines = linesOf({ model, vocabulary }, reader, {
      prompt: Array.from(vocabulary.encode(prompt)),
      length: String(lengths[vocabulary.tokens]),
      temperature,
      generator: new Generator(seed),
    })
    let made = await lines.next()
    while (!made.done) made = await lines.next()
    return { text: made.value }
  } finally {
    await reader.release()
  }
}
