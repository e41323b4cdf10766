/**
 * Batch normalization: each feature gets mean 0 and variance 1 over the batch, then a learned scale and shift.
 * Source: Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167; torch.nn.BatchNorm1d; makemore part 5, cells 7 and 38:50.
 */
import { batchStatistics } from "../tensor/ops/batch-norm.ts"
import { ShapeError, show } from "../tensor/shape.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { ones, zeros } from "./initializers.ts"
import { Layer } from "./layer.ts"
import { Buffer, Parameter } from "./variable.ts"

export interface BatchNorm1dOptions {
  /** Added to the variance. */
  eps?: number
  /** The part of the running statistics that each batch replaces. */
  momentum?: number
  /**
   * Whether a batch is divided by its unbiased variance, as the lecture does; PyTorch divides by the biased one.
   * The running variance is the unbiased one in both.
   */
  unbiased?: boolean
  /**
   * With a number T, statistics for each of the T positions apart, over the batch axis alone: what the lecture's network
   * did before 38:50, "the bug". Scale and shift are shared by the positions.
   */
  perPosition?: number
}

/** Channels last: 2-D (B, C) and 3-D (B, T, C) input alike have statistics of shape (C). PyTorch's 3-D input is (B, C, T). */
export class BatchNorm1d extends Layer {
  readonly weight: Parameter // (C), γ
  readonly bias: Parameter // (C), β
  readonly runningMean: Buffer // (C), or (T C) per position
  readonly runningVar: Buffer // (C), or (T C) per position
  private readonly options: Required<BatchNorm1dOptions>

  constructor(
    features: number,
    { eps = 1e-5, momentum = 0.1, unbiased = false, perPosition = 1 }: BatchNorm1dOptions = {},
  ) {
    super()
    this.weight = new Parameter([features], ones)
    this.bias = new Parameter([features], zeros)
    this.runningMean = new Buffer([perPosition * features], zeros)
    this.runningVar = new Buffer([perPosition * features], ones)
    this.options = { eps, momentum, unbiased, perPosition }
  }

  // (B, C) -> (B, C), (B, T, C) -> (B, T, C)
  forward(x: Tensor): Tensor {
    const { eps, momentum, unbiased, perPosition } = this.options
    const [features] = this.weight.shape
    if (x.shape.at(-1) !== features || (perPosition > 1 && x.shape.at(-2) !== perPosition))
      throw new ShapeError(
        `BatchNorm1d: ${show(x.shape)} does not end in ${show(perPosition > 1 ? [perPosition, features] : [features])}`,
      )
    const rows = x.reshape([-1, perPosition * features])
    const spread = (v: Tensor) => v.expand([perPosition, features]).reshape([perPosition * features])
    const [gamma, beta] =
      perPosition > 1 ? [spread(this.weight), spread(this.bias)] : [this.weight, this.bias]

    if (!this.training) {
      const scale = this.runningVar.add(eps).sqrt().reciprocal().mul(gamma)
      return rows.sub(this.runningMean).mul(scale).add(beta).reshape(x.shape)
    }
    const correction = unbiased ? 1 : 0
    const { mean, variance } = batchStatistics(rows, correction)
    const count = rows.shape[0]
    const toUnbiased = (count - correction) / (count - 1)
    for (const [running, now] of [
      [this.runningMean, mean],
      [this.runningVar, variance.mul(toUnbiased)],
    ] as const)
      running.update(running.latest.mul(1 - momentum).add(now.mul(momentum)))
    return rows.batchNorm(gamma, beta, { epsilon: eps, correction }).reshape(x.shape)
  }
}
