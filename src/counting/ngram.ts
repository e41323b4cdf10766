/**
 * An n-gram model with modified Kneser-Ney smoothing: it predicts a symbol from how often it followed the previous
 * `order` - 1 symbols. It fits in a moment and is the baseline for networks: on the lecture's split of names.txt,
 * order 6 has a validation loss of 1.974, the lecture's WaveNet 1.994.
 */

import type { Tokenizer } from "../data/tokenizers/tokenizer.ts"
import { type Displayed, inspect, jupyterDisplay, type Media, shownAs } from "../display/contract.ts"
import type { Generator } from "../random/index.ts"
import { whole } from "../setting.ts"
import { BOUNDARY, countGrams, type GramTable, type Sequence } from "./gram-table.ts"
import { KneserNey } from "./kneser-ney.ts"

/** JSON-serializable. */
export type NGramState = {
  order: number
  vocabularySize: number
  tables: Record<keyof GramTable, number[]>[]
}

export class NGram implements Displayed {
  static readonly description = "counts how often each symbol follows the ones before it; no layers"
  static readonly settings = {
    order: whole(6, "length of an n-gram: the context and the predicted symbol", {
      unit: "symbols",
      least: 1,
      most: 64,
    }),
  }

  readonly order: number
  readonly vocabularySize: number
  #levels: KneserNey[] // by context length

  /** Each symbol is predicted from the `order` - 1 before it. Until `fit` is called, all are equally probable. */
  constructor({ order, vocabularySize }: { order: number; vocabularySize: number }) {
    requireWhole("order", order, 1)
    requireWhole("vocabularySize", vocabularySize, 1)
    this.order = order
    this.vocabularySize = vocabularySize
    this.#levels = smooth(countGrams([], order, vocabularySize))
  }

  /**
   * Replaces the counts by those of `sequences`, whose symbols are 1 to V - 1, without start or stop. `onTable` is called with how many
   * numbers the tables have, after each of them, and may throw to stop.
   */
  fit(sequences: readonly Sequence[], onTable?: (numbers: number) => void): this {
    for (const sequence of sequences) this.#requireSymbols("fit", sequence)
    this.#levels = smooth(countGrams(sequences, this.order, this.vocabularySize, onTable))
    return this
  }

  /** The distribution (V) of the symbol after `context`, a sequence from its start, optionally padded with zeros. */
  probabilities(context: Sequence): Float64Array {
    this.#requireSymbols("probabilities", context, BOUNDARY)
    const distribution = new Float64Array(this.vocabularySize).fill(1 / this.vocabularySize)
    const contexts = this.#contextsBefore(context, context.length)
    for (let length = 0; length < contexts.length; length++)
      this.#levels[length].interpolateAll(contexts[length], distribution)
    return distribution
  }

  /** ln p of each symbol after those before it, and of the stop, in nats: (length + 1). */
  logProbabilities(sequence: Sequence): Float64Array {
    this.#requireSymbols("logProbabilities", sequence)
    const logs = new Float64Array(sequence.length + 1)
    for (let at = 0; at <= sequence.length; at++) {
      const symbol = at < sequence.length ? sequence[at] : BOUNDARY
      const contexts = this.#contextsBefore(sequence, at)
      let p = 1 / this.vocabularySize
      for (let length = 0; length < contexts.length; length++)
        p = this.#levels[length].interpolate(contexts[length], symbol, p)
      logs[at] = Math.log(p)
    }
    return logs
  }

  /** ln p(sequence, stop), in nats. */
  logProbability(sequence: Sequence): number {
    this.#requireSymbols("logProbability", sequence)
    return this.logProbabilities(sequence).reduce((sum, each) => sum + each, 0)
  }

  /** The mean of -ln p over all symbols and stops, in nats: comparable with a network's cross-entropy. */
  loss(sequences: readonly Sequence[]): number {
    if (sequences.length === 0) throw new RangeError("loss: no sequences: give at least one")
    const symbols = sequences.reduce((total, { length }) => total + length + 1, 0)
    return sequences.reduce((total, sequence) => total - this.logProbability(sequence), 0) / symbols
  }

  /**
   * Samples one sequence -> its symbols, prompt included, stop excluded. A temperature below 1 favours probable
   * symbols, 0 takes the most probable; `topK` keeps only the k most probable, which may exclude the stop; hence `maximumLength`.
   */
  sample(
    generator: Generator,
    { temperature = 1, topK = this.vocabularySize, prompt = [] as Sequence, maximumLength = 100 } = {},
  ): number[] {
    if (!(Number.isFinite(temperature) && temperature >= 0))
      throw new RangeError(`sample: temperature ${temperature}: give a number of at least 0`)
    requireWhole("topK", topK, 1)
    requireWhole("maximumLength", maximumLength, 0)
    this.#requireSymbols("sample", prompt)
    const sequence = Array.from(prompt)
    while (sequence.length < maximumLength) {
      const distribution = sharpen(this.probabilities(sequence), temperature, topK)
      const [symbol] = generator.multinomial(distribution, 1)
      if (symbol === BOUNDARY) break
      sequence.push(symbol)
    }
    return sequence
  }

  /**
   * The model with the symbols' names, to be shown: the likeliest symbols after the start and after each symbol, or after `contexts`, which
   * are texts from their start. A bigram model without `contexts` shows its counts as a heat map.
   */
  named(vocabulary: Tokenizer, { contexts }: { readonly contexts?: readonly string[] } = {}): Displayed {
    const encoded = contexts?.map((context) => vocabulary.encode(context))
    const media = async () =>
      (await import("./ngram-table.ts")).ngramMedia(this, { symbols: vocabulary.symbols, contexts: encoded })
    return shownAs({}, { name: this[inspect](), media })
  }

  [inspect](): string {
    return `NGram of order ${this.order}: ${this.vocabularySize} symbols, ${this.parameterCount.toLocaleString("en")} counts`
  }

  /** The likeliest symbols after each, by their numbers. */
  async [jupyterDisplay](): Promise<Media> {
    return (await import("./ngram-table.ts")).ngramMedia(this, {})
  }

  /** The number of stored counts: one per distinct gram of each length. */
  get parameterCount(): number {
    return this.#levels.reduce((total, { table }) => total + table.counts.length, 0)
  }

  /** The tables by name, such as `tables.2.counts`, like a network's state dict. */
  stateDict(): Record<string, { shape: [number]; data: Int32Array }> {
    const state: Record<string, { shape: [number]; data: Int32Array }> = {}
    for (const [length, { table }] of this.#levels.entries())
      for (const [name, data] of Object.entries(table))
        state[`tables.${length}.${name}`] = { shape: [data.length], data }
    return state
  }

  /** Loads the `stateDict` of a model of the same order. */
  loadStateDict(state: Readonly<Record<string, { readonly data: ArrayLike<number> }>>): this {
    return this.#load((length, name) => {
      const entry = state[`tables.${length}.${name}`]
      const shown = `tables.${length}.${name}`
      if (!entry) throw new RangeError(`loadStateDict: order ${this.order} needs ${shown}`)
      if (!(entry.data instanceof Int32Array))
        throw new TypeError(`loadStateDict: '${shown}' is not an Int32Array: convert it first`)
      return entry.data
    })
  }

  #load(read: (length: number, name: keyof GramTable) => ArrayLike<number>): this {
    const tables = Array.from({ length: this.order }, (_, length) =>
      mapTable((name) => Int32Array.from(read(length, name))),
    )
    this.#levels = smooth(tables)
    return this
  }

  toJSON(): NGramState {
    const { order, vocabularySize } = this
    const tables = this.#levels.map(({ table }) => mapTable((name) => Array.from(table[name])))
    return { order, vocabularySize, tables }
  }

  static fromJSON({ order, vocabularySize, tables }: NGramState): NGram {
    const model = new NGram({ order, vocabularySize })
    if (tables.length !== order)
      throw new RangeError(
        `fromJSON: ${tables.length} tables for order ${order}: give one per context length`,
      )
    return model.#load((length, name) => tables[length][name])
  }

  /** The indices of the contexts of length 0, 1, ... before `sequence[at]`, up to the longest one seen in training. */
  #contextsBefore(sequence: Sequence, at: number): number[] {
    const contexts = [0]
    for (let length = 1; length < this.order; length++) {
      const oldest = length <= at ? sequence[at - length] : BOUNDARY
      const context = this.#levels[length - 1].extend(contexts[length - 1], oldest)
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
          `${method}: symbol ${symbol} at index ${i}: give whole numbers from ${least} to ${this.vocabularySize - 1}` +
            (least > BOUNDARY ? `; ${BOUNDARY}, the start and stop, is added for you` : ""),
        )
    }
  }
}

const smooth = (tables: GramTable[]): KneserNey[] => tables.map((table) => new KneserNey(table))

/** A table with each array made by `make`. */
const mapTable = <T>(make: (name: keyof GramTable) => T): Record<keyof GramTable, T> => ({
  starts: make("starts"),
  symbols: make("symbols"),
  counts: make("counts"),
  children: make("children"),
  oldest: make("oldest"),
})

/** (p / largest p)^(1 / temperature), and zero below the k-th largest; at temperature 0 only the largest, the first of ties. */
function sharpen(distribution: Float64Array, temperature: number, topK: number): Float64Array {
  const sorted = distribution.toSorted()
  const largest = sorted[sorted.length - 1]
  const least = sorted[Math.max(0, sorted.length - topK)]
  const first = distribution.indexOf(largest)
  return distribution.map((p, symbol) => {
    if (temperature === 0) return Number(symbol === first)
    if (p === largest) return 1 // 1 ** Infinity, at the lowest temperatures, would be NaN
    return p < least ? 0 : (p / largest) ** (1 / temperature)
  })
}

function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`NGram: ${name} = ${value}: give a whole number of at least ${least}`)
}
