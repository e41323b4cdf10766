/**
 * The rows of each training batch: an endless stream of row indices from a seeded generator, drawn for several steps at
 * once. The stream does not depend on how many steps a call draws.
 * Source: makemore part 5, cell 10 (`torch.randint`); epochs: torch.utils.data.RandomSampler (`torch.randperm`).
 *
 * B rows per batch, K steps
 */
import { Generator, type GeneratorState } from "../random/torch.ts"

export type Batches = {
  /** B */
  readonly batchSize: number
  /** The rows of the next K steps -> (K B) */
  next(steps?: number): Int32Array
  /** JSON-serializable. It excludes the generator's state, which is saved by the generator's owner. */
  getState(): BatchesState
  setState(state: BatchesState): void
}

/** The position in the epoch, and the generator's state from which its order was drawn; null before the first epoch. */
export type BatchesState = { readonly epochStart: GeneratorState; readonly position: number } | null

/** Rows drawn with replacement: `torch.randint(0, count, (batchSize,))` per step, as in the lecture. */
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
 * Every row once per epoch, in the order of `torch.randperm(count)`. No row is dropped: a batch that reaches the end of
 * an epoch is filled up from the next.
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
        throw new RangeError(`setState: position ${state.position}: an epoch has ${count} rows`)
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
      throw new RangeError(`batches: ${name} = ${value}: give a whole number of at least 1`)
}
