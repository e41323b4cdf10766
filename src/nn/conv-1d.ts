/** A convolution along time, stride 1. Source: torch.nn.Conv1d. */
import { UserError } from "../errors.ts"
import { ShapeError, show } from "../tensor/shape.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { Convolution, type ConvolutionOptions } from "./convolution.ts"

/** Channels last: (B, T, inputs). PyTorch's input is (B, inputs, T), and its weight has its axes in reverse order. */
export class Conv1d extends Convolution {
  private readonly padding: number | "same"

  /** @param padding Zeros added at both ends. "same" keeps T; an odd one goes to the end. */
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
    const { padding } = this
    const reach = this.receptiveField - 1 // from the first to the last input of an output
    const [K] = this.weight.shape
    const [before, after] =
      padding === "same" ? [Math.floor(reach / 2), Math.ceil(reach / 2)] : [padding, padding]
    const [, T] = x.dims(3)
    const length = before + T + after - reach
    if (length < 1)
      throw new ShapeError(
        `Conv1d: ${show(x.shape)}: wants (B, T, inputs) with T above ${reach - before - after}`,
      )
    const padded = x.pad(1, before, after)
    const starts = Array.from({ length: K }, (_, k) => k * this.dilation)
    return this.product(starts.map((start) => padded.slice(1, start, start + length)))
  }
}
