/**
 * What WaveNets are made of: layers of dilated causal convolutions, each of which adds to what passes through, and all of which
 * together say what comes out.
 *
 *   x (T, B, R) ─ layers: x ─ CausalConv1d, its K inputs a dilation apart ─ (T, B, 2 D)
 *                         └ + V h, the condition ─ tanh of one half ⊙ σ of the other ─ z (T, B, D)
 *                         └ x + Linear(z) ─ x (T, B, R)
 *   all z side by side (T, B, L D) ─ Linear ─ (T, B, S)
 *
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, sections 2.1, 2.3 to 2.5, figure 4.
 */
import { CausalConv1d } from "../nn/causal-conv-1d.ts"
import { Layer } from "../nn/layer.ts"
import { Linear } from "../nn/linear.ts"
import { Module } from "../nn/module.ts"
import { type Past, whole } from "../nn/past.ts"
import { Tensor } from "../tensor/tensor.ts"

export interface DilatedStackOptions {
  /** Of the layers, in their order. */
  readonly dilations: readonly number[]
  /** K: how many inputs each convolution reads. */
  readonly kernelSize: number
  /** R: numbers of a position on its way through the layers. */
  readonly residualChannels: number
  /** D: numbers that come through a layer's gate. */
  readonly dilationChannels: number
  /** S: numbers of a position that come out. */
  readonly skipChannels: number
  /** H: numbers of what the sequence goes along with, 0 where it goes along with nothing. */
  readonly conditionWidth?: number
}

export interface DilatedStackInputs {
  /** (T, B, H), or (1, B, H) for the same at each position. */
  readonly condition?: Tensor
  readonly past?: DilatedPast
}

/** The verb of `Past` that a stack needs. */
export type DilatedPast = Pick<Past, "convolutions">

export class DilatedStack extends Layer {
  readonly layers: readonly DilatedLayer[]
  readonly skip: Linear // (L D) -> (S): the sum of the layers' skip connections, as one product

  constructor(options: DilatedStackOptions) {
    super()
    const { dilations, dilationChannels, skipChannels } = options
    this.layers = dilations.map(
      (dilation, k) => new DilatedLayer(dilation, options, { last: k === dilations.length - 1 }),
    )
    this.skip = Linear.uniform(dilations.length * dilationChannels, skipChannels)
  }

  /** How many positions of the input an output depends on. */
  get receptiveField(): number {
    return this.layers.reduce((sum, { convolution }) => sum + convolution.receptiveField - 1, 1)
  }

  /** Time comes first, so that a shift in time moves whole rows. */
  // (T, B, R) -> (T, B, S)
  forward(x: Tensor, { condition, past = whole }: DilatedStackInputs = {}): Tensor {
    const convolutions = past.convolutions(this.layers, condition)
    const zs: Tensor[] = []
    for (const [k, layer] of this.layers.entries()) {
      const z = layer.forward(x, convolutions[k])
      zs.push(z)
      if (layer.residual) x = x.add(layer.residual.forward(z))
    }
    return this.skip.forward(Tensor.concat(zs, -1))
  }
}

/** A convolution and its gate. The filter and the gate are one convolution of twice the width: a larger product is a faster one. */
class DilatedLayer extends Module {
  readonly convolution: CausalConv1d // (R) -> (2 D)
  readonly condition?: Linear // (H) -> (2 D), V of the paper
  readonly residual?: Linear // (D) -> (R); the last layer has none, for nobody would read it

  constructor(
    dilation: number,
    {
      kernelSize,
      residualChannels,
      dilationChannels,
      conditionWidth = 0,
    }: Omit<DilatedStackOptions, "dilations">,
    { last }: { last: boolean },
  ) {
    super()
    this.convolution = new CausalConv1d(residualChannels, 2 * dilationChannels, kernelSize, { dilation })
    if (conditionWidth > 0)
      this.condition = Linear.uniform(conditionWidth, 2 * dilationChannels, { bias: false })
    if (!last) this.residual = Linear.uniform(dilationChannels, residualChannels)
  }

  /** @param convolve The layer's convolution, as `past` gives it. */
  // (T, B, R) -> (T, B, D)
  forward(x: Tensor, convolve: (x: Tensor) => Tensor): Tensor {
    return convolve(x).gatedTanh()
  }
}
