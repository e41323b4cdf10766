/**
 * What WaveNets are made of: layers of dilated causal convolutions, each of which adds to what passes through, and all of which
 * together say what comes out.
 *
 *   x (T, B, R) ─ layers: x ─ CausalConv1d, its K inputs a dilation apart ─ (T, B, 2 D)
 *                         └ + V h, what the sequence goes along with ─ tanh of one half ⊙ σ of the other ─ z (T, B, D)
 *                         └ x + Linear(z) ─ x (T, B, R)
 *   all z side by side (T, B, L D) ─ Linear ─ (T, B, S)
 *
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, sections 2.1, 2.3 to 2.5, figure 4.
 */
import { CausalConv1d } from "../nn/causal-conv-1d.ts"
import { Layer } from "../nn/layer.ts"
import { Linear } from "../nn/linear.ts"
import type { Queues } from "../nn/queues.ts"
import { Tensor } from "../tensor/tensor.ts"
import type { State } from "./model.ts"

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

export interface StepOptions {
  readonly queues: Queues
  /** Of the queues. */
  readonly state: State
  readonly age: Tensor // int32 (B)
  readonly condition?: Tensor // (B, H)
}

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

  /**
   * Time comes first: then a shift in time moves whole rows. Inside positions are columns: then no product of the backward pass has to
   * turn a large matrix around, and halves and copies lie one below the other. A step takes 3 to 5 % less time.
   *
   * @param condition (T, B, H), or (1, B, H) for the same at each position.
   */
  // (T, B, R) -> (T, B, S)
  forward(x: Tensor, condition?: Tensor): Tensor {
    const [T, B, R] = x.dims(3)
    let columns = x.reshape([T * B, R]).transpose()
    const zs: Tensor[] = []
    for (const layer of this.layers) {
      const z = layer.columns(columns, B, condition)
      zs.push(z)
      if (layer.residual) columns = columns.add(layer.residual.columns(z))
    }
    return this.skip.columns(Tensor.concat(zs)).transpose().reshape([T, B, -1])
  }

  /**
   * One position, the one after `age` int32 (B) others: x (B, R) -> (B, S). What the layers read of earlier positions lies in queues
   * and depends on no layer of this one, so it is multiplied for all layers at once.
   */
  step(x: Tensor, { queues, state, age, condition }: StepOptions): { y: Tensor; state: State } {
    const [B, R] = x.dims(2)
    const L = this.layers.length
    const earlier = queues.read(state, age) // (L, B, (K - 1) R)
    const weights = this.layers.map(({ convolution }) => convolution.taps)
    let before = Tensor.stack(this.layers.map(({ convolution }) => convolution.bias!)).unsqueeze(1) // (L, 1, 2 D)
    if (earlier) before = before.add(earlier.matmul(Tensor.stack(weights.map((taps) => taps.earlier!))))
    if (condition)
      before = before.add(condition.matmul(Tensor.stack(this.layers.map((layer) => layer.condition!.weight))))
    const width = before.shape[2]
    before = before.expand([L, B, width]).reshape([L * B, width])
    const xs: Tensor[] = []
    const zs: Tensor[] = []
    for (const [k, { residual }] of this.layers.entries()) {
      xs.push(x)
      const y = x.matmul(weights[k].newest).add(before.slice(0, k * B, (k + 1) * B))
      const z = y.gatedTanh()
      zs.push(z)
      if (residual) x = x.add(residual.forward(z))
    }
    return {
      y: this.skip.forward(Tensor.concat(zs, -1)),
      state: queues.write(state, Tensor.concat(xs).reshape([L, B, R])),
    }
  }
}

/** A convolution and its gate. The filter and the gate are one convolution of twice the width: a larger product is a faster one. */
class DilatedLayer extends Layer {
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

  /** One sequence after the other: (T, R) -> (T, D). */
  forward(x: Tensor, condition?: Tensor): Tensor {
    return this.columns(x.transpose(), 1, condition).transpose()
  }

  // (R, T B) -> (D, T B)
  columns(x: Tensor, B: number, condition?: Tensor): Tensor {
    const y = this.convolution.columns(x, B)
    if (!this.condition || !condition) return y.gatedTanh(0)
    const [, , H] = condition.dims(3)
    const said = this.condition.columns(condition.reshape([-1, H]).transpose())
    const [channels] = y.dims(2)
    return y
      .reshape([channels, -1, B])
      .add(said.reshape([channels, -1, B]))
      .reshape(y.shape)
      .gatedTanh(0)
  }
}
