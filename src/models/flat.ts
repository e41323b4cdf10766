/**
 * The lecture's multi-layer perceptron, which crushes the whole context in one layer: rows 1 and 2 of its performance log.
 *
 *   ids (B, T) ─ Embedding ─ (B, T, E) ─ Flatten ─ (B, T E) ─ Linear ─ BatchNorm ─ tanh ─ (B, H) ─ Linear ─ logits (B, V)
 *
 * Source: makemore part 5, cells 8 to 10 before the tree; Bengio et al. 2003.
 */
import { BatchNorm1d } from "../nn/batch-norm-1d.ts"
import { Embedding } from "../nn/embedding.ts"
import { Flatten } from "../nn/flatten.ts"
import { Linear } from "../nn/linear.ts"
import { Sequential } from "../nn/sequential.ts"
import { Tanh } from "../nn/tanh.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { Model } from "./model.ts"

export interface FlatConfig {
  /** V: how many symbols. */
  vocabularySize: number
  /** T: how many symbols of context. */
  contextLength?: number
  /** E: numbers that stand for a symbol. */
  embedding?: number
  /** H: hidden units. */
  hidden?: number
}

export class Flat extends Model {
  readonly reads = "windows"
  readonly config
  readonly vocabularySize: number
  readonly contextLength: number
  readonly network: Sequential

  constructor({ vocabularySize, contextLength = 8, embedding = 10, hidden = 200 }: FlatConfig) {
    super()
    this.config = { vocabularySize, contextLength, embedding, hidden }
    this.vocabularySize = vocabularySize
    this.contextLength = contextLength
    this.network = new Sequential([
      new Embedding(vocabularySize, embedding),
      new Flatten(),
      new Linear(contextLength * embedding, hidden, { bias: false }),
      new BatchNorm1d(hidden, { unbiased: true }),
      new Tanh(),
      new Linear(hidden, vocabularySize, { gain: 0.1 }), // less sure of itself at first
    ])
  }

  // int32 (B, T) -> (B, V)
  forward(ids: Tensor): Tensor {
    return this.network.forward(ids)
  }
}
