/**
 * Dilated convolutions one position at a time: each keeps its last (K - 1) dilation inputs in a queue. What they read of earlier
 * positions does not depend on this one, so all queues are in one table: one lookup reads what every convolution needs, one product
 * multiplies it, and one write stores their newest inputs.
 *
 *   rows (N, B, C), N = Σ (K - 1) dilation     moved int32 (L (K - 1)), how far each row that is read has moved since the start
 *
 *   dilations 1, 2, 4 and K = 2:   │ 0 │ 1  2 │ 3  4  5  6 │     a queue is a circle: the newest input overwrites the oldest,
 *                                    ↑      ↑      ↑             and nothing else moves
 *
 * Source: Paine et al. 2016, https://arxiv.org/abs/1611.09482, figure 3; there for K = 2.
 */
import { Tensor } from "../tensor/tensor.ts"

export interface QueuesOptions {
  /** The distance between the inputs of each convolution. */
  readonly dilations: readonly number[]
  /** K: the inputs that each reads, at least 2; the newest needs no queue. */
  readonly kernelSize: number
  /** C: the width of an input. */
  readonly channels: number
  /** The number of earlier positions of each sequence, int32 (B). */
  readonly age: Tensor
}

export function queues(name: string, { dilations, kernelSize, channels, age }: QueuesOptions) {
  const [L, B, earlierInputs] = [dilations.length, age.size, kernelSize - 1]
  let first = 0
  // The rows that are read, K - 1 a convolution: how far back, its place at the start, the ends of its queue.
  const taps = dilations.flatMap((dilation) => {
    const begin = first
    first += earlierInputs * dilation
    return Array.from({ length: earlierInputs }, (_, k) => ({
      back: (earlierInputs - k) * dilation,
      row: begin + k * dilation,
      first: begin,
      last: first - 1,
    }))
  })
  const rows = Tensor.input(`${name} rows`, [first, B, channels])
  const moved = Tensor.input(`${name} moved`, [taps.length], "int32")
  const at = moved.add(int32(taps.map(({ row }) => row)))
  const there = age.greaterEqual(int32(taps.map(({ back }) => back)).unsqueeze(1)) // (L (K - 1), B)
  return {
    /** The K - 1 earlier inputs of each convolution side by side, the oldest first: (L, B, (K - 1) C). Zeros before a sequence's start. */
    earlier: there
      .unsqueeze(2)
      .where(rows.gather(at), 0)
      .reshape([L, earlierInputs, B, channels])
      .permute([0, 2, 1, 3])
      .reshape([L, B, earlierInputs * channels]),
    /** What is kept, and its value after each convolution has read its newest input, (L, B, C). */
    write(newest: Tensor) {
      const oldest = at.reshape([-1, earlierInputs]).slice(1, 0, 1).reshape([-1])
      const ends = at.equal(int32(taps.map(({ last }) => last)))
      const around = int32(taps.map(({ row, first }) => first - row))
      return [
        { now: rows, next: rows.indexCopy(oldest, newest) },
        { now: moved, next: ends.where(around, moved.add(1)) },
      ]
    },
  }
}

const int32 = (numbers: readonly number[]): Tensor => Tensor.constant(numbers, [numbers.length], "int32")
