/**
 * The decoder-only transformer: in each block every position attends to itself and all before it, then passes through an MLP.
 *
 *   ids (B, T) ─ Embedding + positions ─ x (B, T, E)
 *        └ layers times: x + attention(LayerNorm(x)) ─ x + MLP(LayerNorm(x)) ─ x (B, T, E)
 *             attention: (B, T, E) ─ heads ─ (B, T, E);  MLP: (B, T, E) ─ Linear ─ GELU ─ (B, T, 4 E) ─ Linear ─ (B, T, E)
 *        └ LayerNorm ─ Linear without bias ─ logits (B, T, V)
 *
 * Source: makemore.py's Transformer, https://github.com/karpathy/makemore; Radford et al. 2019, "Language models are unsupervised
 * multitask learners", section 2.3 (GPT-2); Vaswani et al. 2017, https://arxiv.org/abs/1706.03762.
 */
import { CausalSelfAttention } from "../nn/causal-self-attention.ts"
import { type Dropout, dropoutOf } from "../nn/dropout.ts"
import { Embedding } from "../nn/embedding.ts"
import { Layer } from "../nn/layer.ts"
import { LayerNorm } from "../nn/layer-norm.ts"
import { Linear } from "../nn/linear.ts"
import { type Past, whole } from "../nn/past.ts"
import { size } from "../setting.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { configOf, dropout, type ForwardOptions, Model, type ModelOptions, sequenceLength } from "./model.ts"

export class Transformer extends Model {
  static readonly description =
    "a decoder-only transformer, as GPT-2: every position looks back on all before it"
  static readonly settings = {
    contextLength: sequenceLength, // T
    layers: size(4, "blocks", { most: 96 }),
    heads: size(4, "attention heads of a block"), // they divide the width of the embedding
    embedding: size(64, "width of a symbol's embedding"), // E
    dropout, // of x at first, of the weights of an attention, and of what a block adds: GPT-2's three
  }

  readonly reads = "sequences"
  override readonly steps = "context"
  readonly config
  readonly embedding: Embedding // (V, E), makemore's wte
  readonly positions: Embedding // (T, E), makemore's wpe
  readonly blocks: readonly Block[]
  readonly norm: LayerNorm // makemore's ln_f
  readonly head: Linear // (E) -> (V), makemore's lm_head
  readonly dropout?: Dropout

  constructor(options: ModelOptions<typeof Transformer.settings>) {
    super()
    this.config = configOf(Transformer, options)
    const { vocabularySize, contextLength, layers, heads, embedding, dropout } = this.config
    this.embedding = new Embedding(vocabularySize, embedding)
    this.positions = new Embedding(contextLength, embedding)
    this.blocks = Array.from({ length: layers }, () => new Block(embedding, heads))
    this.norm = new LayerNorm(embedding)
    this.head = Linear.uniform(embedding, vocabularySize, { bias: false })
    this.dropout = dropoutOf(dropout)
  }

  // int32 (B, T) -> (B, T, V)
  forward(ids: Tensor, { past = whole }: ForwardOptions = {}): Tensor {
    const [, T] = ids.dims(2)
    const x = this.embedding.forward(ids).add(past.positions(this.positions.weight, T))
    const first = this.dropout?.forward(x) ?? x
    const y = this.blocks.reduce((y, block) => block.forward(y, past, this.dropout), first)
    return this.head.forward(this.norm.forward(y))
  }
}

/** Attention and an MLP, each with a LayerNorm before it and a residual connection around it. */
class Block extends Layer {
  readonly norm1: LayerNorm
  readonly attention: CausalSelfAttention
  readonly norm2: LayerNorm
  readonly expand: Linear // (E) -> (4 E), makemore's c_fc
  readonly project: Linear // (4 E) -> (E), makemore's c_proj

  constructor(width: number, heads: number) {
    super()
    this.norm1 = new LayerNorm(width)
    this.attention = new CausalSelfAttention(width, heads)
    this.norm2 = new LayerNorm(width)
    this.expand = Linear.uniform(width, 4 * width)
    this.project = Linear.uniform(4 * width, width)
  }

  // (B, T, E) -> (B, T, E)
  forward(x: Tensor, past: Past = whole, dropout?: Dropout): Tensor {
    const dropped = (added: Tensor) => dropout?.forward(added) ?? added
    const y = x.add(dropped(this.attention.forward(this.norm1.forward(x), past, dropout)))
    const hidden = this.expand.forward(this.norm2.forward(y)).gelu({ approximate: "tanh" })
    return y.add(dropped(this.project.forward(hidden)))
  }
}
