/** x Φ(x), exactly or in the tanh form. Source: torch.nn.GELU; Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415. */
import type { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"

export class GELU extends Layer {
  private readonly approximate: "none" | "tanh"

  constructor({ approximate = "none" }: { approximate?: "none" | "tanh" } = {}) {
    super()
    this.approximate = approximate
  }

  override extraRepr() {
    return { approximate: this.approximate }
  }

  // (...) -> (...)
  forward(x: Tensor): Tensor {
    return x.gelu({ approximate: this.approximate })
  }
}
