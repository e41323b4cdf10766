/**
 * Which label a sequence has, by counting: an n-gram model of each label, and Bayes' rule.
 *
 *     p(label | sequence) = p(label) p(sequence | label) / Σ p(other) p(sequence | other)
 *
 * It is the bar for a network that classifies, and a judge of what one makes for a label that is asked for.
 */
import type { Sequence } from "./gram-table.ts"
import { NGram } from "./ngram.ts"

export class NGramClassifier {
  private readonly models: readonly NGram[] // by label
  private readonly logPriors: readonly number[]

  /** Counts sequences, each with the number of its label, from 0 to `labels` - 1. */
  constructor(
    sequences: readonly Sequence[],
    labelOf: ArrayLike<number>,
    { labels, order, vocabularySize }: { labels: number; order: number; vocabularySize: number },
  ) {
    if (labelOf.length !== sequences.length)
      throw new RangeError(`NGramClassifier: ${labelOf.length} labels of ${sequences.length} sequences`)
    const byLabel = Array.from({ length: labels }, (_, label) =>
      sequences.filter((_, k) => labelOf[k] === label),
    )
    this.models = byLabel.map((own) => new NGram({ order, vocabularySize }).fit(own))
    this.logPriors = byLabel.map(({ length }) => Math.log(length / sequences.length))
  }

  /** ln p(label | sequence), of each label. */
  logProbabilities(sequence: Sequence): Float64Array {
    const joint = Float64Array.from(
      this.models,
      (model, label) => this.logPriors[label] + model.logProbability(sequence),
    )
    const most = Math.max(...joint)
    const total = most + Math.log(joint.reduce((sum, x) => sum + Math.exp(x - most), 0))
    return joint.map((x) => x - total)
  }

  /** The likeliest label, of equal ones the first. */
  classify(sequence: Sequence): number {
    const found = this.logProbabilities(sequence)
    return found.indexOf(Math.max(...found))
  }
}
