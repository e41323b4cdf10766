/**
 * A context stack: a smaller stack that reads the sequence in larger steps, and so sees much further back at the same cost.
 *
 *   x (B, T, R) ─ `stride` positions side by side ─ (B, T / stride, stride R) ─ Linear ─ (B, T / stride, C)
 *        └ DilatedStack ─ ReLU ─ (B, T / stride, C) ─ ConvTranspose1d ─ (B, T, C), a step's output from its last position on
 *
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2.6.
 */
import { ConvTranspose1d } from "../nn/conv-transpose-1d.ts"
import { receptiveField } from "../nn/convolution.ts"
import type { Dropout } from "../nn/dropout.ts"
import { Layer } from "../nn/layer.ts"
import { Linear } from "../nn/linear.ts"
import { type DilatedPast, type Past, whole } from "../nn/past.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { DilatedStack, type DilatedStackOptions, doubling } from "./dilated-stack.ts"

interface ContextOptions {
  readonly layers: number
  readonly stride: number
  readonly kernelSize: number
}

export class ContextStack extends Layer {
  /** How many positions of the input an output depends on. */
  readonly receptiveField: number
  readonly summary: Linear // (stride R) -> (C)
  readonly stack: DilatedStack
  readonly upsampling: ConvTranspose1d // (C) -> (C)
  private readonly stride: number

  /** @param width R */
  constructor(
    width: number,
    {
      channels: C,
      norm,
      ...options
    }: ContextOptions & { readonly channels: number } & Pick<DilatedStackOptions, "norm">,
  ) {
    super()
    const { layers, stride, kernelSize } = options
    this.stride = stride
    this.receptiveField = ContextStack.receptiveField(options)
    this.summary = Linear.uniform(stride * width, C)
    this.stack = new DilatedStack({
      ...{ dilations: doubling(layers), kernelSize },
      ...{ residualChannels: C, dilationChannels: C, skipChannels: C, norm },
    })
    this.upsampling = new ConvTranspose1d(C, C, stride, { stride })
  }

  /** How many positions back it sees at most, the position's own included. */
  static receptiveField({ layers, stride, kernelSize }: ContextOptions): number {
    // Just before the end of a step the latest output is that of the step before.
    return stride * (receptiveField(doubling(layers), kernelSize) + 1) - 1
  }

  // (B, T, R) -> (B, T, C)
  forward(x: Tensor, past: Past = whole, dropout?: Dropout): Tensor {
    const read = (steps: Tensor, past: DilatedPast) =>
      this.stack
        .forward(this.summary.forward(steps).transpose(0, 1), { past, dropout })
        .transpose(0, 1)
        .relu()
    return past.coarsely(x, this.stride, read, this.upsampling)
  }
}
