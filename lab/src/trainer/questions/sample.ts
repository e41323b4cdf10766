/** Samples of the model as it is now, and whether each is in the list. */
import { Generator } from "../../../../src/random/torch.ts"
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

/** The list as a set, for each corpus that was asked about. */
const lists = new WeakMap<object, Set<string>>()

function listOf({ corpus }: Live): Set<string> {
  const found = lists.get(corpus)
  if (found) return found
  const { vocabulary } = corpus
  const parts = (["train", "validation", "test"] as const).map((part) => corpus.sequences(part))
  const list = new Set(parts.flat().map((ids) => vocabulary.decode(ids)))
  lists.set(corpus, list)
  return list
}

export async function sample(
  live: Live,
  { count, prompt = "", temperature = 1, seed, label = 0 }: SampleArgument,
): Promise<{ step: number; samples: Sample[] }> {
  const { model, corpus, runtime, run } = live
  const { vocabulary, condition } = corpus
  const sampler = await learnerOf(run.config.recipe).openSampler(model, { batchSize: count, runtime })
  try {
    const list = listOf(live)
    const samples: Sample[] = []
    const options = { count, temperature, generator: new Generator(seed) }
    const given = { prompt: Array.from(vocabulary.encode(prompt)), ...(condition && { label }) }
    for await (const ids of sampler.sample({ ...options, ...given })) {
      const text = vocabulary.decode(ids)
      samples.push({ text, isNew: text.trim() !== "" && !list.has(text) })
    }
    return { step: live.step, samples }
  } finally {
    await sampler.release()
  }
}
