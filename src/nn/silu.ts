/** x / (1 + e^-x). Source: torch.nn.SiLU. */
import type { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"

export class SiLU extends Layer {
  // (...) -> (...)
  forward(x: Tensor): Tensor {
    return x.silu()
  }
}
