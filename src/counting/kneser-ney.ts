/**
 * Interpolated modified Kneser-Ney smoothing: each count is discounted, and the discounted mass of a context backs off to the context one
 * symbol shorter:
 *
 *     p(w | context) = (count(w) - D) / total + backoff · p(w | shorter context)
 *
 * Source: Chen & Goodman 1999, section 3, https://doi.org/10.1006/csla.1999.0128
 */

import { type GramTable, gramOf, type Smoothing, totalsOf } from "./gram-table.ts"

export class KneserNey implements Smoothing {
  readonly tables: readonly GramTable[]
  readonly #levels: Discounted[]
  readonly #vocabularySize: number

  /** The counts are of continuations in all tables but the last. */
  constructor(tables: readonly GramTable[], vocabularySize: number) {
    this.tables = tables
    this.#levels = tables.map((table) => new Discounted(table))
    this.#vocabularySize = vocabularySize
  }

  probability(contexts: readonly number[], symbol: number): number {
    let p = 1 / this.#vocabularySize
    for (let length = 0; length < contexts.length; length++)
      p = this.#levels[length].interpolate(contexts[length], symbol, p)
    return p
  }

  probabilities(contexts: readonly number[]): Float64Array {
    const distribution = new Float64Array(this.#vocabularySize).fill(1 / this.#vocabularySize)
    for (let length = 0; length < contexts.length; length++)
      this.#levels[length].interpolateAll(contexts[length], distribution)
    return distribution
  }
}

/** One of the tables. */
class Discounted {
  readonly #table: GramTable
  readonly #discounts: readonly number[]
  readonly #totals: Float64Array // (contexts)
  readonly #backoffs: Float64Array // (contexts)

  constructor(table: GramTable) {
    const { starts, counts } = table
    this.#table = table
    this.#discounts = estimateDiscounts(counts)
    this.#totals = totalsOf(table)
    this.#backoffs = this.#totals.map((total, context) => {
      let discounted = 0
      for (let i = starts[context]; i < starts[context + 1]; i++) discounted += this.#discount(counts[i])
      return total > 0 ? discounted / total : 1
    })
  }

  /** p(symbol | context), given `shorter`, p(symbol | the context one symbol shorter). */
  interpolate(context: number, symbol: number, shorter: number): number {
    const i = gramOf(this.#table, context, symbol)
    return (i < 0 ? 0 : this.#share(context, i)) + this.#backoffs[context] * shorter
  }

  /** Turns the distribution (V) after the shorter context into the one after `context`, in place. */
  interpolateAll(context: number, distribution: Float64Array): void {
    const { starts, symbols } = this.#table
    const backoff = this.#backoffs[context]
    for (let symbol = 0; symbol < distribution.length; symbol++) distribution[symbol] *= backoff
    for (let i = starts[context]; i < starts[context + 1]; i++)
      distribution[symbols[i]] += this.#share(context, i)
  }

  #share(context: number, i: number): number {
    const count = this.#table.counts[i]
    return (count - this.#discount(count)) / this.#totals[context]
  }

  #discount(count: number): number {
    return this.#discounts[Math.min(count, 3)]
  }
}

/**
 * The discounts D for counts of 1, 2, and 3 or more, estimated from n_k, the number of counts equal to k. If the data
 * is too small to give every D in (0, k), they are 1/2, 1 and 3/2, KenLM's fallback (https://kheafield.com/code/kenlm).
 */
function estimateDiscounts(counts: Int32Array): number[] {
  const n = [0, 0, 0, 0, 0]
  for (const count of counts) if (count <= 4) n[count]++
  const y = n[1] / (n[1] + 2 * n[2])
  const estimated = [1, 2, 3].map((k) => k - (k + 1) * y * (n[k + 1] / n[k]))
  const usable = estimated.every((discount, i) => discount > 0 && discount < i + 1)
  return [0, ...(usable ? estimated : [0.5, 1, 1.5])]
}
