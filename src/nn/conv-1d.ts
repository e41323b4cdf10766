/** A convolution along time, stride 1. Source: torch.nn.Conv1d. */
import { UserError } from "../errors.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { Convolution, type ConvolutionOptions } from "./convolution.ts"

/** Channels last: (B, T, inputs). PyTorch's input is (B, inputs, T), and its weight has its axes in reverse order. */
export class Conv1d extends Convolution {
  private readonly padding: number | "same"

  /** @param padding Zeros added at both ends. "same" adds as many as keep T, an odd one at the end. */
  constructor(
    inputs: number,
    outputs: number,
    kernelSize: number,
    { padding = 0, ...options }: ConvolutionOptions & { padding?: number | "same" } = {},
  ) {
    super(inputs, outputs, kernelSize, options)
    if (padding !== "same" && !(Number.isInteger(padding) && padding >= 0))
      throw new UserError(`Conv1d: padding ${padding}: give a whole number of at least 0, or "same"`)
    this.padding = padding
  }

  override extraRepr() {
    return { ...super.extraRepr(), padding: this.padding }
  }

  // (B, T, inputs) -> (B, T + 2 padding - (K - 1) dilation, outputs)
  forward(x: Tensor): Tensor {
    const { padding, reach } = this
    if (padding !== "same") return this.convolve(x, padding, padding)
    const before = Math.floor(reach / 2)
    return this.convolve(x, before, reach - before)
  }
}
