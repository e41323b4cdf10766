/**
 * Dilated convolutions that go one position at a time: each keeps its last (K - 1) dilation inputs in a queue. What they read of
 * earlier positions depends on nothing of this one, so all queues lie in one table, one lookup reads what every convolution needs,
 * one product multiplies it, and one write stores what each got.
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
  /** How far apart the inputs of each convolution lie. */
  readonly dilations: readonly number[]
  /** K: how many inputs each reads, at least 2; the newest needs no queue. */
  readonly kernelSize: number
  /** C: numbers of an input. */
  readonly channels: number
  /** How many positions each sequence has had, int32 (B). */
  readonly age: Tensor
}

export class Queues {
  private readonly options: QueuesOptions
  /** The rows that are read, K - 1 a convolution, its oldest input first: how far back, where at the start, the ends of its queue. */
  private readonly taps: readonly { back: number; row: number; first: number; last: number }[]
  private readonly rows: Tensor
  private readonly moved: Tensor
  /** The rows that are read now, int32 (L (K - 1)). */
  private readonly at: Tensor

  constructor(name: string, options: QueuesOptions) {
    this.options = options
    const { dilations, kernelSize, channels, age } = options
    let first = 0
    this.taps = dilations.flatMap((dilation) => {
      const begin = first
      first += (kernelSize - 1) * dilation
      return Array.from({ length: kernelSize - 1 }, (_, k) => ({
        back: (kernelSize - 1 - k) * dilation,
        row: begin + k * dilation,
        first: begin,
        last: first - 1,
      }))
    })
    this.rows = Tensor.input(`${name} rows`, [first, age.size, channels])
    this.moved = Tensor.input(`${name} moved`, [this.taps.length], "int32")
    this.at = this.moved.add(int32(this.taps.map(({ row }) => row)))
  }

  /**
   * The K - 1 earlier inputs of each convolution, side by side, the oldest first: (L, B, (K - 1) C). Zeros stand where a sequence had
   * no input yet, whatever an earlier one left in the queue.
   */
  read(): Tensor {
    const { dilations, kernelSize, channels, age } = this.options
    const L = dilations.length
    const there = age.greaterEqual(int32(this.taps.map(({ back }) => back)).unsqueeze(1)) // (L (K - 1), B)
    return there
      .unsqueeze(2)
      .where(this.rows.gather(this.at), 0)
      .reshape([L, kernelSize - 1, age.size, channels])
      .permute([0, 2, 1, 3])
      .reshape([L, age.size, (kernelSize - 1) * channels])
  }

  /** What is kept, and what it is after each convolution has read its newest input, (L, B, C). */
  write(newest: Tensor): readonly { now: Tensor; next: Tensor }[] {
    const oldest = this.at
      .reshape([-1, this.options.kernelSize - 1])
      .slice(1, 0, 1)
      .reshape([-1])
    const ends = this.at.equal(int32(this.taps.map(({ last }) => last)))
    const around = int32(this.taps.map(({ row, first }) => first - row))
    return [
      { now: this.rows, next: this.rows.indexCopy(oldest, newest) },
      { now: this.moved, next: ends.where(around, this.moved.add(1)) },
    ]
  }
}

const int32 = (numbers: readonly number[]): Tensor => Tensor.constant(numbers, [numbers.length], "int32")
