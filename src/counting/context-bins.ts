/**
 * Contexts by how often they were counted, in bins, so that weights can depend on it: what was seen often is to be trusted. The bin of a
 * context that occurs `frequency` times among T counted symbols is
 *
 *     ceil(-ln((1 + frequency) / T))
 *
 * so bin 0 is of contexts that are everywhere, and the last bin of those never seen.
 * Source: Bengio et al. 2003, section 4.1, https://www.jmlr.org/papers/v3/bengio03a.html
 */
import { type GramTable, totalsOf } from "./gram-table.ts"

export class ContextBins {
  /** The number of bins. */
  readonly count: number
  readonly #longest: number
  readonly #frequencies: Float64Array // of the longest contexts
  readonly #symbols: number
  readonly #largest: number

  constructor(tables: readonly GramTable[]) {
    this.#longest = tables.length - 1
    this.#frequencies = totalsOf(tables[this.#longest])
    this.#symbols = this.#frequencies.reduce((sum, frequency) => sum + frequency, 0)
    this.#largest = this.#frequencies.reduce((most, frequency) => Math.max(most, frequency), 0)
    this.count = this.#binOf(0) + 1
  }

  /** The bin of the longest context, given those of length 0, 1, ... up to the longest one seen (`contextsBefore`). */
  of(contexts: readonly number[]): number {
    const context = contexts[this.#longest]
    return this.#binOf(context === undefined ? 0 : this.#frequencies[context])
  }

  /** The frequencies in a bin, up to that of the most frequent context; `least` is above `most` if there are none. */
  range(bin: number): { least: number; most: number } {
    const from = (bin: number) => Math.max(0, Math.ceil(this.#symbols * Math.exp(-bin)) - 1)
    return { least: from(bin), most: bin === 0 ? this.#largest : Math.min(this.#largest, from(bin - 1) - 1) }
  }

  #binOf(frequency: number): number {
    return Math.max(0, Math.ceil(-Math.log((1 + frequency) / this.#symbols)))
  }
}
