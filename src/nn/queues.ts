/**
 * What dilated convolutions still need of the past when they go one position at a time: each keeps its last (K - 1) dilation inputs.
 * The queues of all of them lie in one table, so that one lookup reads what all need and one write puts away what all have got.
 *
 *   rows (N, B, C), N = Σ (K - 1) dilation     oldest int32 (L), of each queue where its oldest row is now
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
  private readonly lengths: readonly number[]
  private readonly starts: readonly number[]

  constructor(options: QueuesOptions) {
    this.options = options
    this.lengths = options.dilations.map((dilation) => (options.kernelSize - 1) * dilation)
    this.starts = this.lengths.map((_, k) => this.lengths.slice(0, k).reduce((a, b) => a + b, 0))
  }

  /** Zeros are the state of empty queues. */
  stateKinds(B: number): Record<string, Kind> {
    const { name, kernelSize, channels } = this.options
    if (kernelSize === 1) return {}
    const N = this.lengths.reduce((a, b) => a + b, 0)
    return {
      [`${name} rows`]: { shape: [N, B, channels], dtype: "float32" },
      [`${name} oldest`]: { shape: [this.lengths.length], dtype: "int32" },
    }
  }

  /**
   * The K - 1 earlier inputs of each convolution, side by side, the oldest first: (L, B, (K - 1) C). Zeros stand where a sequence of
   * this age, int32 (B), had no input yet; what another left in the queue is not seen. Undefined where K is 1.
   */
  read(state: State, age: Tensor): Tensor | undefined {
    const { name, dilations, kernelSize, channels } = this.options
    const taps = kernelSize - 1
    if (taps === 0) return undefined
    const L = dilations.length
    const B = age.shape[0]
    const oldest = state[`${name} oldest`]
    const tap = (of: (dilation: number, k: number, queue: number) => number, shape: number[]) =>
      Tensor.constant(
        dilations.flatMap((dilation, queue) =>
          Array.from({ length: taps }, (_, k) => of(dilation, k, queue)),
        ),
        shape,
        "int32",
      )
    // Tap k lies k dilations behind the oldest row, around the circle.
    const ahead = oldest.unsqueeze(1).add(tap((dilation, k) => k * dilation, [L, taps]))
    const lengths = int32(this.lengths).unsqueeze(1)
    const around = ahead.less(lengths).where(ahead, ahead.sub(lengths))
    const rows = state[`${name} rows`].gather(around.add(int32(this.starts).unsqueeze(1)).reshape([L * taps]))
    const there = age.greaterEqual(tap((dilation, k) => (taps - k) * dilation, [L * taps, 1]))
    return there
      .unsqueeze(2)
      .where(rows, 0)
      .reshape([L, taps, B, channels])
      .permute([0, 2, 1, 3])
      .reshape([L, B, taps * channels])
  }

  /** The state after each convolution has read its newest input: (L, B, C). */
  write(state: State, newest: Tensor): State {
    const { name, kernelSize } = this.options
    if (kernelSize === 1) return {}
    const oldest = state[`${name} oldest`]
    const next = oldest.add(1)
    return {
      [`${name} rows`]: state[`${name} rows`].indexCopy(oldest.add(int32(this.starts)), newest),
      [`${name} oldest`]: next.less(int32(this.lengths)).where(next, 0),
    }
  }
}

const int32 = (numbers: readonly number[]): Tensor => Tensor.constant(numbers, [numbers.length], "int32")
