/**
 * A context stack: a smaller stack that reads the sequence in larger steps, and so sees much further back for the same price.
 *
 *   x (B, T, R) ─ `stride` positions side by side ─ (B, T / stride, stride R) ─ Linear ─ (B, T / stride, C)
 *        └ DilatedStack ─ ReLU ─ (B, T / stride, C) ─ ConvTranspose1d ─ (B, T, C), a step's numbers from its last position on
 *
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2.6.
 */
import { ConvTranspose1d } from "../nn/conv-transpose-1d.ts"
import { Layer } from "../nn/layer.ts"
import { Linear } from "../nn/linear.ts"
import { phaseOf } from "../nn/phase.ts"
import { Queues } from "../nn/queues.ts"
import { receptiveField } from "../nn/receptive-field.ts"
import type { Kind } from "../tensor/op.ts"
import { Tensor } from "../tensor/tensor.ts"
import { DilatedStack } from "./dilated-stack.ts"
import type { State } from "./model.ts"

const dilationsOf = (layers: number): number[] => Array.from({ length: layers }, (_, k) => 2 ** k)

export class ContextStack extends Layer {
  readonly summary: Linear // (stride R) -> (C)
  readonly stack: DilatedStack
  readonly upsampling: ConvTranspose1d // (C) -> (C)
  private readonly queues: Queues
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
    const dilations = dilationsOf(layers)
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
    this.queues = new Queues({
      name: "context",
      dilations: dilations.map((dilation) => dilation * stride),
      kernelSize,
      channels,
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

  stateKinds(B: number): Record<string, Kind> {
    const { stride, channels } = this
    const [inputs] = this.summary.weight.shape
    return {
      ...(stride > 1 && {
        "context past": { shape: [B, stride - 1, inputs / stride], dtype: "float32" },
      }),
      "context phase": { shape: [B], dtype: "int32" },
      "context said": { shape: [B, channels], dtype: "float32" },
      ...this.queues.stateKinds(B),
    }
  }

  /**
   * One position, the one after `age` int32 (B) others: x (B, R) -> (B, C). All is computed at each position, as for a step that
   * ends here, and kept where one does: a step's own past lies `stride` positions apart.
   */
  step(x: Tensor, age: Tensor, state: State): { y: Tensor; state: State } {
    const { stride } = this
    const [B, R] = x.dims(2)
    const newest = x.unsqueeze(1)
    const seen = stride > 1 ? Tensor.concat([state["context past"], newest], 1) : newest // (B, stride, R)
    const coarse = this.stack.step(this.summary.forward(seen.reshape([B, stride * R])), {
      queues: this.queues,
      state,
      age,
    })
    const { phase, next } = phaseOf(state["context phase"], age, stride)
    const said = phase
      .equal(stride - 1)
      .unsqueeze(1)
      .where(coarse.y.relu(), state["context said"])
    const y = age
      .less(stride - 1)
      .unsqueeze(1)
      .where(0, this.upsampling.at(said, next))
    return {
      y,
      state: {
        ...(stride > 1 && { "context past": seen.slice(1, 1) }),
        "context phase": next,
        "context said": said,
        ...coarse.state,
      },
    }
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
    const y = this.stack.forward(coarse.transpose(0, 1)).transpose(0, 1).relu()
    return this.upsampling.forward(y).pad(1, later, stride).slice(1, 0, T)
  }
}
