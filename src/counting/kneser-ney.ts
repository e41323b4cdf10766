/**
 * Interpolated modified Kneser-Ney smoothing of one table of counts: each count is discounted, and the discounted
 * mass of a context backs off to the context one symbol shorter:
 *
 *     p(w | context) = (count(w) - D) / total + backoff · p(w | shorter context)
 *
 * Source: Chen & Goodman 1999, section 3, https://doi.org/10.1006/csla.1999.0128
 */

import type { GramTable } from "./gram-table.ts"

export class KneserNey {
  readonly table: GramTable
  readonly #discounts: readonly number[]
  readonly #totals: Float64Array // (contexts)
  readonly #backoffs: Float64Array // (contexts)

  constructor(table: GramTable) {
    const { starts, counts } = table
    const contexts = starts.length - 1
    this.table = table
    this.#discounts = estimateDiscounts(counts)
    this.#totals = new Float64Array(contexts)
    this.#backoffs = new Float64Array(contexts)
    for (let context = 0; context < contexts; context++) {
      let total = 0
      let discounted = 0
      for (let i = starts[context]; i < starts[context + 1]; i++) {
        total += counts[i]
        discounted += this.#discount(counts[i])
      }
      this.#totals[context] = total
      this.#backoffs[context] = total > 0 ? discounted / total : 1
    }
  }

  /** p(symbol | context), given `shorter`, p(symbol | the context one symbol shorter). */
  interpolate(context: number, symbol: number, shorter: number): number {
    const { starts, symbols } = this.table
    const i = find(symbols, symbol, starts[context], starts[context + 1])
    return (i < 0 ? 0 : this.#share(context, i)) + this.#backoffs[context] * shorter
  }

  /** Turns the distribution (V) after the shorter context into the one after `context`, in place. */
  interpolateAll(context: number, distribution: Float64Array): void {
    const { starts, symbols } = this.table
    const backoff = this.#backoffs[context]
    for (let symbol = 0; symbol < distribution.length; symbol++) distribution[symbol] *= backoff
    for (let i = starts[context]; i < starts[context + 1]; i++)
      distribution[symbols[i]] += this.#share(context, i)
  }

  /** The index in the next table of this context preceded by `symbol`, or -1 if it was never seen. */
  extend(context: number, symbol: number): number {
    const { children, oldest } = this.table
    return find(oldest, symbol, children[context], children[context + 1])
  }

  #share(context: number, i: number): number {
    const count = this.table.counts[i]
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

/** Binary search: the index of `value` between `start` and `end`, or -1. */
function find(ascending: Int32Array, value: number, start: number, end: number): number {
  let low = start
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle] < value) low = middle + 1
    else high = middle
  }
  return low < end && ascending[low] === value ? low : -1
}
