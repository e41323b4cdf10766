/**
 * Root-mean-square normalization: each row is brought to mean square 1, then scaled.
 * Source: Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467, equation 4; torch.nn.RMSNorm.
 */
import type { Tensor } from "../tensor/tensor.ts"
import { ones } from "./initializers.ts"
import { Layer } from "./layer.ts"
import { Parameter } from "./variable.ts"

/** x / √(mean x² + eps) times a weight, over the last axis, of length `features`. PyTorch's eps is float32's, 2⁻²³. */
export class RMSNorm extends Layer {
  readonly weight: Parameter // (C)
  private readonly epsilon: number

  constructor(features: number, { eps = 2 ** -23 } = {}) {
    super()
    this.requireSizes({ features })
    this.weight = new Parameter([features], ones)
    this.epsilon = eps
  }

  override extraRepr() {
    return { normalizedShape: this.weight.size, eps: this.epsilon }
  }

  // (..., C) -> (..., C)
  forward(x: Tensor): Tensor {
    const size = x.square().mean(-1, { keepDim: true }).add(this.epsilon).sqrt()
    return x.div(size).mul(this.weight)
  }
}
