/**
 * The causal bag of words: each position adds the mean of itself and all before it, in whatever order they came, then an MLP.
 *
 *   ids (B, T) ─ Embedding + positions ─ x (B, T, E)
 *        └ x + mean of x up to here ─ x (B, T, E)
 *        └ x + Linear(tanh(Linear(x))), through (B, T, H) ─ x (B, T, E) ─ Linear ─ logits (B, T, V)
 *
 * It is a block of the transformer whose attention is the same for all it sees.
 * Source: makemore.py's BoW, https://github.com/karpathy/makemore.
 */
import { Embedding } from "../nn/embedding.ts"
import { Linear } from "../nn/linear.ts"
import { size } from "../setting.ts"
import type { Kind } from "../tensor/op.ts"
import { Tensor } from "../tensor/tensor.ts"
import { configOf, Model, type ModelOptions, type Position, type State, sequenceLength } from "./model.ts"

export type BagOfWordsConfig = ModelOptions<typeof BagOfWords.settings>

export class BagOfWords extends Model {
  static readonly description = "a bag of words: the mean of everything so far, in whatever order it came"
  static readonly settings = {
    /** T: positions of a sequence. */
    contextLength: sequenceLength,
    /** E: width of the embeddings of a symbol and of a position. */
    embedding: size(64, "width of a symbol's embedding"),
    /** H: hidden units. */
    hidden: size(64, "hidden units of a layer"),
  }

  readonly reads = "sequences"
  readonly config
  readonly vocabularySize: number
  readonly contextLength: number
  readonly embedding: Embedding // (V, E), makemore's wte
  readonly positions: Embedding // (T, E), makemore's wpe
  readonly expand: Linear // (E) -> (H), makemore's c_fc
  readonly project: Linear // (H) -> (E), makemore's c_proj
  readonly head: Linear // (E) -> (V), makemore's lm_head

  constructor(options: BagOfWordsConfig) {
    super()
    this.config = configOf(BagOfWords.settings, options)
    const { vocabularySize, contextLength, embedding, hidden } = this.config
    this.vocabularySize = vocabularySize
    this.contextLength = contextLength
    this.embedding = new Embedding(vocabularySize, embedding)
    this.positions = new Embedding(contextLength, embedding)
    this.expand = Linear.uniform(embedding, hidden)
    this.project = Linear.uniform(hidden, embedding)
    this.head = Linear.uniform(embedding, vocabularySize)
  }

  // int32 (B, T) -> (B, T, V)
  forward(ids: Tensor): Tensor {
    const [, T] = ids.dims(2)
    const x = this.embedding.forward(ids).add(this.positions.weight.slice(0, 0, T))
    return this.read(x.add(causalMean(T).matmul(x)))
  }

  // (..., E) -> (..., V)
  private read(x: Tensor): Tensor {
    return this.head.forward(x.add(this.project.forward(this.expand.forward(x).tanh())))
  }

  override stateKinds(B: number): Record<string, Kind> {
    return { sum: { shape: [B, this.config.embedding], dtype: "float32" } }
  }

  override step({ ids, age }: Position, state: State): { logits: Tensor; state: State } {
    const x = this.embedding.forward(ids).add(this.positions.forward(age))
    const sum = age.equal(0).unsqueeze(1).where(0, state.sum).add(x)
    const mean = sum.div(age.cast("float32").add(1).unsqueeze(1))
    return { logits: this.read(x.add(mean)), state: { sum } }
  }
}

/** (T, T), whose product with (B, T, E) has at each position the mean of the positions up to it. */
function causalMean(T: number): Tensor {
  const weights = Array.from({ length: T * T }, (_, at) => {
    const [row, column] = [Math.floor(at / T), at % T]
    return column <= row ? 1 / (row + 1) : 0
  })
  return Tensor.constant(weights, [T, T])
}
