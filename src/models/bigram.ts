/**
 * The bigram: the next symbol depends on the last one alone, so the model is a table of logits.
 *
 *   ids (B, T) ─ rows of a table (V, V) ─ logits (B, T, V)
 *
 * Source: makemore.py's Bigram, https://github.com/karpathy/makemore; makemore part 1, where counting gives the same table.
 */
import { zeros } from "../nn/initializers.ts"
import { Parameter } from "../nn/variable.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { configOf, Model, type ModelOptions, sequenceLength } from "./model.ts"

export class Bigram extends Model {
  static readonly description = "a table: the next symbol depends on the last one alone"
  static readonly settings = {
    contextLength: sequenceLength, // T; the table is the same for any
  }

  readonly reads = "sequences"
  override readonly steps = "endless"
  readonly config
  readonly table: Parameter // (V, V), makemore's logits

  constructor(options: ModelOptions<typeof Bigram.settings>) {
    super()
    this.config = configOf(Bigram, options)
    const { vocabularySize } = this.config
    this.table = new Parameter([vocabularySize, vocabularySize], zeros) // all symbols alike at first
  }

  // int32 (B, T) -> (B, T, V)
  forward(ids: Tensor): Tensor {
    return this.table.gather(ids)
  }
}
