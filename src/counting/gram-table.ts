/**
 * Counts n-grams: for each context length a table of the contexts seen, in sorted order, and of the symbols that
 * followed each. Built by counting sorts alone, so the time is O(text length · order) for any vocabulary. `Smoothing` makes probabilities
 * of them.
 * Source of the continuation counts: Kneser & Ney 1995, https://doi.org/10.1109/ICASSP.1995.479394
 */

/** The padding before a sequence and the stop after it. */
export const BOUNDARY = 0

/** Symbols from 1 up, without padding or stop. */
export type Sequence = readonly number[] | Int32Array

/**
 * All contexts of one length, sorted by their newest symbol first. Context c owns the entries `starts[c]` to
 * `starts[c + 1]` of `symbols` (ascending) and `counts`. Its extensions by one older symbol are the contexts
 * `children[c]` to `children[c + 1]` of the next table; `oldest` holds that symbol.
 */
export type GramTable = {
  starts: Int32Array // (contexts + 1)
  symbols: Int32Array // (grams)
  /** How often a gram occurs; as continuations, in all tables but the last, how many distinct symbols precede it. */
  counts: Int32Array // (grams)
  children: Int32Array // (contexts + 1), empty in the last table
  oldest: Int32Array // (contexts of the next table), empty in the last table
}

export interface CountOptions {
  /** Whether `counts` are of continuations in all tables but the last. */
  readonly continuations: boolean
  /** Receives how many numbers the tables so far have. */
  readonly onTable?: (numbers: number) => void
}

/** What makes probabilities of tables, one for each context length. */
export interface Smoothing {
  readonly tables: readonly GramTable[]
  /** p(symbol | contexts), where `contexts` are those before it of length 0, 1, ... up to the longest one seen (`contextsBefore`). */
  probability(contexts: readonly number[], symbol: number): number
  /** The distribution of the symbol after these contexts, (V). */
  probabilities(contexts: readonly number[]): Float64Array
}

/** One table for each context length from 0 to `order - 1`. */
export function countGrams(
  sequences: readonly Sequence[],
  order: number,
  vocabularySize: number,
  { continuations, onTable }: CountOptions,
): GramTable[] {
  const { text, predicted } = concatenate(sequences, order - 1)
  const tables: GramTable[] = []
  // One entry for each predicted position, kept in the order of the contexts for locality:
  let positions: Int32Array = predicted
  let contextOf: Int32Array = new Int32Array(predicted.length)
  let shorterGramOf = contextOf
  let contexts = 1
  let numbers = 0

  for (let length = 0; length < order; length++) {
    const grams = split(contextOf, contexts, gather(text, positions), vocabularySize)
    const { starts, symbols } = grams
    const counts = tally(grams.numbers, symbols.length)
    const table: GramTable = { starts, symbols, counts, children: NONE, oldest: NONE }
    tables.push(table)
    if (continuations && length > 0) {
      const shorter = tables[length - 1] // every gram here extends one there by an older symbol
      shorter.counts = tally(gather(shorterGramOf, grams.firsts), shorter.symbols.length)
    }
    numbers += starts.length + 2 * symbols.length
    onTable?.(numbers)
    if (length + 1 === order) break

    const longer = split(contextOf, contexts, gather(text, positions, length + 1), vocabularySize)
    table.children = longer.starts
    table.oldest = longer.symbols
    numbers += table.children.length + table.oldest.length
    positions = gather(positions, longer.sorted)
    contextOf = gather(longer.numbers, longer.sorted)
    shorterGramOf = gather(grams.numbers, longer.sorted)
    contexts = longer.symbols.length
  }
  return tables
}

const NONE = new Int32Array(0)

/** The indices of the contexts of length 0, 1, ... before `sequence[at]`, up to the longest one seen. */
export function contextsBefore(tables: readonly GramTable[], sequence: Sequence, at: number): number[] {
  const contexts = [0]
  for (let length = 1; length < tables.length; length++) {
    const { children, oldest } = tables[length - 1]
    const symbol = length <= at ? sequence[at - length] : BOUNDARY
    const shorter = contexts[length - 1]
    const context = find(oldest, symbol, children[shorter], children[shorter + 1])
    if (context < 0) break
    contexts.push(context)
  }
  return contexts
}

/** The index of a gram: of `symbol` after `context`; -1 if it was never seen. */
export const gramOf = ({ starts, symbols }: GramTable, context: number, symbol: number): number =>
  find(symbols, symbol, starts[context], starts[context + 1])

/** The sum of the counts after each context. */
export function totalsOf({ starts, counts }: GramTable): Float64Array {
  const totals = new Float64Array(starts.length - 1)
  for (let context = 0; context < totals.length; context++)
    for (let i = starts[context]; i < starts[context + 1]; i++) totals[context] += counts[i]
  return totals
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

/** The sequences in a row, each with `padding` boundaries before it and one after, and the positions to predict. */
function concatenate(sequences: readonly Sequence[], padding: number) {
  let symbols = 0
  for (const sequence of sequences) symbols += sequence.length + 1
  const text = new Int32Array(symbols + padding * sequences.length).fill(BOUNDARY)
  const predicted = new Int32Array(symbols)
  let at = 0
  let i = 0
  for (const sequence of sequences) {
    at += padding
    text.set(sequence, at)
    for (const stop = at + sequence.length; at <= stop; at++) predicted[i++] = at
  }
  return { text, predicted }
}

/** Groups items by parent, then by symbol, and numbers the groups in that order. */
function split(parentOf: Int32Array, parents: number, symbolOf: Int32Array, vocabularySize: number) {
  const items = symbolOf.map((_, item) => item)
  const bySymbol = countingSort(symbolOf, vocabularySize, items)
  const sorted = countingSort(parentOf, parents, bySymbol) // (items)
  const numbers = new Int32Array(sorted.length) // (items) each item's group
  const starts = new Int32Array(parents + 1) // each parent's first group
  const firsts = new Int32Array(sorted.length) // (groups) each group's first item
  let groups = 0
  let parent = -1
  let symbol = -1
  for (let i = 0; i < sorted.length; i++) {
    const item = sorted[i]
    if (parentOf[item] !== parent || symbolOf[item] !== symbol) {
      parent = parentOf[item]
      symbol = symbolOf[item]
      firsts[groups] = item
      starts[parent + 1] = ++groups
    }
    numbers[item] = groups - 1
  }
  const firstsOnly = firsts.slice(0, groups)
  return { sorted, numbers, starts, firsts: firstsOnly, symbols: gather(symbolOf, firstsOnly) }
}

/** Stable sort of the items by their keys, which are in [0, size). */
function countingSort(keys: Int32Array, size: number, items: Int32Array): Int32Array {
  const ends = new Int32Array(size + 1)
  for (let i = 0; i < keys.length; i++) ends[keys[i] + 1]++
  for (let key = 0; key < size; key++) ends[key + 1] += ends[key]
  const sorted = new Int32Array(items.length)
  for (let i = 0; i < items.length; i++) sorted[ends[keys[items[i]]]++] = items[i]
  return sorted
}

/** How often each number in [0, size) occurs. */
function tally(numbers: Int32Array, size: number): Int32Array {
  const counts = new Int32Array(size)
  for (let i = 0; i < numbers.length; i++) counts[numbers[i]]++
  return counts
}

function gather(values: Int32Array, indices: Int32Array, distance = 0): Int32Array {
  const gathered = new Int32Array(indices.length)
  for (let i = 0; i < indices.length; i++) gathered[i] = values[indices[i] - distance]
  return gathered
}
