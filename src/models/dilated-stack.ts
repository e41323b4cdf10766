/**
 * The stack of a WaveNet: layers of dilated causal convolutions with gates. Each layer adds to what passes through, and the output is
 * computed from the gates of all.
 *
 *   x (T, B, R) ─ layers: x ─ norm, if any ─ CausalConv1d, its K inputs a dilation apart ─ (T, B, 2 D)
 *                         └ + V h, the condition ─ tanh of one half ⊙ σ of the other ─ z (T, B, D)
 *                         └ x + Linear(z) ─ x (T, B, R)
 *   all z side by side (T, B, L D) ─ Linear ─ (T, B, S)
 *
 * A plain stack has neither: each layer reads the z of the one before it, and the output is computed from the last z.
 *
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, sections 2.1, 2.3 to 2.5, figure 4.
 */
import { CausalConv1d } from "../nn/causal-conv-1d.ts"
import type { Dropout } from "../nn/dropout.ts"
import { Layer } from "../nn/layer.ts"
import { LayerNorm } from "../nn/layer-norm.ts"
import { Linear } from "../nn/linear.ts"
import { Module } from "../nn/module.ts"
import { type DilatedPast, whole } from "../nn/past.ts"
import { RMSNorm } from "../nn/rms-norm.ts"
import { Tensor } from "../tensor/tensor.ts"

/** 1, 2, 4, ... for each layer of a stack, `stacks` times. */
export const doubling = (layers: number, stacks = 1): number[] =>
  Array.from({ length: stacks * layers }, (_, k) => 2 ** (k % layers))

/** The layers that may stand before a convolution, by their names as a setting. */
const norms = { none: undefined, layer: LayerNorm, rms: RMSNorm }

export type Norm = keyof typeof norms
export const normNames = Object.keys(norms) as Norm[]

/** What may follow a convolution, by its name as a setting. The gate takes twice the channels that it puts out. */
const activations = {
  gated: (x: Tensor) => x.gatedTanh(),
  tanh: (x: Tensor) => x.tanh(),
  relu: (x: Tensor) => x.relu(),
}

export type Activation = keyof typeof activations
export const activationNames = Object.keys(activations) as Activation[]

export interface DilatedStackOptions {
  readonly dilations: readonly number[]
  /** K: the inputs of a convolution. */
  readonly kernelSize: number
  /** R: the width of a position between layers. */
  readonly residualChannels: number
  /** D: the width of a gate. */
  readonly dilationChannels: number
  /** S: the width of the output. */
  readonly skipChannels: number
  /** H: the width of the condition, 0 without one. */
  readonly conditionWidth?: number
  /** What each layer does to its input first; none by default. */
  readonly norm?: Norm
  /** What follows each convolution; the paper's gate by default. */
  readonly activation?: Activation
  /** Without residual and skip connections: each layer reads the one before it, R = D, and the output is computed from the last. */
  readonly plain?: boolean
}

export class DilatedStack extends Layer {
  readonly layers: readonly DilatedLayer[]
  readonly skip: Linear // (L D) -> (S): the sum of the layers' skip connections, as one product; (D) -> (S) of a plain stack
  private readonly plain: boolean

  constructor(options: DilatedStackOptions) {
    super()
    const { dilations, dilationChannels, skipChannels, plain = false } = options
    this.plain = plain
    this.layers = dilations.map((_, k) => new DilatedLayer(k, options))
    this.skip = Linear.uniform((plain ? 1 : dilations.length) * dilationChannels, skipChannels)
  }

  /** How many positions of the input an output depends on. */
  get receptiveField(): number {
    return this.layers.reduce((sum, { convolution }) => sum + convolution.receptiveField - 1, 1)
  }

  /**
   * Time comes first, so that a shift in time moves whole rows.
   *
   * @param options.condition (T, B, H), or (1, B, H) if it is the same at each position.
   * @param options.dropout Applies to what each layer adds to x, or, in a plain stack, to what it passes on.
   */
  // (T, B, R) -> (T, B, S)
  forward(
    x: Tensor,
    { condition, dropout, past = whole }: { condition?: Tensor; dropout?: Dropout; past?: DilatedPast } = {},
  ): Tensor {
    const convolutions = past.convolutions(this.layers, condition)
    const dropped = (y: Tensor) => dropout?.forward(y) ?? y
    const zs: Tensor[] = []
    for (const [k, layer] of this.layers.entries()) {
      const z = layer.forward(x, convolutions[k])
      zs.push(z)
      if (this.plain) x = dropped(z)
      else if (layer.residual) x = x.add(dropped(layer.residual.forward(z)))
    }
    return this.skip.forward(this.plain ? x : Tensor.concat(zs, -1))
  }
}

/** A convolution and what follows it. A filter and its gate are one convolution of twice the width: a larger product is a faster one. */
class DilatedLayer extends Module {
  readonly norm?: LayerNorm | RMSNorm
  readonly convolution: CausalConv1d // (R) -> (2 D), or (D) without a gate
  readonly condition?: Linear // (H) -> (2 D) or (D), V of the paper
  readonly residual?: Linear // (D) -> (R); none in the last layer, where nothing would read it
  private readonly activation: Activation

  /** @param k Its place among the layers. */
  constructor(k: number, options: DilatedStackOptions) {
    super()
    const { dilations, kernelSize, residualChannels, dilationChannels, conditionWidth = 0 } = options
    const { activation = "gated", plain = false } = options
    const dilation = dilations[k]
    const width = activation === "gated" ? 2 * dilationChannels : dilationChannels
    this.activation = activation
    const Norm = norms[options.norm ?? "none"]
    if (Norm) this.norm = new Norm(residualChannels)
    this.convolution = new CausalConv1d(residualChannels, width, kernelSize, { dilation })
    if (conditionWidth > 0) this.condition = Linear.uniform(conditionWidth, width, { bias: false })
    if (!plain && k < dilations.length - 1) this.residual = Linear.uniform(dilationChannels, residualChannels)
  }

  /** @param convolve The layer's convolution, as returned by `past`. */
  // (T, B, R) -> (T, B, D)
  forward(x: Tensor, convolve: (x: Tensor) => Tensor): Tensor {
    return activations[this.activation](convolve(this.norm?.forward(x) ?? x))
  }
}
