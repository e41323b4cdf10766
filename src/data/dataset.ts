/**
 * Turns lines into training data: either windows (a context and the next character) or sequences (a line, with the next character as
 * each position's target).
 * Source: makemore part 5, cell 2; sequences: makemore.py's CharDataset, https://github.com/karpathy/makemore
 *
 * N rows, T characters of context
 */
import { told, UserError } from "../errors.ts"
import { characters, quoteStart } from "./characters.ts"
import { shownRows } from "./rows-shown.ts"
import { STOP, type Tokenizer } from "./tokenizers/tokenizer.ts"

/** A column of a data set: N rows of numbers of one shape. */
export interface Column<Data extends Float32Array | Int32Array = Float32Array | Int32Array> {
  /** The rows in row-major order, or for crops the series (L) they are taken from. */
  readonly data: Data
  /** (N, ...) */
  readonly shape: readonly number[]
  /** For crops (N, T), which may overlap: the index in `data` at which each begins. */
  readonly starts?: Int32Array
  /** The number of first positions of each crop that are replaced by `data[0]`. */
  readonly warmUp?: number
}

/** Training data for a model of symbols. */
export type Dataset = {
  readonly inputs: Column<Int32Array> // (N, T)
  /** The next symbol: (N) for windows; (N, T) for sequences, IGNORED at positions without a target. */
  readonly targets: Column<Int32Array>
  /** (N), each row's label number, for a conditional model. */
  readonly labels?: Column<Int32Array>
  /** (N), each row's class number, for a classifier. */
  readonly classes?: Column<Int32Array>
  /** (N, V), or (N, T, V) for sequences: a teacher's probabilities of the next symbol, 0 at positions without a target. */
  readonly teacher?: Column<Float32Array>
}

/** The target of positions excluded from the loss: PyTorch's `ignore_index`, as makemore.py sets it. */
export const IGNORED = -1

/**
 * One row per character, stop included: the T ids before it, padded with zeros on the left -> its id.
 * "ab" with T = 3 gives 000 -> a, 00a -> b, 0ab -> 0.
 */
export function windows(lines: readonly string[], vocabulary: Tokenizer, contextLength: number): Dataset {
  requireLines("windows", lines)
  const T = requireLength("context length", contextLength)
  const encoded = lines.map((line) => vocabulary.encode(line))
  const N = encoded.reduce((rows, ids) => rows + ids.length + 1, 0)
  requireRoom(N, T + 1, "give fewer lines, or a shorter context (--context)")
  const inputs = new Int32Array(N * T)
  const targets = new Int32Array(N)

  let row = 0
  for (const ids of encoded)
    for (let position = 0; position <= ids.length; position++, row++) {
      const known = Math.min(position, T)
      const end = (row + 1) * T
      for (let back = 1; back <= known; back++) inputs[end - back] = ids[position - back]
      targets[row] = position < ids.length ? ids[position] : STOP
    }
  return shownRows(
    { inputs: { data: inputs, shape: [N, T] }, targets: { data: targets, shape: [N] } },
    vocabulary.symbols,
  )
}

/**
 * One row per line: the start and its characters -> its characters and the stop, then zeros -> IGNORED up to T.
 * "ab" with T = 5 gives 0ab00 -> ab0 and IGNORED twice. Throws a UserError if a line has more than T - 1 characters;
 * `longest(lines) + 1` fits all. With `truncate` such a line is cut into pieces of T, one row each, and a piece begins with the character
 * before it: "abc" with T = 2 gives 0a -> ab and bc -> c0. That is truncated backpropagation through time (Williams & Peng 1990,
 * https://doi.org/10.1162/neco.1990.2.4.490), without the state from piece to piece.
 */
export function sequences(
  lines: readonly string[],
  vocabulary: Tokenizer,
  blockSize: number,
  { truncate = false } = {},
): Dataset {
  requireLines("sequences", lines)
  const T = requireLength("block size", blockSize)
  const encoded = lines.map((line) => vocabulary.encode(line))
  const N = truncate ? encoded.reduce((sum, { length }) => sum + piecesOf(length, T), 0) : lines.length
  requireRoom(N, 2 * T, "each is as long as the context: give fewer lines, or shorten the longest")
  const inputs = new Int32Array(N * T)
  const targets = new Int32Array(N * T).fill(IGNORED)

  let start = 0 // of a row
  for (const ids of encoded) {
    if (ids.length >= T && !truncate)
      throw tooLong(
        { lines, encoded, vocabulary },
        T,
        "a context",
        (least) => `a context of ${least} or more (--context)`,
      )
    for (let at = 0; at <= ids.length; at += T, start += T) {
      if (at === 0) inputs.set(ids.subarray(0, T - 1), start + 1)
      else inputs.set(ids.subarray(at - 1, at - 1 + T), start)
      targets.set(ids.subarray(at, at + T), start)
      if (ids.length < at + T) targets[start + ids.length - at] = STOP
    }
  }
  return shownRows(
    { inputs: { data: inputs, shape: [N, T] }, targets: { data: targets, shape: [N, T] } },
    vocabulary.symbols,
  )
}

/**
 * Rows of T symbols, each of as many whole lines as fit, end to end, in their order: the stop of a line is the start of the next.
 * "ab", "c" and "abc" with T = 5 give 0ab0c -> ab0c0 and 0abc0 -> abc0 and IGNORED. Where most lines are much shorter than the longest,
 * far less of a row is empty than with a line a row. A causal model that remembers sees the lines before in its row; it learns that they
 * tell nothing. Throws a UserError if a line has more than T - 1 characters.
 */
export function packedSequences(lines: readonly string[], vocabulary: Tokenizer, blockSize: number): Dataset {
  requireLines("packedSequences", lines)
  const T = requireLength("block size", blockSize)
  const encoded = lines.map((line) => vocabulary.encode(line))
  const starts: number[] = [] // of each line, in symbols from the first row
  let end = 0
  for (const [k, { length }] of encoded.entries()) {
    if (length >= T)
      throw tooLong(
        { lines, encoded, vocabulary },
        T,
        "a row",
        (least) => `rows of ${least} or more (--pack)`,
      )
    const fits = (end % T) + length < T
    starts.push(fits ? end : Math.ceil(end / T) * T)
    end = starts[k] + length + 1
  }
  const N = Math.ceil(end / T)
  requireRoom(N, 2 * T, "give fewer lines, or shorter rows (--pack)")
  const inputs = new Int32Array(N * T)
  const targets = new Int32Array(N * T).fill(IGNORED)
  for (const [k, ids] of encoded.entries()) {
    inputs.set(ids, starts[k] + 1)
    targets.set(ids, starts[k])
    targets[starts[k] + ids.length] = STOP
  }
  return shownRows(
    { inputs: { data: inputs, shape: [N, T] }, targets: { data: targets, shape: [N, T] } },
    vocabulary.symbols,
  )
}

/** The rows of `more` after those of `rows`: inputs and targets. Both have one form. */
export function joined(rows: Dataset, more: Dataset): Dataset {
  const column = ({ data, shape: [N, ...rest] }: Column<Int32Array>, other: Column<Int32Array>) => {
    const both = new Int32Array(data.length + other.data.length)
    both.set(data)
    both.set(other.data, data.length)
    return { data: both, shape: [N + other.shape[0], ...rest] }
  }
  return { inputs: column(rows.inputs, more.inputs), targets: column(rows.targets, more.targets) }
}

/** Names the longest line, since what fits it fits all. */
function tooLong(
  {
    lines,
    encoded,
    vocabulary,
  }: { lines: readonly string[]; encoded: readonly Int32Array[]; vocabulary: Tokenizer },
  T: number,
  place: string,
  remedy: (least: number) => string,
): UserError {
  const lengths = encoded.map(({ length }) => length)
  const most = lengths.reduce((a, b) => Math.max(a, b))
  const line = lines[lengths.indexOf(most)]
  return new UserError(
    `${quoteStart(line)} has ${most.toLocaleString("en")} ${vocabulary.tokens}, and ${place} of ${T} holds ${T - 1} and the stop: ` +
      `shorten such lines, or train with ${remedy(most + 1)}`,
  )
}

/** How many pieces of T symbols a line of so many symbols and its stop are cut into. */
export const piecesOf = (length: number, T: number): number => Math.ceil((length + 1) / T)

/** The number of symbols in the longest line, by default of characters. */
export const longest = (lines: readonly string[], vocabulary?: Tokenizer): number =>
  vocabulary === undefined
    ? lines.reduce((max, line) => (line.length > max ? Math.max(max, characters(line).length) : max), 0)
    : lines.reduce((max, line) => Math.max(max, vocabulary.lengthOf(line)), 0)

/** What the rows of a part may take, in bytes. */
const MAX_BYTES = 2 ** 30

/** A UserError unless so many rows fit, each of so many numbers, targets included. */
export function requireRoom(rows: number, numbers: number, remedy: string): void {
  if (rows * numbers * 4 > MAX_BYTES)
    throw new UserError(
      `${rows.toLocaleString("en")} rows of ${numbers.toLocaleString("en")} numbers exceed the 1 GiB that they may take: ${remedy}`,
    )
}

function requireLines(method: string, lines: unknown): void {
  if (!Array.isArray(lines))
    throw new UserError(
      `${method}: ${told(lines)} in place of lines: give a list of texts, such as the lines of what loadText loads`,
    )
}

function requireLength(what: string, length: number): number {
  if (!Number.isInteger(length) || length < 1)
    throw new UserError(`A ${what} of ${length}: give a whole number of at least 1, such as 8`)
  return length
}
