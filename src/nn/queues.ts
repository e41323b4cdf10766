/**
 * Dilated convolutions of one shape that go one position at a time: each keeps its last (K - 1) dilation inputs in a queue. What they
 * read of earlier positions depends on nothing of this one, so all queues lie in one table, one lookup reads what every convolution
 * needs, one product multiplies it, and one write stores what each got.
 *
 *   rows (N, C, B), N = Σ (K - 1) dilation     moved int32 (L (K - 1)), how far each row that is read has moved since the start
 *
 *   dilations 1, 2, 4 and K = 2:   │ 0 │ 1  2 │ 3  4  5  6 │     a queue is a circle: the newest input overwrites the oldest,
 *                                    ↑      ↑      ↑             and nothing else moves
 *
 * Source: Paine et al. 2016, https://arxiv.org/abs/1611.09482, figure 3; there for K = 2.
 */
import { Tensor } from "../tensor/tensor.ts"
import type { Taps } from "./past.ts"

export class Queues {
  private readonly convolutions: readonly Taps[]
  /** The rows that are read, K - 1 a convolution, its oldest input first: how far back, where at the start, the ends of its queue. */
  private readonly taps: readonly { back: number; row: number; first: number; last: number }[]
  private readonly rows: Tensor
  private readonly moved: Tensor
  /** The rows that are read now, int32 (L (K - 1)). */
  private readonly at: Tensor
  /** Each convolution's product with its earlier inputs, and its bias: (L outputs, B). */
  private readonly earlier: Tensor
  private readonly newest: Tensor[] = []

  /** @param convolutions L of one weight shape (K, C, outputs) with K at least 2, in the order in which they will be called. */
  constructor(name: string, convolutions: readonly Taps[], age: Tensor) {
    const [K, C, outputs] = convolutions[0].weight.shape
    const [L, B] = [convolutions.length, age.size]
    let first = 0
    this.convolutions = convolutions
    this.taps = convolutions.flatMap(({ dilation }) => {
      const begin = first
      first += (K - 1) * dilation
      return Array.from({ length: K - 1 }, (_, k) => ({
        back: (K - 1 - k) * dilation,
        row: begin + k * dilation,
        first: begin,
        last: first - 1,
      }))
    })
    this.rows = Tensor.input(`${name} rows`, [first, C, B])
    this.moved = Tensor.input(`${name} moved`, [this.taps.length], "int32")
    this.at = this.moved.add(int32(this.taps.map(({ row }) => row)))

    // Zeros stand where a sequence of this age had no input yet, whatever an earlier sequence left in the queue.
    const there = age.greaterEqual(int32(this.taps.map(({ back }) => back)).unsqueeze(1)) // (L (K - 1), B)
    const inputs = there
      .unsqueeze(1)
      .where(this.rows.gather(this.at), 0)
      .reshape([L, (K - 1) * C, B])
    const weights = convolutions.map(({ weight }) => weight.slice(0, 0, K - 1).reshape([(K - 1) * C, outputs]))
    const products = Tensor.stack(weights).transpose().matmul(inputs) // (L, outputs, B)
    const biases = convolutions.map(({ bias }) => bias ?? Tensor.full([outputs], 0))
    this.earlier = products.add(Tensor.stack(biases).unsqueeze(2)).reshape([L * outputs, B])
  }

  /** The next convolution of this position's input: (C, B) -> (outputs, B). */
  convolve(x: Tensor): Tensor {
    const k = this.newest.push(x) - 1
    const { weight } = this.convolutions[k]
    const [K, , outputs] = weight.shape
    const own = weight.slice(0, K - 1).squeeze(0).transpose().matmul(x)
    return own.add(this.earlier.slice(0, k * outputs, (k + 1) * outputs))
  }

  /** What is kept, and what it is after each convolution has read its newest input. */
  kept(): readonly { now: Tensor; next: Tensor }[] {
    const [K] = this.convolutions[0].weight.shape
    const [, ...row] = this.rows.shape
    const oldest = this.at
      .reshape([-1, K - 1])
      .slice(1, 0, 1)
      .reshape([-1])
    const newest = Tensor.concat(this.newest).reshape([-1, ...row])
    const ends = this.at.equal(int32(this.taps.map(({ last }) => last)))
    const around = int32(this.taps.map(({ row, first }) => first - row))
    return [
      { now: this.rows, next: this.rows.indexCopy(oldest, newest) },
      { now: this.moved, next: ends.where(around, this.moved.add(1)) },
    ]
  }
}

const int32 = (numbers: readonly number[]): Tensor => Tensor.constant(numbers, [numbers.length], "int32")
