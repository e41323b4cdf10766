/** The activation functions, which apply to each element. Source: torch.nn. */
import type { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"

/** max(x, 0). */
export class ReLU extends Layer {
  // (...) -> (...)
  forward(x: Tensor): Tensor {
    return x.relu()
  }
}

/** 1 / (1 + e^-x), between 0 and 1. */
export class Sigmoid extends Layer {
  // (...) -> (...)
  forward(x: Tensor): Tensor {
    return x.sigmoid()
  }
}

/** x / (1 + e^-x). */
export class SiLU extends Layer {
  // (...) -> (...)
  forward(x: Tensor): Tensor {
    return x.silu()
  }
}

/** tanh x, between -1 and 1. */
export class Tanh extends Layer {
  // (...) -> (...)
  forward(x: Tensor): Tensor {
    return x.tanh()
  }
}

/** x Φ(x), exactly or in the tanh form. Source: Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415. */
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
