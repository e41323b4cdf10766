/** Samples of the model as it is now, and whether each is in the list. */
import { neverDrawn } from "../../../../src/data/tokenizers/tokenizer.ts"
import { Generator } from "../../../../src/random/torch.ts"
import type { Corpus } from "../../../../src/runs/corpora/corpus.ts"
import type { TextCorpus } from "../../../../src/runs/corpora/text-corpus.ts"
import { noveltyTo } from "../../../../src/runs/corpora/text-novelty.ts"
import { learnerOf } from "../../../../src/runs/learners/index.ts"
import type { Live } from "../live.ts"

export interface Sample {
  readonly text: string
  readonly isNew: boolean
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
