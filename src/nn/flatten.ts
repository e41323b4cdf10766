/** All axes but the first become one. Source: torch.nn.Flatten. */
import type { Tensor } from "../tensor/tensor.ts"
import { Module } from "./module.ts"

export class Flatten extends Module {
  // (B, ...) -> (B, all of them)
  forward(x: Tensor): Tensor {
    return x.reshape([x.shape[0], -1])
  }
}
