/**
 * An n-gram model: it predicts a symbol from how often it followed the previous `order` - 1 symbols, with modified Kneser-Ney smoothing or
 * deleted interpolation. It fits in a moment and is the baseline for networks: on the lecture's split of names.txt, order 6 has a
 * validation loss of 1.974, the lecture's WaveNet 1.994.
 */

import type { Tokenizer } from "../data/tokenizers/tokenizer.ts"
import { type Displayed, inspect, jupyterDisplay, type Media, shownAs } from "../display/contract.ts"
import type { Generator } from "../random/index.ts"
import { oneOf, whole } from "../setting.ts"
import { ContextBins } from "./context-bins.ts"
import {
  BOUNDARY,
  contextsBefore,
  countGrams,
  type GramTable,
  type Sequence,
  type Smoothing,
} from "./gram-table.ts"
import { Interpolated } from "./interpolated.ts"
import { KneserNey } from "./kneser-ney.ts"

/** How counts become probabilities; the first needs no held-out sequences. */
const smoothings = ["kneser-ney", "interpolated"] as const
export type SmoothingName = (typeof smoothings)[number]

/** JSON-serializable. */
export type NGramState = {
  order: number
  vocabularySize: number
  /** Kneser-Ney where there is none. */
  smoothing?: SmoothingName
  /** Of deleted interpolation, (bins, order + 1). */
  weights?: number[]
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
    smoothing: oneOf(
      smoothings,
      "kneser-ney",
      "how counts become probabilities: kneser-ney (modified) or interpolated (deleted interpolation), with weights that are fitted on the validation part",
    ),
  }

  readonly order: number
  readonly vocabularySize: number
  readonly smoothing: SmoothingName
  #smoothed: Smoothing
  #bins: ContextBins | undefined

  /** Each symbol is predicted from the `order` - 1 before it. Until `fit` is called, all are equally probable. */
  constructor({
    order,
    vocabularySize,
    smoothing = "kneser-ney",
  }: { order: number; vocabularySize: number; smoothing?: SmoothingName }) {
    requireWhole("order", order, 1)
    requireWhole("vocabularySize", vocabularySize, 1)
    this.order = order
    this.vocabularySize = vocabularySize
    this.smoothing = smoothing
    this.#smoothed = this.#smooth(this.#count([]))
  }

  /**
   * Replaces the counts by those of `sequences`, whose symbols are 1 to V - 1, without start or stop. Deleted interpolation needs `heldOut`
   * sequences too. `onTable` is called with how many numbers the tables have, after each of them, and may throw to stop.
   */
  fit(
    sequences: readonly Sequence[],
    { heldOut = [], onTable }: { heldOut?: readonly Sequence[]; onTable?: (numbers: number) => void } = {},
  ): this {
    for (const sequence of [...sequences, ...heldOut]) this.#requireSymbols("fit", sequence)
    if (this.smoothing === "interpolated" && heldOut.length === 0)
      throw new RangeError(
        "fit: deleted interpolation fits its weights on sequences that are not counted: give them as heldOut",
      )
    const tables = this.#count(sequences, onTable)
    this.#use(
      this.smoothing === "interpolated"
        ? Interpolated.fitted(tables, this.vocabularySize, heldOut)
        : this.#smooth(tables),
    )
    return this
  }

  #count(sequences: readonly Sequence[], onTable?: (numbers: number) => void): GramTable[] {
    const continuations = this.smoothing === "kneser-ney"
    return countGrams(sequences, this.order, this.vocabularySize, { continuations, onTable })
  }

  #smooth(tables: readonly GramTable[], weights?: Float32Array): Smoothing {
    return this.smoothing === "interpolated"
      ? new Interpolated(tables, this.vocabularySize, weights)
      : new KneserNey(tables, this.vocabularySize)
  }

  #use(smoothed: Smoothing): void {
    this.#smoothed = smoothed
    this.#bins = undefined
  }

  /** The weights of 1 / V and of each length in deleted interpolation, by bin: (bins, order + 1). */
  get weights(): number[][] | undefined {
    return this.#smoothed instanceof Interpolated ? this.#smoothed.weightsByBin : undefined
  }

  /** How often the `order` - 1 symbols before a place were counted, in bins. */
  get contextBins(): ContextBins {
    this.#bins ??= new ContextBins(this.#smoothed.tables)
    return this.#bins
  }

  /** The bin of the context before each symbol and before the stop, (length + 1). */
  binsOf(sequence: Sequence): Int32Array {
    return Int32Array.from({ length: sequence.length + 1 }, (_, at) => this.binAfter(sequence, at))
  }

  /** The bin of the last symbols of `context`, a sequence from its start, of which only `length` symbols count. */
  binAfter(context: Sequence, length = context.length): number {
    return this.contextBins.of(contextsBefore(this.#smoothed.tables, context, length))
  }

  /** The distribution (V) of the symbol after `context`, a sequence from its start, optionally padded with zeros. */
  probabilities(context: Sequence): Float64Array {
    this.#requireSymbols("probabilities", context, BOUNDARY)
    return this.#smoothed.probabilities(contextsBefore(this.#smoothed.tables, context, context.length))
  }

  /** ln p of each symbol after those before it, and of the stop, in nats: (length + 1). */
  logProbabilities(sequence: Sequence): Float64Array {
    this.#requireSymbols("logProbabilities", sequence)
    return Float64Array.from({ length: sequence.length + 1 }, (_, at) => {
      const contexts = contextsBefore(this.#smoothed.tables, sequence, at)
      return Math.log(this.#smoothed.probability(contexts, sequence[at] ?? BOUNDARY))
    })
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
    const how = this.smoothing === "interpolated" ? ", interpolated" : ""
    return `NGram of order ${this.order}${how}: ${this.vocabularySize} symbols, ${this.parameterCount.toLocaleString("en")} counts`
  }

  /** The likeliest symbols after each, by their numbers. */
  async [jupyterDisplay](): Promise<Media> {
    return (await import("./ngram-table.ts")).ngramMedia(this, {})
  }

  /** The number of stored counts: one per distinct gram of each length. */
  get parameterCount(): number {
    return this.#smoothed.tables.reduce((total, { counts }) => total + counts.length, 0)
  }

  /** The tables by name, such as `tables.2.counts`, like a network's state dict, and the `weights` of deleted interpolation. */
  stateDict(): Record<string, { shape: number[]; data: Int32Array | Float32Array }> {
    const state: Record<string, { shape: number[]; data: Int32Array | Float32Array }> = {}
    for (const [length, table] of this.#smoothed.tables.entries())
      for (const [name, data] of Object.entries(table))
        state[`tables.${length}.${name}`] = { shape: [data.length], data }
    if (this.#smoothed instanceof Interpolated) {
      const { weights: data } = this.#smoothed
      state.weights = { shape: [data.length / (this.order + 1), this.order + 1], data }
    }
    return state
  }

  /** Loads the `stateDict` of a model of the same order. */
  loadStateDict(state: Readonly<Record<string, { readonly data: ArrayLike<number> }>>): this {
    const read = (name: string) => {
      if (!state[name]) throw new RangeError(`loadStateDict: order ${this.order} needs ${name}`)
      return state[name].data
    }
    const weights = this.smoothing === "interpolated" ? read("weights") : undefined
    return this.#load(weights, (length, part) => {
      const name = `tables.${length}.${part}`
      const data = read(name)
      if (!(data instanceof Int32Array))
        throw new TypeError(`loadStateDict: '${name}' is not an Int32Array: convert it first`)
      return data
    })
  }

  #load(
    weights: ArrayLike<number> | undefined,
    read: (length: number, name: keyof GramTable) => ArrayLike<number>,
  ): this {
    const tables = Array.from({ length: this.order }, (_, length) =>
      mapTable((name) => Int32Array.from(read(length, name))),
    )
    this.#use(this.#smooth(tables, weights && Float32Array.from(weights)))
    return this
  }

  toJSON(): NGramState {
    const { order, vocabularySize, smoothing } = this
    const tables = this.#smoothed.tables.map((table) => mapTable((name) => Array.from(table[name])))
    const weights = this.#smoothed instanceof Interpolated ? Array.from(this.#smoothed.weights) : undefined
    return { order, vocabularySize, smoothing, tables, ...(weights && { weights }) }
  }

  static fromJSON({ order, vocabularySize, smoothing, weights, tables }: NGramState): NGram {
    const model = new NGram({ order, vocabularySize, smoothing })
    if (tables.length !== order)
      throw new RangeError(
        `fromJSON: ${tables.length} tables for order ${order}: give one per context length`,
      )
    return model.#load(weights, (length, name) => tables[length][name])
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
