/** Repeats each position, for a slow series. Source: torch.nn.Upsample, mode "nearest". */
import type { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"

export class Upsample extends Layer {
  private readonly scaleFactor: number

  constructor(scaleFactor: number) {
    super()
    this.requireSizes({ scaleFactor })
    this.scaleFactor = scaleFactor
  }

  override extraRepr() {
    return { scaleFactor: this.scaleFactor }
  }

  /** Output k of a single position, the same for every k: (B, C) -> (B, C). */
  at(x: Tensor, _k: Tensor): Tensor {
    return x
  }

  // (B, T, C) -> (B, T scaleFactor, C)
  forward(x: Tensor): Tensor {
    const [B, T, C] = x.dims(3)
    const { scaleFactor } = this
    return x
      .unsqueeze(2)
      .expand([B, T, scaleFactor, C])
      .reshape([B, T * scaleFactor, C])
  }
}
