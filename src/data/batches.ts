/**
 * Which rows each training step reads: an endless stream of row numbers, drawn from a seeded generator for many steps at a time. Into
 * how many pieces the stream is cut does not change what is drawn.
 * Source: makemore part 5, cell 10 (`torch.randint`); epochs: torch.utils.data.RandomSampler (`torch.randperm`).
 *
 * B rows a batch, K steps
 */

import { Generator, type GeneratorState } from "../random/torch.ts"

export type Batches = {
  /** B */
  readonly batchSize: number
  /** The rows of the next K steps -> (K B) */
  next(steps?: number): Int32Array
  /** Plain data for JSON, without the state of the generator, which its owner saves. */
  getState(): BatchesState
  setState(state: BatchesState): void
}

/** The position in the epoch, and the generator's state that the epoch's order was drawn from; null outside of any epoch. */
export type BatchesState = { readonly epochStart: GeneratorState; readonly position: number } | null

/** Rows drawn with replacement: `torch.randint(0, count, (batchSize,))` a step, as in the lecture. */
export function uniformBatches(generator: Generator, count: number, batchSize: number): Batches {
  requireRows(count, batchSize)
  return {
    batchSize,
    next: (steps = 1) => generator.randint(0, count, steps * batchSize),
    getState: () => null,
    setState() {},
  }
}

/**
 * Each row once an epoch, in an order drawn anew by `torch.randperm(count)`. No row is left out: a batch that reaches the end of an
 * epoch takes the rest of its rows from the next.
 */
export function epochBatches(generator: Generator, count: number, batchSize: number): Batches {
  requireRows(count, batchSize)
  let epochStart: GeneratorState | undefined
  let order: Int32Array = new Int32Array()
  let position = 0

  return {
    batchSize,
    next(steps = 1) {
      const rows = new Int32Array(steps * batchSize)
      let filled = 0
      while (filled < rows.length) {
        if (position === order.length) {
          epochStart = generator.getState()
          order = generator.randperm(count)
          position = 0
        }
        const taken = order.subarray(position, position + rows.length - filled)
        rows.set(taken, filled)
        filled += taken.length
        position += taken.length
      }
      return rows
    },
    getState: () => (epochStart ? { epochStart, position } : null),
    setState(state) {
      if (state && !(Number.isInteger(state.position) && state.position >= 0 && state.position <= count))
        throw new RangeError(`setState: position ${state.position} of an epoch of ${count} rows`)
      epochStart = state?.epochStart
      position = state?.position ?? 0
      const past = new Generator()
      if (epochStart) past.setState(epochStart)
      order = epochStart ? past.randperm(count) : new Int32Array()
    },
  }
}

function requireRows(count: number, batchSize: number): void {
  for (const [name, value] of Object.entries({ count, batchSize }))
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`batches: ${name} = ${value}: give a whole number from 1 on`)
}
