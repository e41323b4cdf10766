/** tanh x, between -1 and 1. Source: torch.nn.Tanh. */
import type { Tensor } from "../tensor/tensor.ts"
import { Module } from "./module.ts"

export class Tanh extends Module {
  // (...) -> (...)
  forward(x: Tensor): Tensor {
    return x.tanh()
  }
}
