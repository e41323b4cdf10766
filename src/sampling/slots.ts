/**
 * Sampling in B slots, which make one sequence after another: a reader gives the logits of each slot's next symbol, and the symbol is drawn
 * here. A slot whose sequence is finished begins the next one at once, so that no slot waits for the longest.
 */
import { STOP } from "../data/tokenizers/tokenizer.ts"
import { probabilities } from "./probabilities.ts"
import { labelFeed, longestOf, type Predictor, type Sampler, settled } from "./sampler.ts"

/** A sequence that grows. */
export interface Slot {
  /** The symbols so far, prompt included. */
  readonly ids: number[]
  /** How many positions of it the reader has read: the start is one, and each symbol. */
  read: number
}

export type Slots = readonly (Slot | undefined)[]

/** A model that reads slots. */
export interface Reader {
  /** Begins to read B slots under one label (`labelFeed`). */
  begin(label: Record<string, ArrayLike<number>>): Promise<ReadSlots>
  release(): Promise<void>
}

/** Reads at least one position of each slot -> logits (B, V), those of the next symbol where a slot was read to its end. */
export type ReadSlots = (slots: Slots) => Promise<Float32Array>

export function slotSampler(
  model: Predictor,
  { batchSize: B, reader }: { batchSize: number; reader: Reader },
): Sampler {
  const { vocabularySize: V } = model
  return {
    async *sample(options) {
      const { count, generator, prompt, label, never, maximumLength, choice } = settled(options, {
        vocabularySize: V,
        longest: longestOf(model),
      })
      const labels = labelFeed(model.conditionKinds(B, 1).label, B, label)
      let begun = 0
      const begin = (): Slot | undefined => (begun++ < count ? { ids: [...prompt], read: 0 } : undefined)
      const slots = Array.from({ length: B }, begin)
      let read: ReadSlots | undefined
      while (slots.some((slot) => slot !== undefined)) {
        read ??= await reader.begin(labels)
        const logits = await read(slots)
        for (const [b, slot] of slots.entries()) {
          if (!slot || slot.read <= slot.ids.length) continue
          const { ids } = slot
          const own = logits.slice(b * V, (b + 1) * V)
          for (const id of never) own[id] = -Infinity
          const next = generator.multinomial(probabilities(own, choice), 1)[0]
          if (next !== STOP) ids.push(next)
          if (next === STOP || ids.length >= maximumLength) {
            yield ids
            slots[b] = begin()
          }
        }
      }
    },
    release: reader.release,
  }
}
