/** x / (1 + e^-x). Source: torch.nn.SiLU. */
import type { Tensor } from "../tensor/tensor.ts"
import { Module } from "./module.ts"

export class SiLU extends Module {
  // (...) -> (...)
  forward(x: Tensor): Tensor {
    return x.silu()
  }
}
