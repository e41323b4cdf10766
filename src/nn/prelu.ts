/** x above zero, a x below it with a learned slope a. Source: He et al. 2015, https://arxiv.org/abs/1502.01852; torch.nn.PReLU. */
import { ShapeError, show } from "../tensor/shape.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { full } from "./initializers.ts"
import { Layer } from "./layer.ts"
import { Parameter } from "./variable.ts"

/** One slope for all channels, or with `numParameters` one for each. Channels come last; in PyTorch they are the second axis. */
export class PReLU extends Layer {
  readonly weight: Parameter // (1) or (C)

  constructor(numParameters = 1, { init = 0.25 } = {}) {
    super()
    this.weight = new Parameter([numParameters], full(init))
  }

  override extraRepr() {
    return { numParameters: this.weight.size }
  }

  // (..., C) -> (..., C)
  forward(x: Tensor): Tensor {
    const [channels] = this.weight.shape
    if (channels > 1 && x.shape.at(-1) !== channels)
      throw new ShapeError(`PReLU: ${show(x.shape)} ends in ${x.shape.at(-1)}, the layer has ${channels} slopes`)
    return x.greater(0).where(x, x.mul(this.weight))
  }
}
