/**
 * Deleted interpolation: the frequencies of n-grams of every length, averaged with weights that depend on how often the longest context was
 * counted (context-bins.ts) and are fitted on held-out sequences. With q the bin of the context and V symbols:
 *
 *     p(w | context) = α_0(q) / V + α_1(q) p_1(w) + α_2(q) p_2(w | newest symbol) + α_3(q) p_3(w | two newest) + ...
 *
 * where a context that was never seen predicts what the longest seen one does.
 * Sources: Jelinek & Mercer 1980, "Interpolated estimation of Markov source parameters from sparse data"; the form is that of
 * Bengio et al. 2003, section 4.1, https://www.jmlr.org/papers/v3/bengio03a.html
 */
import { ContextBins } from "./context-bins.ts"
import { fittedWeightsByBin } from "./fitted-weights.ts"
import {
  BOUNDARY,
  contextsBefore,
  type GramTable,
  gramOf,
  type Sequence,
  type Smoothing,
  totalsOf,
} from "./gram-table.ts"

export class Interpolated implements Smoothing {
  readonly tables: readonly GramTable[]
  /** α as they are kept, (bins, order + 1). */
  readonly weights: Float32Array
  readonly #vocabularySize: number
  readonly #bins: ContextBins
  readonly #totals: Float64Array[] // by context length
  /** The same, those of each bin together 1. */
  readonly weightsByBin: number[][]

  /** The counts are of occurrences in all tables. Without `weights` all lengths count alike. */
  constructor(tables: readonly GramTable[], vocabularySize: number, weights?: Float32Array) {
    const components = tables.length + 1
    this.tables = tables
    this.#vocabularySize = vocabularySize
    this.#bins = new ContextBins(tables)
    this.#totals = tables.map(totalsOf)
    this.weights = weights ?? new Float32Array(this.#bins.count * components).fill(1 / components)
    if (this.weights.length !== this.#bins.count * components)
      throw new RangeError(
        `Interpolated: ${this.weights.length} weights: give ${components} for each of ${this.#bins.count} bins of contexts`,
      )
    this.weightsByBin = Array.from({ length: this.#bins.count }, (_, bin) => {
      const own = Array.from(this.weights.subarray(bin * components, (bin + 1) * components))
      const sum = own.reduce((total, weight) => total + weight, 0)
      return own.map((weight) => weight / sum)
    })
  }

  /** With the weights under which `heldOut` is the most probable. */
  static fitted(
    tables: readonly GramTable[],
    vocabularySize: number,
    heldOut: readonly Sequence[],
  ): Interpolated {
    const equal = new Interpolated(tables, vocabularySize)
    const M = heldOut.reduce((total, { length }) => total + length + 1, 0)
    const logs = Array.from({ length: tables.length + 1 }, () => new Float64Array(M))
    const bins = new Int32Array(M)
    let m = 0
    for (const sequence of heldOut)
      for (let at = 0; at <= sequence.length; at++, m++) {
        const contexts = contextsBefore(tables, sequence, at)
        const each = equal.#each(contexts, sequence[at] ?? BOUNDARY)
        for (let k = 0; k < logs.length; k++) logs[k][m] = Math.log(each[Math.min(k, each.length - 1)])
        bins[m] = equal.#bins.of(contexts)
      }
    const weights = fittedWeightsByBin(logs, bins, equal.#bins.count)
    return new Interpolated(tables, vocabularySize, Float32Array.from(weights.flat()))
  }

  probability(contexts: readonly number[], symbol: number): number {
    const weights = this.#weightsAfter(contexts)
    return this.#each(contexts, symbol).reduce((sum, p, k) => sum + weights[k] * p, 0)
  }

  probabilities(contexts: readonly number[]): Float64Array {
    const weights = this.#weightsAfter(contexts)
    const distribution = new Float64Array(this.#vocabularySize).fill(weights[0] / this.#vocabularySize)
    for (let length = 0; length + 1 < weights.length; length++) {
      const { starts, symbols, counts } = this.tables[length]
      const context = contexts[length]
      const share = weights[length + 1] / this.#totals[length][context]
      for (let i = starts[context]; i < starts[context + 1]; i++)
        distribution[symbols[i]] += share * counts[i]
    }
    return distribution
  }

  /** 1 / V and the frequency of `symbol` after each context that was seen. */
  #each(contexts: readonly number[], symbol: number): number[] {
    const each = [1 / this.#vocabularySize]
    for (let length = 0; length < this.#seen(contexts); length++) {
      const i = gramOf(this.tables[length], contexts[length], symbol)
      each.push(i < 0 ? 0 : this.tables[length].counts[i] / this.#totals[length][contexts[length]])
    }
    return each
  }

  /** The weights of `#each`. The last has those of the contexts never seen too. */
  #weightsAfter(contexts: readonly number[]): number[] {
    const weights = [...this.weightsByBin[this.#bins.of(contexts)]]
    const unseen = weights.splice(this.#seen(contexts) + 1)
    weights[weights.length - 1] += unseen.reduce((sum, weight) => sum + weight, 0)
    return weights
  }

  /** How many of the contexts were seen: without any data not even the empty one was. */
  #seen(contexts: readonly number[]): number {
    return this.#totals[0][0] > 0 ? contexts.length : 0
  }
}
