/** Joins all axes but the first. Source: torch.nn.Flatten. */
import type { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"

export class Flatten extends Layer {
  // (B, ...) -> (B, all of them)
  forward(x: Tensor): Tensor {
    return x.reshape([x.shape[0], -1])
  }
}
