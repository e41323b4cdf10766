/**
 * The n-gram model: how probable the next symbol is, from how often it followed the same few symbols, smoothed by
 * Kneser and Ney's method. It learns in a moment and is the bar that a network has to pass: on the lecture's split of
 * names.txt order 6 has a validation loss of 1.974, the lecture's WaveNet 1.994.
 */

import type { Generator } from "../random/index.ts"
import { whole } from "../setting.ts"
import { BOUNDARY, countGrams, type GramTable, type Sequence } from "./gram-table.ts"
import { KneserNey } from "./kneser-ney.ts"

/** What `toJSON` returns: plain data for JSON. */
export type NGramState = {
  order: number
  vocabularySize: number
  tables: Record<keyof GramTable, number[]>[]
}

export class NGram {
  static readonly description = "counts how often a symbol follows others; it has no layers"
  static readonly settings = {
    order: whole(6, "length of the longest gram, its last symbol the predicted one", {
      unit: "symbols",
      least: 1,
      most: 64,
    }),
  }

  readonly order: number
  readonly vocabularySize: number
  #levels: KneserNey[] // by length of context

  /** A gram is `order` symbols, the last of which is predicted. Before `fit` all symbols are equally probable. */
  constructor({ order, vocabularySize }: { order: number; vocabularySize: number }) {
    requireWhole("order", order, 1)
    requireWhole("vocabularySize", vocabularySize, 1)
    this.order = order
    this.vocabularySize = vocabularySize
    this.#levels = smooth(countGrams([], order, vocabularySize))
  }

  /** Counts sequences of symbols 1 to V - 1, without start and stop, in place of those fitted before. */
  fit(sequences: readonly Sequence[]): this {
    for (const sequence of sequences) this.#requireSymbols("fit", sequence)
    this.#levels = smooth(countGrams(sequences, this.order, this.vocabularySize))
    return this
  }

  /** The distribution (V) of the symbol after `context`, which is a sequence's beginning; zeros may stand before it. */
  probabilities(context: Sequence): Float64Array {
    this.#requireSymbols("probabilities", context, BOUNDARY)
    const distribution = new Float64Array(this.vocabularySize).fill(1 / this.vocabularySize)
    const contexts = this.#contextsBefore(context, context.length)
    for (let length = 0; length < contexts.length; length++)
      this.#levels[length].interpolateAll(contexts[length], distribution)
    return distribution
  }

  /** ln p of the sequence's symbols and the stop after them, in nats. */
  logProbability(sequence: Sequence): number {
    this.#requireSymbols("logProbability", sequence)
    let sum = 0
    for (let at = 0; at <= sequence.length; at++) {
      const symbol = at < sequence.length ? sequence[at] : BOUNDARY
      const contexts = this.#contextsBefore(sequence, at)
      let p = 1 / this.vocabularySize
      for (let length = 0; length < contexts.length; length++)
        p = this.#levels[length].interpolate(contexts[length], symbol, p)
      sum += Math.log(p)
    }
    return sum
  }

  /** Mean of -ln p over all symbols and stops, in nats: the figure that a network's cross-entropy is. */
  loss(sequences: readonly Sequence[]): number {
    if (sequences.length === 0) throw new RangeError("loss: no sequences were given: give at least one")
    let sum = 0
    let symbols = 0
    for (const sequence of sequences) {
      sum -= this.logProbability(sequence)
      symbols += sequence.length + 1
    }
    return sum / symbols
  }

  /**
   * One sequence, the prompt included, without the stop. A temperature below 1 favours the probable; `topK` leaves
   * only that many of the most probable symbols, and as without the stop there may be no end, there is a
   * `maximumLength`.
   */
  sample(
    generator: Generator,
    {
      temperature = 1,
      topK = this.vocabularySize,
      prompt = [],
      maximumLength = 100,
    }: { temperature?: number; topK?: number; prompt?: Sequence; maximumLength?: number } = {},
  ): number[] {
    if (!(temperature > 0)) throw new RangeError(`sample: temperature ${temperature}: give a number above 0`)
    requireWhole("topK", topK, 1)
    requireWhole("maximumLength", maximumLength, 0)
    this.#requireSymbols("sample", prompt)
    const sequence = Array.from(prompt)
    while (sequence.length < maximumLength) {
      const weights = sharpen(this.probabilities(sequence), temperature, topK)
      const [symbol] = generator.multinomial(weights, 1)
      if (symbol === BOUNDARY) break
      sequence.push(symbol)
    }
    return sequence
  }

  /** How many counts it keeps: of each table as many as there are different grams. */
  get parameterCount(): number {
    return this.#levels.reduce((total, { table }) => total + table.counts.length, 0)
  }

  /** The tables by name, `tables.2.counts`, as a network's numbers are kept. */
  stateDict(): Record<string, { shape: [number]; data: Int32Array }> {
    return Object.fromEntries(
      this.#levels.flatMap(({ table }, length) =>
        Object.entries(table).map(([name, data]) => [
          `tables.${length}.${name}`,
          { shape: [data.length] as [number], data },
        ]),
      ),
    )
  }

  /** Takes the tables of another of the same order. */
  loadStateDict(state: Readonly<Record<string, { readonly data: ArrayLike<number> }>>): this {
    this.#levels = smooth(
      this.#levels.map((_, length) => {
        const numbers = (name: keyof GramTable) => Int32Array.from(state[`tables.${length}.${name}`].data)
        return {
          starts: numbers("starts"),
          symbols: numbers("symbols"),
          counts: numbers("counts"),
          children: numbers("children"),
          oldest: numbers("oldest"),
        }
      }),
    )
    return this
  }

  toJSON(): NGramState {
    const { order, vocabularySize } = this
    const tables = this.#levels.map(({ table }) => ({
      starts: Array.from(table.starts),
      symbols: Array.from(table.symbols),
      counts: Array.from(table.counts),
      children: Array.from(table.children),
      oldest: Array.from(table.oldest),
    }))
    return { order, vocabularySize, tables }
  }

  static fromJSON({ order, vocabularySize, tables }: NGramState): NGram {
    const model = new NGram({ order, vocabularySize })
    if (tables.length !== order)
      throw new RangeError(
        `fromJSON: ${tables.length} tables for order ${order}: it takes one a context length`,
      )
    model.#levels = smooth(
      tables.map((table) => ({
        starts: Int32Array.from(table.starts),
        symbols: Int32Array.from(table.symbols),
        counts: Int32Array.from(table.counts),
        children: Int32Array.from(table.children),
        oldest: Int32Array.from(table.oldest),
      })),
    )
    return model
  }

  /** The numbers of the contexts of length 0, 1, ... that end before `sequence[at]`, up to the longest ever seen. */
  #contextsBefore(sequence: Sequence, at: number): number[] {
    const contexts = [0]
    for (let length = 1; length < this.order; length++) {
      const oldest = length <= at ? sequence[at - length] : BOUNDARY
      const context = this.#levels[length - 1].lengthen(contexts[length - 1], oldest)
      if (context < 0) break
      contexts.push(context)
    }
    return contexts
  }

  #requireSymbols(method: string, sequence: Sequence, least = BOUNDARY + 1): void {
    for (let i = 0; i < sequence.length; i++) {
      const symbol = sequence[i]
      if (!(Number.isInteger(symbol) && symbol >= least && symbol < this.vocabularySize))
        throw new RangeError(
          `${method}: symbol ${symbol} at index ${i}: give whole numbers from ${least} to ` +
            `${this.vocabularySize - 1}${least > BOUNDARY ? `; ${BOUNDARY}, start and stop, is added here` : ""}`,
        )
    }
  }
}

function smooth(tables: GramTable[]): KneserNey[] {
  return tables.map((table) => new KneserNey(table))
}

/** p^(1 / temperature) in units of the largest, and zero below the k-th largest. */
function sharpen(distribution: Float64Array, temperature: number, topK: number): Float64Array {
  const sorted = distribution.toSorted()
  const largest = sorted[sorted.length - 1]
  const least = sorted[Math.max(0, sorted.length - topK)]
  return distribution.map((p) => (p < least ? 0 : (p / largest) ** (1 / temperature)))
}

function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`NGram: ${name} = ${value}: give a whole number from ${least} up`)
}
