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
import { Embedding } from "../nn/embedding.ts"
import { Linear } from "../nn/linear.ts"
import { size, toggle } from "../setting.ts"
import type { Kind } from "../tensor/op.ts"
import { Tensor } from "../tensor/tensor.ts"
import { configOf, Model, type ModelOptions, type Position, type State, sequenceLength } from "./model.ts"

export type MLPConfig = ModelOptions<typeof MLP.settings>

export class MLP extends Model {
  static readonly description = "Bengio et al. 2003: the embeddings of the context through one hidden layer"
  static readonly settings = {
    /** T: symbols of context, the one at the position itself included. */
    contextLength: sequenceLength,
    /** E: width of a symbol's embedding. */
    embedding: size(64, "width of a symbol's embedding"),
    /** H: hidden units. */
    hidden: size(64, "hidden units of a layer"),
    /** The W of the paper, which half of its networks have. */
    directConnections: toggle(false, "connect the embeddings to the logits directly too"),
  }

  readonly reads = "sequences"
  override readonly endless = true
  readonly config
  readonly vocabularySize: number
  readonly contextLength: number
  readonly embedding: Embedding // (V + 1, E): the last row is the blank before the start
  readonly hidden: Linear // (T E) -> (H), this position first, then the one before it, ...
  readonly head: Linear // (H) -> (V)
  readonly direct?: Linear // (T E) -> (V)

  constructor(options: MLPConfig) {
    super()
    this.config = configOf(MLP.settings, options)
    const { vocabularySize, contextLength, embedding, hidden, directConnections } = this.config
    this.vocabularySize = vocabularySize
    this.contextLength = contextLength
    this.embedding = new Embedding(vocabularySize + 1, embedding)
    this.hidden = Linear.uniform(contextLength * embedding, hidden)
    this.head = Linear.uniform(hidden, vocabularySize)
    if (directConnections)
      this.direct = Linear.uniform(contextLength * embedding, vocabularySize, { bias: false })
  }

  // int32 (B, T) -> (B, T, V)
  forward(ids: Tensor): Tensor {
    const [B, T] = ids.dims(2)
    const before = this.contextLength - 1
    const blanks = Tensor.full([B, before], this.vocabularySize, "int32")
    const embedded = this.embedding.forward(Tensor.concat([blanks, ids], 1)) // (B, before + T, E)
    const x = Tensor.concat(
      Array.from({ length: before + 1 }, (_, back) => embedded.slice(1, before - back, before - back + T)),
      -1,
    )
    return this.read(x)
  }

  // (..., T E) -> (..., V)
  private read(x: Tensor): Tensor {
    const logits = this.head.forward(this.hidden.forward(x).tanh())
    return this.direct ? logits.add(this.direct.forward(x)) : logits
  }

  override stateKinds(B: number): Record<string, Kind> {
    const before = this.contextLength - 1
    return before > 0 ? { earlier: { shape: [before, B], dtype: "int32" } } : {}
  }

  override step({ ids, age }: Position, { earlier }: State): { logits: Tensor; state: State } {
    const [B] = ids.dims(1)
    const T = this.contextLength
    const newest = ids.unsqueeze(0)
    const seen = earlier ? Tensor.concat([newest, earlier]) : newest // (T, B), this position first
    const back = Tensor.constant(
      Array.from({ length: T }, (_, t) => t),
      [T, 1],
      "int32",
    )
    const symbols = age.less(back).where(this.vocabularySize, seen)
    const x = this.embedding.forward(symbols).permute([1, 0, 2]).reshape([B, -1])
    return { logits: this.read(x), state: earlier ? { earlier: seen.slice(0, 0, T - 1) } : {} }
  }
}
