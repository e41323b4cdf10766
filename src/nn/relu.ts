/** max(x, 0). Source: torch.nn.ReLU. */
import type { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"

export class ReLU extends Layer {
  // (...) -> (...)
  forward(x: Tensor): Tensor {
    return x.relu()
  }
}
