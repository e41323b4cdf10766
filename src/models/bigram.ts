/**
 * The bigram: what follows a symbol depends on that symbol alone, so a table of logits is all there is.
 *
 *   ids (B, T) ─ rows of a table (V, V) ─ logits (B, T, V)
 *
 * Source: makemore.py's Bigram, https://github.com/karpathy/makemore; makemore part 1, where counting gives the same table.
 */
import { zeros } from "../nn/initializers.ts"
import { Parameter } from "../nn/variable.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { Model } from "./model.ts"

export interface BigramConfig {
  /** V: how many symbols. */
  vocabularySize: number
  /** T: how many positions a row of the data has; the table is the same for any. */
  contextLength?: number
}

export class Bigram extends Model {
  readonly reads = "sequences"
  override readonly steps = "endless"
  readonly config
  readonly vocabularySize: number
  readonly contextLength: number
  readonly table: Parameter // (V, V), makemore's logits

  constructor({ vocabularySize, contextLength = 16 }: BigramConfig) {
    super()
    this.config = { vocabularySize, contextLength }
    this.vocabularySize = vocabularySize
    this.contextLength = contextLength
    this.table = new Parameter([vocabularySize, vocabularySize], zeros) // all symbols alike at first
  }

  // int32 (B, T) -> (B, T, V)
  forward(ids: Tensor): Tensor {
    return this.table.gather(ids)
  }
}
