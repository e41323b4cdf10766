/**
 * A convolution along time that sees no later position: zeros come before the first one, and none after the last.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2.1 and figure 3.
 */
import type { Tensor } from "../tensor/tensor.ts"
import { Convolution } from "./convolution.ts"
import { type Past, whole } from "./past.ts"

/** y[t] = Σₖ x[t - (K - 1 - k) dilation] W[k] + b. The same as a torch.nn.Conv1d behind (K - 1) dilation zeros. */
export class CausalConv1d extends Convolution {
  // (B, T, inputs) -> (B, T, outputs)
  forward(x: Tensor): Tensor {
    return this.convolve(x, this.reach, 0)
  }

  /**
   * The same of a single group where positions are columns, the first of all B sequences before the second of all: (inputs, T B) ->
   * (outputs, T B).
   */
  columns(x: Tensor, B: number, past: Pick<Past, "convolve"> = whole): Tensor {
    return past.convolve(x, B, this)
  }
}
