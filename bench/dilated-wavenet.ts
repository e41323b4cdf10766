/**
 * The dilated WaveNet that the benchmarks train, as plain as it can be written in layers.
 *
 *   ids (B, T) ─ Embedding ─ x (B, T, R)
 *        └ layers: x ─ CausalConv1d of width 2 ─ (B, T, 2 D) ─ tanh of one half ⊙ σ of the other ─ z (B, T, D)
 *                  x + Linear(z) ─ x (B, T, R);  Linear(z) ─ skip (B, T, S)
 *        └ sum of the skips ─ ReLU ─ Linear ─ (B, T, S) ─ ReLU ─ Linear ─ logits (B, T, V)
 *
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, sections 2.1, 2.3 and 2.4.
 */

import { Model } from "../src/models/model.ts"
import { CausalConv1d, Embedding, Linear, Module } from "../src/nn/index.ts"
import type { Tensor } from "../src/tensor/tensor.ts"

export class DilatedWaveNet extends Model {
  readonly reads = "sequences"
  readonly config
  readonly vocabularySize: number
  readonly contextLength: number
  readonly embedding: Embedding
  readonly layers: readonly DilatedLayer[]
  readonly hidden: Linear
  readonly head: Linear

  /** In each of `stacks` the dilation doubles from layer to layer, beginning with 1. */
  constructor(config: {
    vocabularySize: number
    contextLength: number
    stacks: number
    layersPerStack: number
    residual: number
    dilated: number
    skip: number
  }) {
    super()
    const { stacks, layersPerStack, residual, dilated, skip } = config
    this.config = config
    this.vocabularySize = config.vocabularySize
    this.contextLength = config.contextLength
    this.embedding = new Embedding(this.vocabularySize, residual)
    this.layers = Array.from(
      { length: stacks * layersPerStack },
      (_, k) => new DilatedLayer(residual, dilated, skip, 2 ** (k % layersPerStack)),
    )
    this.hidden = Linear.uniform(skip, skip)
    this.head = Linear.uniform(skip, this.vocabularySize)
  }

  // int32 (B, T) -> (B, T, V)
  forward(ids: Tensor): Tensor {
    let x = this.embedding.forward(ids)
    let skips: Tensor | undefined
    for (const layer of this.layers) {
      const z = layer.forward(x)
      const skip = layer.skip.forward(z)
      skips = skips ? skips.add(skip) : skip
      x = x.add(layer.residual.forward(z))
    }
    return this.head.forward(this.hidden.forward(skips!.relu()).relu())
  }
}

class DilatedLayer extends Module {
  readonly convolution: CausalConv1d // (R) -> (2 D): filter and gate, side by side
  readonly residual: Linear // (D) -> (R)
  readonly skip: Linear // (D) -> (S)
  private readonly dilated: number

  constructor(residual: number, dilated: number, skip: number, dilation: number) {
    super()
    this.convolution = new CausalConv1d(residual, 2 * dilated, 2, { dilation })
    this.residual = Linear.uniform(dilated, residual)
    this.skip = Linear.uniform(dilated, skip)
    this.dilated = dilated
  }

  // (B, T, R) -> (B, T, D)
  forward(x: Tensor): Tensor {
    const y = this.convolution.forward(x)
    return y.slice(2, 0, this.dilated).tanh().mul(y.slice(2, this.dilated).sigmoid())
  }
}
