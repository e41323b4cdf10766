/**
 * The lecture's WaveNet: a tree that fuses two neighbours a level, so that the context is crushed slowly.
 *
 *   ids (B, 8) ─ Embedding ─ (B, 8, E)
 *        └ FlattenConsecutive(2) ─ (B, 4, 2E) ─ Linear ─ BatchNorm ─ tanh ─ (B, 4, H)
 *        └ FlattenConsecutive(2) ─ (B, 2, 2H) ─ Linear ─ BatchNorm ─ tanh ─ (B, 2, H)
 *        └ FlattenConsecutive(2) ─ (B, 2H)    ─ Linear ─ BatchNorm ─ tanh ─ (B, H) ─ Linear ─ logits (B, V)
 *
 * Source: makemore part 5, cell 9; van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, figure 3.
 */
import { UserError } from "../errors.ts"
import { Tanh } from "../nn/activations.ts"
import { BatchNorm1d } from "../nn/batch-norm-1d.ts"
import { type Dropout, dropoutOf, withDropout } from "../nn/dropout.ts"
import { Embedding } from "../nn/embedding.ts"
import { FlattenConsecutive } from "../nn/flatten-consecutive.ts"
import { Linear } from "../nn/linear.ts"
import { Sequential } from "../nn/sequential.ts"
import { size, toggle } from "../setting.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { configOf, dropout, Model, type ModelOptions, windowLength } from "./model.ts"

export class WaveNet extends Model {
  static readonly description = "the lecture's WaveNet, a tree that fuses neighbours two by two"
  static readonly settings = {
    contextLength: windowLength(8), // a power of two: one level of the tree for each doubling
    embedding: size(24, "width of a symbol's embedding"), // E
    hidden: size(128, "hidden units of a layer"), // H
    dropout, // of each activation
    // Kept for its row of the log.
    batchNormBug: toggle(
      false,
      "BatchNorm statistics for each position separately, the bug of the lecture's 38:50",
    ),
  }

  readonly reads = "windows"
  readonly config
  readonly network: Sequential
  readonly dropout?: Dropout

  constructor(options: ModelOptions<typeof WaveNet.settings>) {
    super()
    this.config = configOf(WaveNet, options)
    const { vocabularySize, contextLength, embedding, hidden, dropout, batchNormBug } = this.config
    const levels = Math.log2(contextLength)
    if (!Number.isInteger(levels) || levels < 1)
      throw new UserError(
        `wavenet: the context must be a power of two (2, 4, 8, 16, ...), got ${contextLength}`,
      )
    this.dropout = dropoutOf(dropout)
    this.network = new Sequential([
      new Embedding(vocabularySize, embedding),
      ...Array.from({ length: levels }, (_, level) => [
        new FlattenConsecutive(2),
        new Linear(2 * (level === 0 ? embedding : hidden), hidden, { bias: false }),
        new BatchNorm1d(hidden, {
          unbiased: true,
          perPosition: batchNormBug ? contextLength / 2 ** (level + 1) : 1,
        }),
        withDropout(new Tanh(), this.dropout),
      ]).flat(),
      new Linear(hidden, vocabularySize, { gain: 0.1 }), // less confident at first
    ])
  }

  // int32 (B, T) -> (B, V)
  forward(ids: Tensor): Tensor {
    return this.network.forward(ids)
  }
}
