/** Each position several times over: a slow series at the pace of a fast one. Source: torch.nn.Upsample, mode "nearest". */
import type { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"

export class Upsample extends Layer {
  private readonly scaleFactor: number

  constructor(scaleFactor: number) {
    super()
    this.scaleFactor = scaleFactor
  }

  /** Each of those that x (B, C) becomes, whichever it is. */
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
