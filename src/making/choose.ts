/**
 * Chooses what predicts held-out lines best: how many steps to train the network, how long the n-grams are, and how much each counts in
 * their mixture. The lines of all folds are taken together.
 */
import { fittedWeight } from "../counting/mixture.ts"
import { NGram } from "../counting/ngram.ts"
import type { Fold } from "../data/folds.ts"
import type { Vocabulary } from "../data/vocabulary.ts"
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
  /** -ln p of each symbol and stop of the held lines of all folds. */
  readonly losses: Float64Array
}

/** Counts the lines of each fold, and predicts those that it holds out. */
export const countFolds = (folds: readonly Fold[], vocabulary: Vocabulary, longest = LONGEST): Counted[] =>
  Array.from({ length: longest }, (_, k) => {
    const order = k + 1
    const losses = folds.flatMap(({ train, held }) => {
      const encoded = train.lines.map((line) => vocabulary.encode(line))
      const model = new NGram({ order, vocabularySize: vocabulary.size }).fit(encoded)
      return held.lines.flatMap((line) =>
        Array.from(model.logProbabilities(vocabulary.encode(line)), (x) => -x),
      )
    })
    return { order, losses: Float64Array.from(losses) }
  })

/** The best choice without a network. */
export function chooseCounts(counted: readonly Counted[]): Choice {
  const means = counted.map(({ order, losses }) => ({ order, mean: mean(losses) }))
  const best = means.reduce((a, b) => (b.mean < a.mean ? b : a))
  return { mixOrder: best.order, mixWeight: 0, validation: best.mean, counts: best.mean }
}

/** The best choice: the curves are those of the same folds, in their order. `most` bounds the number of steps. */
export function choose(counted: readonly Counted[], curves: readonly Curve[], most = Infinity): Choice {
  const alone = chooseCounts(counted)
  let best = alone
  const [{ points: first = [] } = {}] = curves
  for (const { step } of first) {
    const found = curves.flatMap(({ points }) => points.filter((point) => point.step === step))
    if (found.length < curves.length || step > most) continue
    const network = Float64Array.from(found.flatMap(({ losses }) => Array.from(losses)))
    for (const { order, losses } of counted) {
      const mixWeight = fittedWeight(
        network.map((x) => -x),
        losses.map((x) => -x),
      )
      const validation = mean(
        network.map(
          (loss, k) => -Math.log(mixWeight * Math.exp(-loss) + (1 - mixWeight) * Math.exp(-losses[k])),
        ),
      )
      if (validation < best.validation)
        best = { ...alone, steps: step, mixOrder: order, mixWeight, validation, network: mean(network) }
    }
  }
  return best
}

function mean(numbers: ArrayLike<number>): number {
  let sum = 0
  for (let k = 0; k < numbers.length; k++) sum += numbers[k]
  return sum / numbers.length
}
