/**
 * The lecture's multi-layer perceptron, which crushes the whole context in one layer: rows 1 and 2 of its performance log.
 *
 *   ids (B, T) ─ Embedding ─ (B, T, E) ─ Flatten ─ (B, T E) ─ Linear ─ BatchNorm ─ tanh ─ (B, H) ─ Linear ─ logits (B, V)
 *
 * Source: makemore part 5, cells 8 to 10 before the tree; Bengio et al. 2003.
 */

import { Tanh } from "../nn/activations.ts"
import { BatchNorm1d } from "../nn/batch-norm-1d.ts"
import { type Dropout, dropoutOf, withDropout } from "../nn/dropout.ts"
import { Embedding } from "../nn/embedding.ts"
import { Flatten } from "../nn/flatten.ts"
import { Linear } from "../nn/linear.ts"
import { Sequential } from "../nn/sequential.ts"
import { size } from "../setting.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { configOf, dropout, Model, type ModelOptions, windowLength } from "./model.ts"

export class Flat extends Model {
  static readonly description = "the lecture's MLP, which crushes the whole context in one layer"
  static readonly settings = {
    contextLength: windowLength(8), // T
    embedding: size(10, "width of a symbol's embedding"), // E
    hidden: size(200, "hidden units of a layer"), // H
    dropout, // of each activation
  }

  readonly reads = "windows"
  readonly config
  readonly network: Sequential
  readonly dropout?: Dropout

  constructor(options: ModelOptions<typeof Flat.settings>) {
    super()
    this.config = configOf(Flat, options)
    const { vocabularySize, contextLength, embedding, hidden, dropout } = this.config
    this.dropout = dropoutOf(dropout)
    this.network = new Sequential([
      new Embedding(vocabularySize, embedding),
      new Flatten(),
      new Linear(contextLength * embedding, hidden, { bias: false }),
      new BatchNorm1d(hidden, { unbiased: true }),
      withDropout(new Tanh(), this.dropout),
      new Linear(hidden, vocabularySize, { gain: 0.1 }), // less confident at first
    ])
  }

  // int32 (B, T) -> (B, V)
  forward(ids: Tensor): Tensor {
    return this.network.forward(ids)
  }
}
