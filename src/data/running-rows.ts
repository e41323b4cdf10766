/**
 * A running text as training rows. The text is one series of symbols, and its parts lie in it end to end; a row is a crop of it, and may
 * begin at any symbol.
 *
 *   blanks (P)  training part ................ | validation part ...... | test part
 *                   └ a crop                     inputs    x x x x x x x x     T symbols
 *                                                targets   - - x x x x x x     the symbols after them
 *
 * L symbols of the text, N rows, T symbols of a row
 */
import { UserError } from "../errors.ts"
import { type Dataset, IGNORED, requireRoom } from "./dataset.ts"
import { type Fractions, fractionsOf, withoutRoundingError } from "./split.ts"
import { plural } from "./text.ts"
import { STOP } from "./tokenizers/tokenizer.ts"

/** Symbols `from` up to `to` of a text. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/**
 * The parts of a text of `length` symbols, in their order: training, validation, test. A UserError if one that is asked for is empty,
 * unless it may be. `name` is the text's name in errors.
 */
export function stretchesOf(
  length: number,
  fractions: Fractions,
  { name, mayBeEmpty = false }: { name?: string; mayBeEmpty?: boolean } = {},
): Stretch[] {
  const [train, validation] = fractionsOf(fractions)
  const ends = [train, withoutRoundingError(train + validation), 1].map((end) => Math.trunc(end * length))
  const stretches = ends.map((to, k) => ({ from: ends[k - 1] ?? 0, to }))
  for (const [k, fraction] of fractionsOf(fractions).entries())
    if (fraction > 0 && stretches[k].from === stretches[k].to && !mayBeEmpty)
      throw new UserError(
        `${named(name)}a text of ${plural(length, "symbol")} is too short for the parts that it is split into: give a longer one`,
      )
  return stretches
}

const named = (name?: string): string => (name === undefined ? "" : `${name}: `)

export interface RowOptions extends Stretch {
  /** The text's name in errors. */
  readonly name?: string
  readonly reads: "windows" | "sequences"
  /** T */
  readonly length: number
  /** The number of first positions of a row whose symbols are predicted in the row before, since they see too little here; 0. */
  readonly warmUp?: number
}

/** For training: one row for each place of the stretch, so that a random row is a random crop. A UserError if no row fits. */
export function everyRow(ids: Int32Array, { name, from, to, reads, length: T }: RowOptions): Dataset {
  const predicted = reads === "windows" ? 1 : T
  const N = to - from - predicted + 1
  if (N < 1)
    throw new UserError(
      `${named(name)}the training part has ${plural(to - from, "symbol")}, and a row has ${count(T)}: give a longer text, or ${shorter}`,
    )
  const inputs = afterBlanks(ids, T)
  const starts = Int32Array.from({ length: N }, (_, k) => startOf(from + k, T, reads))
  const shape = [N, T]
  if (reads === "windows")
    return {
      inputs: { data: inputs, shape, starts },
      targets: { data: ids.slice(from, to), shape: [N] },
    }
  const targets = new Int32Array(inputs.length).fill(IGNORED)
  targets.set(ids, T - 1) // at each place the symbol after it
  return { inputs: { data: inputs, shape, starts }, targets: { data: targets, shape, starts } }
}

/** For evaluation: consecutive rows, so that each symbol of the stretch is predicted once, in its order. At most about `most` of them, evenly spaced. */
export function rowsInOrder(
  ids: Int32Array,
  { from, to, reads, length: T, warmUp = 0 }: RowOptions,
  { most = Infinity } = {},
): Dataset {
  const predicted = reads === "windows" ? 1 : T - warmUp
  const all = Math.ceil((to - from) / predicted)
  const every = Math.max(1, Math.ceil((to - from) / most))
  const N = Math.ceil(all / every)
  requireRoom(N, reads === "windows" ? T + 1 : 2 * T, `give ${shorter}`)
  const inputs = afterBlanks(ids, T)
  const rows = new Int32Array(N * T)
  const targets = new Int32Array(reads === "windows" ? N : N * T).fill(IGNORED)
  for (let row = 0; row < N; row++) {
    const first = from + row * every * predicted // the first symbol to predict
    const start = startOf(first, T, reads) - warmUp
    for (let t = 0; t < T; t++) rows[row * T + t] = start + t < 0 ? STOP : (inputs[start + t] ?? STOP)
    if (reads === "windows") targets[row] = ids[first]
    else targets.set(ids.subarray(first, Math.min(first + predicted, to)), row * T + warmUp)
  }
  const shape = [N, T]
  return {
    inputs: { data: rows, shape },
    targets: { data: targets, shape: reads === "windows" ? [N] : shape },
  }
}

/** Where the row begins in the series whose first predicted symbol is that at `at` in the text. */
const startOf = (at: number, T: number, reads: RowOptions["reads"]): number =>
  reads === "windows" ? at : at + T - 1

/** The series that rows are crops of: T blanks and the text. */
function afterBlanks(ids: Int32Array, T: number): Int32Array {
  const series = new Int32Array(T + ids.length).fill(STOP)
  series.set(ids, T)
  return series
}

const shorter = "shorter rows (--context, or --truncate)"
const count = (n: number): string => n.toLocaleString("en")
