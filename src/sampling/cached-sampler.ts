/**
 * Sampling from a model one position at a time: each slot of the loop makes one sequence after another. With a batch size of 1 the
 * result equals, symbol for symbol, that of the recomputing sampler.
 */
import { STOP } from "../data/tokenizers/tokenizer.ts"
import type { Model } from "../models/model.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { generationLoops } from "./generation.ts"
import { stepsPerCall } from "./generation-step.ts"
import { labelFeed, longestOf, type Sampler, settled } from "./sampler.ts"

/** For sequences of at most as many positions as the model was made for. */
export function cachedSampler(
  model: Model,
  { batchSize: B, runtime }: { batchSize: number; runtime?: RuntimeOptions },
): Sampler {
  const { contextLength: T, vocabularySize: V } = model
  const loops = generationLoops(model, { batchSize: B, restartAfterStop: true, runtime })
  return {
    release: loops.release,
    async *sample(options) {
      const { count, generator, prompt, label, never, maximumLength, choice } = settled(options, {
        vocabularySize: V,
        longest: longestOf(model),
      })
      const labels = labelFeed(model.conditionKinds(B, 1).label, B, label)
      const atFirst = generator.getState()
      let drawn = 0
      const generation = await loops.start({
        generator,
        choice,
        never,
        first: new Int32Array(B).fill(STOP),
        whole: {
          ...labels,
          prompt: Int32Array.from({ length: T }, (_, t) => prompt[t] ?? STOP),
          promptLength: [prompt.length],
          maximumLength: [maximumLength],
        },
      })
      let begun = 0
      const begin = (): number[] | undefined => (begun++ < count ? [] : undefined)
      // A slot starts the next sequence at once. Sequences count in the order in which they began: those that finish first are too short.
      const slots = Array.from({ length: B }, begin)
      try {
        while (slots.some((slot) => slot !== undefined))
          for (const [at, next] of (await generation.advance(stepsPerCall)).entries()) {
            const thing = slots[at % B]
            if (!thing) continue
            const free = thing.length >= prompt.length
            if (free) drawn++
            const stops = free && next === STOP
            if (!stops) thing.push(next)
            if (stops || thing.length >= maximumLength) {
              yield thing
              slots[at % B] = begin()
            }
          }
      } finally {
        // Unused noise goes back to the stream.
        if (B === 1) {
          generator.setState(atFirst)
          generator.exponential(drawn * V)
        }
      }
    },
  }
}
