/**
 * Chooses what predicts held-out lines best: how many steps to train the network, how long the n-grams are, and how much each counts in
 * their mixture. The lines of all folds are taken together.
 */
import { fittedWeight, mixedLogProbability } from "../counting/mixture.ts"
import { NGram } from "../counting/ngram.ts"
import type { Fold } from "../data/folds.ts"
import type { Tokenizer } from "../data/tokenizers/tokenizer.ts"
import type { Curve } from "./learning-curve.ts"

export interface Choice {
  /** Undefined if the counts alone are best. */
  readonly steps?: number
  readonly mixOrder: number
  /** The weight of the network. */
  readonly mixWeight: number
  /** Mean losses of the held lines, in nats per symbol: of the mixture, the network and the counts. */
  readonly validation: number
  readonly network?: number
  readonly counts: number
}

/** The order of the longest n-grams that are tried. */
const LONGEST = 8

export interface Counted {
  readonly order: number
  /** ln p of each symbol and stop of the held lines of all folds, in nats. */
  readonly logProbabilities: Float64Array
}

/** Counts the lines of each fold, and predicts those that it holds out. */
export function countFolds(
  folds: readonly Fold[],
  vocabulary: Tokenizer,
  longest = LONGEST,
): readonly Counted[] {
  const encoded = folds.map(({ train, held }) =>
    [train, held].map(({ lines }) => lines.map((line) => vocabulary.encode(line))),
  )
  return Array.from({ length: longest }, (_, k) => {
    const order = k + 1
    const each = encoded.flatMap(([train, held]) => {
      const model = new NGram({ order, vocabularySize: vocabulary.size }).fit(train)
      return held.map((line) => model.logProbabilities(line))
    })
    return { order, logProbabilities: joined(each) }
  })
}

/** The best choice without a network. */
export function chooseCounts(counted: readonly Counted[]): Choice {
  const means = counted.map(({ order, logProbabilities }) => ({ order, loss: -mean(logProbabilities) }))
  const best = means.reduce((a, b) => (b.loss < a.loss ? b : a))
  return { mixOrder: best.order, mixWeight: 0, validation: best.loss, counts: best.loss }
}

/** The best choice: the curves are those of the same folds, in their order. `most` bounds the number of steps. */
export function choose(counted: readonly Counted[], curves: readonly Curve[], most = Infinity): Choice {
  const alone = chooseCounts(counted)
  let best = alone
  const [{ points: first = [] } = {}] = curves
  for (const { step } of first) {
    const found = curves.flatMap(({ points }) => points.filter((point) => point.step === step))
    if (found.length < curves.length || step > most) continue
    const network = joined(found.map(({ losses }) => losses)).map((loss) => -loss)
    for (const { order, logProbabilities: counts } of counted) {
      const mixWeight = fittedWeight(network, counts)
      const mixed = network.map((each, k) => mixedLogProbability(mixWeight, each, counts[k]))
      const validation = -mean(mixed)
      if (validation < best.validation)
        best = { ...alone, steps: step, mixOrder: order, mixWeight, validation, network: -mean(network) }
    }
  }
  return best
}

const mean = (numbers: Float64Array): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length

function joined(parts: readonly (Float32Array | Float64Array)[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
