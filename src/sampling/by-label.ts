/** Sampling from a model that is conditioned on labels: for one label, or for all in the proportions of the data. */
import type { Labels } from "../data/labels.ts"
import { defaultGenerator } from "../random/default-generator.ts"
import type { Generator } from "../random/torch.ts"
import { labelFeed, requireWhole, type SampleOptions, type Sampler } from "./sampler.ts"

export interface LabelledSampleOptions extends Omit<SampleOptions, "label"> {
  /** The labels of the data; undefined for a model without. */
  readonly labels?: Labels
  /** The number of the label of all sequences; by default each is drawn as often as the data has it. */
  readonly label?: number
}

/** A sequence of symbols, and the label it was conditioned on. */
export interface LabelledThing {
  readonly ids: number[]
  readonly label?: string
}

/** Sequences label by label, those of a label in the order in which they finish. */
export async function* sampleByLabel(
  sampler: Sampler,
  { labels, label, count, generator = defaultGenerator, ...others }: LabelledSampleOptions,
): AsyncGenerator<LabelledThing> {
  requireWhole("count", count, 0)
  if (label !== undefined)
    labelFeed(labels && { shape: [1], dtype: "int32", count: labels.values.length }, 1, label)
  const options = { ...others, generator }
  const counts = labels && label === undefined ? drawn(labels, count, generator) : [[label, count] as const]
  for (const [label, count] of counts)
    for await (const ids of sampler.sample({ ...options, count, label }))
      yield { ids, ...(labels && label !== undefined && { label: labels.values[label] }) }
}

/** How many of `count` draws fell on each label, without those that none fell on. */
function drawn({ counts }: Labels, count: number, generator: Generator): (readonly [number, number])[] {
  const found = counts.map(() => 0)
  for (let k = 0; k < count; k++) found[generator.multinomial(counts, 1)[0]]++
  return found.flatMap((n, label) => (n > 0 ? [[label, n] as const] : []))
}
