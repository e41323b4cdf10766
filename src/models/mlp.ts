/**
 * The neural probabilistic language model: the symbols of the context, embedded side by side, through one hidden layer.
 *
 *   ids (B, T) ─ each position with the T - 1 before it, blanks before the start
 *        └ Embedding ─ (B, T, T E) ─┬─ Linear ─ tanh ─ (B, T, H) ─ Linear ─┬─ + ─ logits (B, T, V)
 *                                   └───────── direct connections ─────────┘
 *
 * Source: Bengio et al. 2003, https://jmlr.org/papers/v3/bengio03a.html, equation 1: b + W x + U tanh(d + H x); makemore.py's MLP,
 * https://github.com/karpathy/makemore, which has no W.
 */
import { UserError } from "../errors.ts"
import { type Dropout, dropoutOf } from "../nn/dropout.ts"
import { Embedding } from "../nn/embedding.ts"
import { normal } from "../nn/initializers.ts"
import { Linear } from "../nn/linear.ts"
import { whole } from "../nn/past.ts"
import { positive, size, toggle } from "../setting.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { configOf, dropout, type ForwardOptions, Model, type ModelOptions, sequenceLength } from "./model.ts"

export class MLP extends Model {
  static readonly description = "Bengio et al. 2003: the embeddings of the context through one hidden layer"
  static readonly settings = {
    contextLength: sequenceLength, // T, with the position's own symbol
    embedding: size(64, "width of a symbol's embedding"), // E
    // With 1, rare words of a large vocabulary stay as loud as they were drawn: 0.1 is far better there.
    embeddingStd: positive(1, "standard deviation of the embeddings before training", { unit: "deviation" }),
    hidden: size(64, "hidden units of a layer", { least: 0 }), // H
    dropout, // of the hidden layer
    // W of the paper, which half of its networks have.
    directConnections: toggle(false, "connect the embeddings to the logits directly too"),
  }

  readonly reads = "sequences"
  override readonly steps = "endless"
  override readonly receptiveField: number
  readonly config
  readonly embedding: Embedding // (V + 1, E): the last row is the blank before the start
  // Without hidden units the direct connections are all there is.
  readonly hidden?: Linear // (T E) -> (H), this position first, then the one before it, ...
  readonly head?: Linear // (H) -> (V)
  readonly direct?: Linear // (T E) -> (V)
  readonly dropout?: Dropout

  constructor(options: ModelOptions<typeof MLP.settings>) {
    super()
    this.config = configOf(MLP, options)
    const { vocabularySize, contextLength, embedding, embeddingStd, hidden, dropout, directConnections } =
      this.config
    this.receptiveField = contextLength
    this.embedding = new Embedding(vocabularySize + 1, embedding, {
      weight: normal({ gain: embeddingStd }),
    })
    if (hidden > 0) {
      this.hidden = Linear.uniform(contextLength * embedding, hidden)
      this.head = Linear.uniform(hidden, vocabularySize)
    } else if (!directConnections)
      throw new UserError(
        "mlp: without hidden units (--hidden 0) nothing reads the embeddings: give direct connections (--direct-connections)",
      )
    this.dropout = dropoutOf(dropout)
    if (directConnections)
      this.direct = Linear.uniform(contextLength * embedding, vocabularySize, { bias: hidden === 0 })
  }

  // int32 (B, T) -> (B, T, V)
  forward(ids: Tensor, { past = whole }: ForwardOptions = {}): Tensor {
    const blank = this.embedding.weight.slice(0, this.vocabularySize)
    const x = past.window(this.embedding.forward(ids), this.contextLength, blank) // (B, T, T E)
    const direct = this.direct?.forward(x)
    if (!this.hidden || !this.head) return direct!
    const y = this.hidden.forward(x).tanh()
    const logits = this.head.forward(this.dropout?.forward(y) ?? y)
    return direct ? logits.add(direct) : logits
  }
}
