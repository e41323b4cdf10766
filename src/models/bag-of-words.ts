/**
 * The causal bag of words: each position adds the mean of itself and all before it, in any order, then an MLP.
 *
 *   ids (B, T) ─ Embedding + positions ─ x (B, T, E)
 *        └ x + mean of x up to here ─ x (B, T, E)
 *        └ x + Linear(tanh(Linear(x))), through (B, T, H) ─ x (B, T, E) ─ Linear ─ logits (B, T, V)
 *
 * It is a block of the transformer with equal attention to all positions so far.
 * Source: makemore.py's BoW, https://github.com/karpathy/makemore.
 */
import { Embedding } from "../nn/embedding.ts"
import { Linear } from "../nn/linear.ts"
import { whole } from "../nn/past.ts"
import { size } from "../setting.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { configOf, type ForwardOptions, Model, type ModelOptions, sequenceLength } from "./model.ts"

export class BagOfWords extends Model {
  static readonly description = "a bag of words: the mean of everything so far, in any order"
  static readonly settings = {
    contextLength: sequenceLength, // T
    embedding: size(64, "width of a symbol's embedding"), // E
    hidden: size(64, "hidden units of a layer"), // H
  }

  readonly reads = "sequences"
  override readonly steps = "context"
  readonly config
  readonly embedding: Embedding // (V, E), makemore's wte
  readonly positions: Embedding // (T, E), makemore's wpe
  readonly expand: Linear // (E) -> (H), makemore's c_fc
  readonly project: Linear // (H) -> (E), makemore's c_proj
  readonly head: Linear // (E) -> (V), makemore's lm_head

  constructor(options: ModelOptions<typeof BagOfWords.settings>) {
    super()
    this.config = configOf(BagOfWords, options)
    const { vocabularySize, contextLength, embedding, hidden } = this.config
    this.embedding = new Embedding(vocabularySize, embedding)
    this.positions = new Embedding(contextLength, embedding)
    this.expand = Linear.uniform(embedding, hidden)
    this.project = Linear.uniform(hidden, embedding)
    this.head = Linear.uniform(embedding, vocabularySize)
  }

  // int32 (B, T) -> (B, T, V)
  forward(ids: Tensor, { past = whole }: ForwardOptions = {}): Tensor {
    const [, T] = ids.dims(2)
    const embedded = this.embedding.forward(ids).add(past.positions(this.positions.weight, T))
    const x = embedded.add(past.mean(embedded))
    return this.head.forward(x.add(this.project.forward(this.expand.forward(x).tanh())))
  }
}
