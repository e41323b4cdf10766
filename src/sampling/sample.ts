/**
 * Sampling from a trained model: symbol after symbol, until it draws the stop.
 * Source: makemore part 5, cell 13; makemore.py's generate.
 */
import type { NGram } from "../counting/ngram.ts"
import { STOP } from "../data/tokenizers/tokenizer.ts"
import { requireOptions, UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { requireFinite } from "../nn/finite.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { cachedSampler } from "./cached-sampler.ts"
import { probabilities } from "./probabilities.ts"
import { recomputingSampler } from "./recomputing-sampler.ts"
import {
  labelFeed,
  largestBatch,
  longestOf,
  type Predictor,
  requireWhole,
  type Sampler,
  settled,
} from "./sampler.ts"

/**
 * A sampler of `batchSize` sequences at a time. Within the model's context it computes one position for each symbol, if the model can.
 * Beyond, and for other models, it reads everything again for each symbol.
 */
export async function openSampler(
  model: Model,
  options: { batchSize?: number; runtime?: RuntimeOptions } = {},
): Promise<Sampler> {
  const { batchSize, runtime } = requireSampleable("openSampler", model, options)
  const recomputing = recomputingSampler(model, { batchSize, runtime })
  return model.steps
    ? byLength(model, cachedSampler(model, { batchSize, runtime }), recomputing)
    : recomputing
}

/** The options with their defaults. A UserError if sequences that stop cannot be sampled from the model, or not so many at a time. */
export function requireSampleable(
  of: string,
  model: Model,
  options: { batchSize?: number; runtime?: RuntimeOptions },
) {
  requireFinite(model, of)
  requireOptions(of, options, ["batchSize", "runtime"])
  const { batchSize = 1, runtime } = options
  requireWhole("batchSize (--batch-size)", batchSize, 1, largestBatch(model))
  if (model.conditionKinds(batchSize, model.contextLength).series)
    throw new UserError(
      `${of}: the model is conditioned on a series, and a sequence that may stop at any time has none: use openStream`,
    )
  return { batchSize, runtime }
}

/** The sampler `within` makes sequences that fit in the model's context, `beyond` the longer ones. */
export const byLength = (model: Predictor, within: Sampler, beyond: Sampler): Sampler => ({
  sample: (options) =>
    (options?.maximumLength ?? longestOf(model)) <= model.contextLength
      ? within.sample(options)
      : beyond.sample(options),
  async release() {
    await within.release()
    await beyond.release()
  },
})

/** A sampler of an n-gram model. */
export const countingSampler = (model: NGram): Sampler => ({
  async *sample(options) {
    const { vocabularySize } = model
    const { count, generator, prompt, label, never, maximumLength, choice } = settled(options, {
      vocabularySize,
      longest: 1000,
    })
    labelFeed(undefined, 1, label)
    for (let k = 0; k < count; k++) {
      const thing = [...prompt]
      while (thing.length < maximumLength) {
        const logits = Float32Array.from(model.probabilities(thing), Math.log)
        for (const id of never) logits[id] = -Infinity
        const next = generator.multinomial(probabilities(logits, choice), 1)[0]
        if (next === STOP) break
        thing.push(next)
      }
      yield thing
    }
  },
  release: async () => {},
})
