/**
 * What dilated convolutions still need of the past when they go one position at a time: each keeps its last (K - 1) dilation inputs.
 * The queues of all of them lie in one table, so that one lookup reads what all need and one write puts away what all have got.
 *
 *   rows (N, B, C), N = Σ (K - 1) dilation     moved int32 (L (K - 1)), how far each row that is read has moved since the beginning
 *
 *   dilations 1, 2, 4 and K = 2:   │ 0 │ 1  2 │ 3  4  5  6 │     a queue is a circle: the newest takes the place of the oldest,
 *                                    ↑      ↑      ↑             and nothing else moves
 *
 * Source: Paine et al. 2016, https://arxiv.org/abs/1611.09482, figure 3; there for K = 2.
 */
import type { Kind } from "../tensor/op.ts"
import { Tensor } from "../tensor/tensor.ts"

export interface QueuesOptions {
  /** What their state is called. */
  readonly name: string
  /** Of each convolution how far apart its inputs lie. */
  readonly dilations: readonly number[]
  /** K: how many inputs each reads; the newest is at hand and needs no queue. */
  readonly kernelSize: number
  /** C: numbers of an input. */
  readonly channels: number
}

type State = Readonly<Record<string, Tensor>>

export class Queues {
  private readonly options: QueuesOptions
  /** Of each of the L (K - 1) inputs that are read, the oldest of a convolution first: its row in the beginning, and its queue's ends. */
  private readonly taps: readonly { readonly row: number; readonly first: number; readonly last: number }[]

  constructor(options: QueuesOptions) {
    this.options = options
    const { dilations, kernelSize } = options
    let first = 0
    this.taps = dilations.flatMap((dilation) => {
      const begin = first
      first += (kernelSize - 1) * dilation
      return Array.from({ length: kernelSize - 1 }, (_, k) => ({
        row: begin + k * dilation,
        first: begin,
        last: first - 1,
      }))
    })
  }

  /** Zeros are the state of empty queues. */
  stateKinds(B: number): Record<string, Kind> {
    const { name, channels } = this.options
    if (this.taps.length === 0) return {}
    return {
      [`${name} rows`]: { shape: [this.taps.at(-1)!.last + 1, B, channels], dtype: "float32" },
      [`${name} moved`]: { shape: [this.taps.length], dtype: "int32" },
    }
  }

  /**
   * The K - 1 earlier inputs of each convolution, side by side, the oldest first: (L, B, (K - 1) C). Zeros stand where a sequence of
   * this age, int32 (B), had no input yet; what another left in the queue is not seen. Undefined where K is 1.
   */
  read(state: State, age: Tensor): Tensor | undefined {
    const { name, dilations, kernelSize, channels } = this.options
    if (this.taps.length === 0) return undefined
    const L = dilations.length
    const B = age.shape[0]
    const reaches = dilations.flatMap((dilation) =>
      Array.from({ length: kernelSize - 1 }, (_, k) => (kernelSize - 1 - k) * dilation),
    )
    const there = age.greaterEqual(int32(reaches).unsqueeze(1)) // (L (K - 1), B)
    return there
      .unsqueeze(2)
      .where(state[`${name} rows`].gather(this.at(state)), 0)
      .reshape([L, kernelSize - 1, B, channels])
      .permute([0, 2, 1, 3])
      .reshape([L, B, (kernelSize - 1) * channels])
  }

  /** The state after each convolution has read its newest input: (L, B, C). */
  write(state: State, newest: Tensor): State {
    const { name, kernelSize } = this.options
    if (this.taps.length === 0) return {}
    const at = this.at(state)
    const oldest = at
      .reshape([-1, kernelSize - 1])
      .slice(1, 0, 1)
      .reshape([-1])
    const ends = at.equal(int32(this.taps.map(({ last }) => last)))
    const around = int32(this.taps.map(({ row, first }) => first - row))
    return {
      [`${name} rows`]: state[`${name} rows`].indexCopy(oldest, newest),
      [`${name} moved`]: ends.where(around, state[`${name} moved`].add(1)),
    }
  }

  /** The rows that are read, int32 (L (K - 1)). */
  private at(state: State): Tensor {
    return state[`${this.options.name} moved`].add(int32(this.taps.map(({ row }) => row)))
  }
}

const int32 = (numbers: readonly number[]): Tensor => Tensor.constant(numbers, [numbers.length], "int32")
