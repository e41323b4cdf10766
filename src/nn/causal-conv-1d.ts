/**
 * A convolution along time that sees no later position: zeros come before the first one, and none after the last.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2.1 and figure 3.
 */
import type { Tensor } from "../tensor/tensor.ts"
import { Convolution } from "./convolution.ts"
import { type Past, whole } from "./past.ts"

/** y[t] = Σₖ x[t - (K - 1 - k) dilation] W[k] + b. The same as a torch.nn.Conv1d behind (K - 1) dilation zeros. */
export class CausalConv1d extends Convolution {
  /** @param axis The axis of time: 1, or 0 for (T, B, inputs) -> (T, B, outputs). */
  // (B, T, inputs) -> (B, T, outputs)
  forward(x: Tensor, { past = whole, axis = 1 }: { past?: Pick<Past, "shift">; axis?: 0 | 1 } = {}): Tensor {
    const [K] = this.weight.shape
    return this.product(
      Array.from({ length: K }, (_, k) => past.shift(x, (K - 1 - k) * this.dilation, { axis })),
    )
  }
}
