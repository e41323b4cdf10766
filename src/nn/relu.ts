/** max(x, 0). Source: torch.nn.ReLU. */
import type { Tensor } from "../tensor/tensor.ts"
import { Module } from "./module.ts"

export class ReLU extends Module {
  // (...) -> (...)
  forward(x: Tensor): Tensor {
    return x.relu()
  }
}
