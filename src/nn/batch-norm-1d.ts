/**
 * Batch normalization: each feature is brought to mean 0 and variance 1 over the batch, then scaled and shifted by learned parameters.
 * Source: Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167; torch.nn.BatchNorm1d; makemore part 5, cells 7 and 38:50.
 */
import { UserError } from "../errors.ts"
import { batchStatistics } from "../tensor/batch-statistics.ts"
import { ShapeError, show } from "../tensor/shape.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { ones, zeros } from "./initializers.ts"
import { Layer } from "./layer.ts"
import { Buffer, Parameter } from "./variable.ts"

export interface BatchNorm1dOptions {
  /** Added to the variance. */
  eps?: number
  /** The weight of a batch in the running statistics. */
  momentum?: number
  /** Normalize by the unbiased variance of the batch, as the lecture; PyTorch uses the biased one. The running variance is unbiased. */
  unbiased?: boolean
  /** Keep statistics for each of this many positions, over the batch axis alone: the bug of the lecture's network until 38:50. */
  perPosition?: number
}

/** Channels last: (B, C) or (B, T, C), with statistics of shape (C). PyTorch's 3-D input is (B, C, T). */
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
    this.requireSizes({ features, perPosition })
    this.weight = new Parameter([features], ones)
    this.bias = new Parameter([features], zeros)
    this.runningMean = new Buffer([perPosition * features], zeros)
    this.runningVar = new Buffer([perPosition * features], ones)
    this.options = { eps, momentum, unbiased, perPosition }
  }

  // PyTorch counts the batches that its running statistics have seen, and reads the count only without a momentum.
  override torchForm() {
    return { adds: { num_batches_tracked: 0 } }
  }

  override extraRepr() {
    const { eps, momentum, unbiased, perPosition } = this.options
    const own = { ...(unbiased && { unbiased }), ...(perPosition > 1 && { perPosition }) } // settings that PyTorch lacks
    return { numFeatures: this.weight.size, eps, momentum, ...own }
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
    if (rows.shape[0] === 1)
      throw new UserError(
        `BatchNorm1d: ${show(x.shape)} has one row to normalize, and one row has no variance: ` +
          "train on batches of two rows or more, or without BatchNorm",
      )
    const correction = unbiased ? 1 : 0
    const { mean, variance } = batchStatistics(rows, correction)
    const count = rows.shape[0]
    const toUnbiased = (count - correction) / (count - 1)
    const update = (running: Buffer, now: Tensor) =>
      running.update(running.latest.mul(1 - momentum).add(now.mul(momentum)))
    update(this.runningMean, mean)
    update(this.runningVar, variance.mul(toUnbiased))
    return rows.batchNorm(gamma, beta, { epsilon: eps, correction }).reshape(x.shape)
  }
}
