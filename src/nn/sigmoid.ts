/** 1 / (1 + e^-x), between 0 and 1. Source: torch.nn.Sigmoid. */
import type { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"

export class Sigmoid extends Layer {
  // (...) -> (...)
  forward(x: Tensor): Tensor {
    return x.sigmoid()
  }
}
