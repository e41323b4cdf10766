/** Layer normalization: each row is brought to mean 0 and variance 1, then scaled and shifted. Source: Ba et al. 2016; torch.nn.LayerNorm. */
import type { Tensor } from "../tensor/tensor.ts"
import { ones, zeros } from "./initializers.ts"
import { Layer } from "./layer.ts"
import { Parameter } from "./variable.ts"

/** Over the last axis, of length `features`. */
export class LayerNorm extends Layer {
  readonly weight: Parameter // (C), γ
  readonly bias: Parameter // (C), β
  private readonly epsilon: number

  constructor(features: number, { eps = 1e-5 } = {}) {
    super()
    this.requireSizes({ features })
    this.weight = new Parameter([features], ones)
    this.bias = new Parameter([features], zeros)
    this.epsilon = eps
  }

  override extraRepr() {
    return { normalizedShape: this.weight.size, eps: this.epsilon }
  }

  // (..., C) -> (..., C)
  forward(x: Tensor): Tensor {
    return x.layerNorm(this.weight, this.bias, { epsilon: this.epsilon })
  }
}
