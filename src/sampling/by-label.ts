/** Sampling from a model that goes by labels: all things of the one that is asked for, or of each as many as the data would have. */
import type { Labels } from "../data/labels.ts"
import type { Generator } from "../random/torch.ts"
import type { SampleOptions, Sampler } from "./sampler.ts"

export interface LabelledSampleOptions extends Omit<SampleOptions, "label"> {
  /** What the model goes by; undefined where it goes by nothing. */
  readonly labels?: Labels
  /** The number of the label that all things are to have; drawn as often as the data has each, where it is not given. */
  readonly label?: number
}

/** A thing as symbols, and what it was asked to be. */
export interface LabelledThing {
  readonly ids: number[]
  readonly label?: string
}

/** Things label after label, of each in the order in which they are finished. */
export async function* sampleByLabel(
  sampler: Sampler,
  { labels, label, count, ...options }: LabelledSampleOptions,
): AsyncGenerator<LabelledThing> {
  if (!labels) {
    for await (const ids of sampler.sample({ ...options, count })) yield { ids }
    return
  }
  const counts = label === undefined ? drawn(labels, count, options.generator) : [[label, count] as const]
  for (const [label, count] of counts)
    for await (const ids of sampler.sample({ ...options, count, label }))
      yield { ids, label: labels.values[label] }
}

/** Of `count` draws how many fell on each label, those without any left out. */
function drawn({ counts }: Labels, count: number, generator: Generator): (readonly [number, number])[] {
  const found = counts.map(() => 0)
  for (let k = 0; k < count; k++) found[generator.multinomial(counts, 1)[0]]++
  return found.flatMap((n, label) => (n > 0 ? [[label, n] as const] : []))
}
