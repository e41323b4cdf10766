/**
 * A context stack: a smaller stack that reads the sequence in larger steps, and so sees much further back for the same price.
 *
 *   x (B, T, R) ─ `stride` positions side by side ─ (B, T / stride, stride R) ─ Linear ─ (B, T / stride, C)
 *        └ DilatedStack ─ ReLU ─ (B, T / stride, C) ─ ConvTranspose1d ─ (B, T, C), a step's numbers from its last position on
 *
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2.6.
 */
import { ConvTranspose1d } from "../nn/conv-transpose-1d.ts"
import { receptiveField } from "../nn/convolution.ts"
import { Layer } from "../nn/layer.ts"
import { Linear } from "../nn/linear.ts"
import { type Past, whole } from "../nn/past.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { type DilatedPast, DilatedStack } from "./dilated-stack.ts"

const dilationsOf = (layers: number): number[] => Array.from({ length: layers }, (_, k) => 2 ** k)

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
      layers,
      channels,
      stride,
      kernelSize,
    }: { layers: number; channels: number; stride: number; kernelSize: number },
  ) {
    super()
    const dilations = dilationsOf(layers)
    this.stride = stride
    this.receptiveField = ContextStack.receptiveField({ layers, stride, kernelSize })
    this.summary = Linear.uniform(stride * width, channels)
    this.stack = new DilatedStack({
      dilations,
      kernelSize,
      residualChannels: channels,
      dilationChannels: channels,
      skipChannels: channels,
    })
    this.upsampling = new ConvTranspose1d(channels, channels, stride, { stride })
  }

  /** How many positions back it sees at most, the position's own included. */
  static receptiveField({
    layers,
    stride,
    kernelSize,
  }: Readonly<Record<"layers" | "stride" | "kernelSize", number>>): number {
    // Just before the end of a step the newest numbers are those of the step before.
    return stride * (receptiveField(dilationsOf(layers), kernelSize) + 1) - 1
  }

  // (B, T, R) -> (B, T, C)
  forward(x: Tensor, past: Past = whole): Tensor {
    const read = (steps: Tensor, past: DilatedPast) =>
      this.stack.forward(this.summary.forward(steps).transpose(0, 1), { past }).transpose(0, 1).relu()
    return past.coarsely(x, this.stride, read, this.upsampling)
  }
}
