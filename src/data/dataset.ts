/**
 * Lines become the numbers that models train on: parts for training, validation and test, and of each part either
 * windows (a context and the character that follows it) or sequences (a line, each character with the one after it).
 * Source: makemore part 5, cells 2 and 4; sequences: makemore.py's CharDataset, https://github.com/karpathy/makemore
 *
 * N rows, T characters of context
 */

import { UserError } from "../errors.ts"
import { PythonRandom } from "../random/python.ts"
import { characters } from "./characters.ts"
import type { Lines } from "./text.ts"
import { STOP, type Vocabulary } from "./vocabulary.ts"

export type Split = { readonly train: Lines; readonly validation: Lines; readonly test: Lines }

/** A column of a data set: N rows of numbers, each of one shape. */
export interface Column<Data extends Float32Array | Int32Array = Float32Array | Int32Array> {
  /** The rows one after the other, each in row-major order; of crops the series (L) that they are cut from. */
  readonly data: Data
  /** (N, ...) */
  readonly shape: readonly number[]
  /** For rows (N, T) that are crops of one series and may overlap: where each begins in `data`. */
  readonly starts?: Int32Array
  /** In each crop so many first positions hold `data[0]`, and not what stands in the series. */
  readonly warmUp?: number
}

/** What a model of symbols is trained on. */
export type Dataset = {
  readonly inputs: Column<Int32Array> // (N, T)
  /** The next symbol: for windows (N), one a row; for sequences (N, T), one a position, IGNORED where there is none. */
  readonly targets: Column<Int32Array>
  /** (N), the number of each row's label, for a model that is conditioned on it. */
  readonly labels?: Column<Int32Array>
  /** (N), the number of each row's class, for a model that predicts it. */
  readonly classes?: Column<Int32Array>
}

/** The target of a position that is no prediction: PyTorch's `ignore_index`, as makemore.py sets it. */
export const IGNORED = -1

/**
 * The lecture's split: a copy shuffled as CPython's `random.seed(seed); random.shuffle(words)` does, cut at the whole
 * parts of `train` n and `(train + validation)` n; the test part is what is left. Labels stay with their lines.
 * A part that is asked for and would be empty is a UserError.
 */
export function split({ lines, labels }: Lines, { train = 0.8, validation = 0.1, seed = 42 } = {}): Split {
  const both = rounded(train + validation)
  const fractions = [train, validation, rounded(1 - both)]
  if (train === 0 || !fractions.every((fraction) => fraction >= 0))
    throw new UserError(
      `A split with ${train} for training and ${validation} for validation: give fractions that add up to 1 at most, ` +
        "such as 0.8 and 0.1",
    )

  const n = lines.length
  const ends = [0, Math.trunc(train * n), Math.trunc(both * n), n]
  const empty = fractions.findIndex((fraction, index) => fraction > 0 && ends[index] === ends[index + 1])
  if (empty >= 0) {
    // One above the bound: a fraction of n lines may round to just below a whole number.
    const enough = Math.ceil(1 / Math.min(...fractions.filter((fraction) => fraction > 0))) + 1
    throw new UserError(
      `${n} ${n === 1 ? "line leaves" : "lines leave"} none for the ${["training", "validation", "test"][empty]} part ` +
        `of a split into ${fractions.join(", ")}: give ${enough} lines or more, or another split`,
    )
  }

  const order = Array.from(lines.keys())
  new PythonRandom(seed).shuffle(order)
  const part = (start: number, end: number): Lines => {
    const chosen = order.slice(start, end)
    const at = (all: readonly string[]) => chosen.map((index) => all[index])
    if (!labels) return { lines: at(lines) }
    return {
      lines: at(lines),
      labels: Object.fromEntries(Object.entries(labels).map(([name, each]) => [name, at(each)])),
    }
  }
  return {
    train: part(ends[0], ends[1]),
    validation: part(ends[1], ends[2]),
    test: part(ends[2], ends[3]),
  }
}

/**
 * A row for each character and one for the stop: the T ids before it (zeros before the line begins) -> its id.
 * So "ab" with T = 3 gives 000 -> a, 00a -> b, 0ab -> 0.
 */
export function windows(lines: readonly string[], vocabulary: Vocabulary, contextLength: number): Dataset {
  const T = requireLength("context length", contextLength)
  const encoded = lines.map((line) => vocabulary.encode(line))
  const N = encoded.reduce((rows, ids) => rows + ids.length + 1, 0)
  const inputs = table(N, T)
  const targets = new Int32Array(N)

  let row = 0
  for (const ids of encoded)
    for (let position = 0; position <= ids.length; position++, row++) {
      const known = Math.min(position, T)
      const end = (row + 1) * T
      for (let back = 1; back <= known; back++) inputs[end - back] = ids[position - back]
      targets[row] = position < ids.length ? ids[position] : STOP
    }
  return { inputs: { data: inputs, shape: [N, T] }, targets: { data: targets, shape: [N] } }
}

/**
 * A row for each line: the start and its characters -> its characters and the stop, then zeros -> IGNORED up to T.
 * So "ab" with T = 5 gives 0ab00 -> ab0 and twice IGNORED. A line with more than T - 1 characters is a UserError:
 * `longest(lines) + 1` is a block for all.
 */
export function sequences(lines: readonly string[], vocabulary: Vocabulary, blockSize: number): Dataset {
  const T = requireLength("block size", blockSize)
  const N = lines.length
  const inputs = table(N, T)
  const targets = table(N, T).fill(IGNORED)

  for (const [row, line] of lines.entries()) {
    const ids = vocabulary.encode(line)
    if (ids.length >= T)
      throw new UserError(
        `${JSON.stringify(line)} has ${ids.length} characters, and a block of ${T} holds ${T - 1} and the stop: ` +
          `shorten the line, or give a block size of ${ids.length + 1} or more`,
      )
    inputs.set(ids, row * T + 1)
    targets.set(ids, row * T)
    targets[row * T + ids.length] = STOP
  }
  return { inputs: { data: inputs, shape: [N, T] }, targets: { data: targets, shape: [N, T] } }
}

/** The most characters that one of the lines has. */
export function longest(lines: Iterable<string>): number {
  let most = 0
  for (const line of lines) if (line.length > most) most = Math.max(most, characters(line).length)
  return most
}

function table(rows: number, columns: number): Int32Array {
  // ONNX Runtime counts a tensor's bytes in 32 bits in a browser.
  if (rows * columns * 4 >= 2 ** 31)
    throw new UserError(
      `${rows.toLocaleString("en")} rows of ${columns} characters are more than the 2 GiB that a table may take: ` +
        "give fewer lines, shorter lines, or a shorter context",
    )
  return new Int32Array(rows * columns)
}

function requireLength(what: string, length: number): number {
  if (!Number.isInteger(length) || length < 1)
    throw new UserError(`A ${what} of ${length}: give a whole number from 1 on, such as 8`)
  return length
}

/** Takes off what a sum of decimal fractions has too much: 0.7 + 0.2 is 0.8999999999999999. */
function rounded(fraction: number): number {
  return Number(fraction.toFixed(9))
}
