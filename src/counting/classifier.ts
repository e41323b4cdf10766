/**
 * An n-gram classifier: one n-gram model per label, combined by Bayes' rule.
 *
 *     p(label | sequence) = p(label) p(sequence | label) / Σ p(other) p(sequence | other)
 *
 * It is the baseline for networks that classify, and it judges whether generated samples fit their condition.
 */
import type { Sequence } from "./gram-table.ts"
import { NGram } from "./ngram.ts"

export class NGramClassifier {
  private readonly models: readonly NGram[] // by label
  private readonly logPriors: readonly number[]

  /** Fits one model per label. `labelOf` gives each sequence's label, 0 to `labels` - 1. */
  constructor(
    sequences: readonly Sequence[],
    labelOf: ArrayLike<number>,
    { labels, order, vocabularySize }: { labels: number; order: number; vocabularySize: number },
  ) {
    if (labelOf.length !== sequences.length)
      throw new RangeError(
        `NGramClassifier: ${labelOf.length} labels for ${sequences.length} sequences: give one each`,
      )
    const byLabel = Array.from({ length: labels }, (_, label) =>
      sequences.filter((_, k) => labelOf[k] === label),
    )
    this.models = byLabel.map((own) => new NGram({ order, vocabularySize }).fit(own))
    this.logPriors = byLabel.map(({ length }) => Math.log(length / sequences.length))
  }

  /** ln p(label | sequence) for each label -> (labels) */
  logProbabilities(sequence: Sequence): Float64Array {
    const joint = Float64Array.from(
      this.models,
      (model, label) => this.logPriors[label] + model.logProbability(sequence),
    )
    const largest = Math.max(...joint)
    const logSum = largest + Math.log(joint.reduce((sum, x) => sum + Math.exp(x - largest), 0))
    return joint.map((x) => x - logSum)
  }

  /** The most probable label; the first one on a tie. */
  classify(sequence: Sequence): number {
    const logProbabilities = this.logProbabilities(sequence)
    return logProbabilities.indexOf(Math.max(...logProbabilities))
  }
}
