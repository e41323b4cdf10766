/**
 * A context stack: a smaller stack that reads the sequence in larger steps, and so sees much further back for the same price.
 *
 *   x (B, T, R) ─ `stride` positions side by side ─ (B, T / stride, stride R) ─ Linear ─ (B, T / stride, C)
 *        └ DilatedStack ─ ReLU ─ (B, T / stride, C) ─ ConvTranspose1d ─ (B, T, C), a step's numbers from its last position on
 *
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2.6.
 */
import { ConvTranspose1d } from "../nn/conv-transpose-1d.ts"
import { Linear } from "../nn/linear.ts"
import { Module } from "../nn/module.ts"
import { receptiveField } from "../nn/receptive-field.ts"
import { Tensor } from "../tensor/tensor.ts"
import { DilatedStack } from "./dilated-stack.ts"

export class ContextStack extends Module {
  /** How many positions back it sees at most, the position's own included. */
  readonly receptiveField: number
  readonly summary: Linear // (stride R) -> (C)
  readonly stack: DilatedStack
  readonly upsampling: ConvTranspose1d // (C) -> (C)
  private readonly stride: number
  private readonly channels: number

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
    const dilations = Array.from({ length: layers }, (_, k) => 2 ** k)
    this.stride = stride
    this.channels = channels
    this.summary = Linear.uniform(stride * width, channels)
    this.stack = new DilatedStack({
      dilations,
      kernelSize,
      residualChannels: channels,
      dilationChannels: channels,
      skipChannels: channels,
    })
    this.upsampling = new ConvTranspose1d(channels, channels, stride, { stride })
    // Just before the end of a step the newest numbers are those of the step before.
    this.receptiveField = stride * (receptiveField(dilations, kernelSize) + 1) - 1
  }

  // (B, T, R) -> (B, T, C)
  forward(x: Tensor): Tensor {
    const { stride, channels } = this
    const [B, T, R] = x.dims(3)
    const steps = Math.floor(T / stride)
    if (steps === 0) return Tensor.full([B, T, channels], 0)
    const coarse = this.summary.forward(x.slice(1, 0, steps * stride).reshape([B, steps, stride * R]))
    // A step is known at its last position, so all comes later by the others.
    const later = stride - 1
    return this.upsampling.forward(this.stack.forward(coarse).relu()).pad(1, later, stride).slice(1, 0, T)
  }
}
