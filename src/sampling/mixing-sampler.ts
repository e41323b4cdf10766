/**
 * Sampling from a mixture: the network's logits become those of the mixture before a symbol is drawn, so temperature, top-k and top-p
 * apply to the mixed distribution.
 */
import type { Mixture } from "../counting/mixture.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { recomputingReader } from "./recomputing-sampler.ts"
import { byLength, requireSampleable } from "./sample.ts"
import type { Sampler } from "./sampler.ts"
import { type Reader, slotSampler } from "./slots.ts"
import { steppingReader } from "./stepping-reader.ts"

/** A sampler of `batchSize` sequences at a time, one position for each symbol where the network can, as `openSampler`'s. */
export async function openMixtureSampler(
  mixture: Mixture,
  options: { batchSize?: number; runtime?: RuntimeOptions } = {},
): Promise<Sampler> {
  const { network } = mixture
  const { batchSize, runtime } = requireSampleable("openMixtureSampler", network, options)
  const from = (reader: Reader) =>
    slotSampler(network, {
      batchSize,
      reader,
      predict: (logits, ids) => mixture.logProbabilities(logits, ids),
    })
  const recomputing = from(recomputingReader(network, { batchSize, runtime }))
  if (!network.steps) return recomputing
  return byLength(network, from(steppingReader(network, { batchSize, runtime })), recomputing)
}
