/** tanh x, between -1 and 1. Source: torch.nn.Tanh. */
import type { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"

export class Tanh extends Layer {
  // (...) -> (...)
  forward(x: Tensor): Tensor {
    return x.tanh()
  }
}
