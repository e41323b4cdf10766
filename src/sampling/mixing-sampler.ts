/**
 * Sampling from what averages the probabilities of several models: a mixture or an ensemble. All of them read the same symbols, and the
 * logits are those of the average before a symbol is drawn, so temperature, top-k and top-p apply to the averaged distribution.
 */
import { type Ensemble, type Part, partsOf } from "../counting/ensemble.ts"
import type { Mixture } from "../counting/mixture.ts"
import { NGram } from "../counting/ngram.ts"
import { Model } from "../models/model.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { recomputingReader } from "./recomputing-sampler.ts"
import { byLength, requireSampleable } from "./sample.ts"
import type { Sampler } from "./sampler.ts"
import { type Reader, type Slots, slotSampler } from "./slots.ts"
import { steppingReader } from "./stepping-reader.ts"

/** A sampler of `batchSize` sequences at a time. Networks read one position for each symbol where they can, as with `openSampler`. */
export async function openMixtureSampler(
  model: Mixture | Ensemble,
  options: { batchSize?: number; runtime?: RuntimeOptions } = {},
): Promise<Sampler> {
  const parts = partsOf(model)
  const networks = parts.flatMap(({ model }) => (model instanceof Model ? [model] : []))
  for (const network of networks) requireSampleable("openMixtureSampler", network, options)
  const { batchSize = 1, runtime } = options
  const samplerOf = (networkReader: (network: Model) => Reader) => {
    const readers = parts.map(({ model }) =>
      model instanceof NGram ? countingReader(model) : networkReader(model),
    )
    const reader = averagingReader(readers, parts, model.vocabularySize)
    return slotSampler(model, { batchSize, reader })
  }
  const recomputing = (network: Model) => recomputingReader(network, { batchSize, runtime })
  const stepping = (network: Model) => steppingReader(network, { batchSize, runtime })
  if (!networks.some(({ steps }) => steps)) return samplerOf(recomputing)
  const within = samplerOf((network) => (network.steps ? stepping(network) : recomputing(network)))
  return byLength(model, within, samplerOf(recomputing))
}

/** Reads all symbols anew, which takes n-grams no longer than the last one. Labels do not matter to them. */
const countingReader = (counts: NGram): Reader => ({
  begin: async () => async (slots) => {
    const logits = new Float32Array(slots.length * counts.vocabularySize)
    for (const [b, slot] of slots.entries()) {
      if (!slot) continue
      const logs = counts.probabilities(slot.ids).map((p) => Math.log(p))
      logits.set(logs, b * counts.vocabularySize)
      slot.read = slot.ids.length + 1
    }
    return logits
  },
  release: async () => {},
})

/** Reads with every reader -> ln Σ w softmax(logits), (B, V). A slot has been read as far as the slowest of them is. */
const averagingReader = (readers: readonly Reader[], parts: readonly Part[], V: number): Reader => ({
  async begin(label) {
    const reading = await Promise.all(readers.map((reader) => reader.begin(label)))
    return async (slots: Slots) => {
      const begun = slots.map((slot) => slot?.read ?? 0)
      const ended = slots.map(() => Infinity)
      const mean = new Float64Array(slots.length * V)
      for (const [k, read] of reading.entries()) {
        for (const [b, slot] of slots.entries()) if (slot) slot.read = begun[b]
        const logits = await read(slots)
        for (const [b, slot] of slots.entries()) {
          if (!slot) continue
          ended[b] = Math.min(ended[b], slot.read)
          addSoftmax(mean, logits, { from: b * V, to: (b + 1) * V, weight: parts[k].weightAfter(slot.ids) })
        }
      }
      for (const [b, slot] of slots.entries()) if (slot) slot.read = ended[b]
      return new Float32Array(mean.map((p) => Math.log(p)))
    }
  },
  async release() {
    for (const reader of readers) await reader.release()
  },
})

/** Adds the probabilities of logits `from` up to `to`, times the weight. It runs for each symbol and network, so it allocates nothing. */
export function addSoftmax(
  mean: Float64Array,
  logits: Float32Array,
  { from, to, weight }: { from: number; to: number; weight: number },
): void {
  let largest = -Infinity
  for (let v = from; v < to; v++) if (logits[v] > largest) largest = logits[v]
  let sum = 0
  for (let v = from; v < to; v++) sum += Math.exp(logits[v] - largest)
  for (let v = from; v < to; v++) mean[v] += (weight * Math.exp(logits[v] - largest)) / sum
}
