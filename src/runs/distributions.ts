/**
 * What a trained model predicts for lines: the whole distribution of each symbol and stop, from which another network can learn
 * (teacher.ts).
 *
 * M symbols and stops of all lines, in their order; V symbols of the vocabulary
 */
import { type Ensemble, type Member, partsOf } from "../counting/ensemble.ts"
import type { Sequence } from "../counting/gram-table.ts"
import { NGram } from "../counting/ngram.ts"
import type { Lines } from "../data/text.ts"
import type { Model } from "../models/model.ts"
import { type EvaluateOptions, nextSymbolProbabilities } from "../training/evaluate.ts"
import type { Codec } from "./codec.ts"
import { textRows } from "./text-rows.ts"

/** The model's probabilities of each symbol and stop of the lines, (M, V). */
export async function distributionsOf(
  model: Member | Ensemble,
  lines: Lines,
  codec: Codec,
  { onProgress, ...options }: EvaluateOptions = {},
): Promise<Float32Array> {
  const encoded = lines.lines.map((line) => codec.vocabulary.encode(line))
  const M = encoded.reduce((sum, { length }) => sum + length + 1, 0)
  const V = codec.vocabulary.size
  const mean = new Float32Array(M * V)
  const parts = partsOf(model)
  for (const [k, part] of parts.entries()) {
    const report = (done: number) => onProgress?.((k + done) / parts.length)
    const each =
      part.model instanceof NGram
        ? counted(part.model, encoded, M)
        : await predicted(part.model, lines, codec, { ...options, onProgress: report })
    let at = 0
    for (const line of encoded)
      for (let length = 0; length <= line.length; length++) {
        const weight = part.weightAfter(line, length)
        for (const end = at + V; at < end; at++) mean[at] += weight * each[at]
      }
    report(1)
  }
  return mean
}

function counted(counts: NGram, lines: readonly Sequence[], M: number): Float32Array {
  const V = counts.vocabularySize
  const distributions = new Float32Array(M * V)
  const known = new Map<string, number>() // by the symbols that it depends on, where a distribution is
  let at = 0
  for (const line of lines)
    for (let length = 0; length <= line.length; length++, at += V) {
      const context = line.slice(Math.max(0, length - counts.order + 1), length)
      const key = context.join()
      const same = known.get(key)
      if (same !== undefined) distributions.copyWithin(at, same, same + V)
      else {
        distributions.set(counts.probabilities(context), at)
        known.set(key, at)
      }
    }
  return distributions
}

async function predicted(
  network: Model,
  lines: Lines,
  codec: Codec,
  options: EvaluateOptions,
): Promise<Float32Array> {
  const rows = textRows(network, lines, codec)
  const all = await nextSymbolProbabilities(network, rows, options)
  const V = network.vocabularySize
  let at = 0
  for (const [k, target] of rows.targets.data.entries())
    if (target >= 0) {
      all.copyWithin(at, k * V, (k + 1) * V)
      at += V
    }
  return all.subarray(0, at)
}
