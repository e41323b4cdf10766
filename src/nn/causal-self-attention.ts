/**
 * Self-attention that looks back only: each position asks all up to itself, and takes a mean of what they have to say, weighted
 * by how well they answer; in `heads` ways at once.
 *
 *   x (B, T, C) ─ Linear ─ (B, T, 3 C) ─ queries, keys, values, each (B, heads, T, D) with D = C / heads
 *        └ softmax(queries keysᵀ / √D, later positions left out) ─ (B, heads, T, T) ─ × values ─ (B, heads, T, D)
 *        └ heads side by side ─ (B, T, C) ─ Linear ─ (B, T, C)
 *
 * Source: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, section 3.2; makemore.py's CausalSelfAttention. It is
 * torch.nn.MultiheadAttention with a causal mask, but starts as torch.nn.Linear does. Their names: makemore's c_attn and c_proj,
 * PyTorch's in_proj_weight with in_proj_bias and out_proj, weights transposed.
 */
import { UserError } from "../errors.ts"
import type { Kind } from "../tensor/op.ts"
import { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"
import { Linear } from "./linear.ts"

export class CausalSelfAttention extends Layer {
  readonly attention: Linear // (C) -> (3 C): queries, keys, values, side by side
  readonly projection: Linear // (C) -> (C)
  private readonly heads: number

  constructor(width: number, heads: number) {
    super()
    if (width % heads !== 0)
      throw new UserError(
        `CausalSelfAttention: ${heads} heads do not divide a width of ${width}: give a multiple of the heads`,
      )
    this.attention = Linear.uniform(width, 3 * width)
    this.projection = Linear.uniform(width, width)
    this.heads = heads
  }

  override extraRepr() {
    return { embedDim: this.projection.weight.shape[0], numHeads: this.heads }
  }

  // (B, T, C) -> (B, T, C)
  forward(x: Tensor): Tensor {
    const [B, T, C] = x.dims(3)
    const D = C / this.heads
    const parts = this.attention.forward(x).reshape([B, T, 3, this.heads, D]).permute([2, 0, 3, 1, 4])
    const [queries, keys, values] = [0, 1, 2].map((k) => parts.slice(0, k, k + 1).squeeze(0))
    const scores = queries
      .matmul(keys.transpose())
      .mul(1 / Math.sqrt(D))
      .add(causalMask(T))
    const y = scores.softmax().matmul(values) // (B, heads, T, D)
    return this.projection.forward(y.permute([0, 2, 1, 3]).reshape([B, T, C]))
  }

  /** What B sequences have said of themselves so far, for T positions at most: a row for each head and position, one below the other. */
  cacheKinds(B: number, T: number): Record<"keys" | "values", Kind> {
    const { heads } = this
    const kind: Kind = { shape: [B * heads * T, this.projection.weight.shape[0] / heads], dtype: "float32" }
    return { keys: kind, values: kind }
  }

  /** One position of each sequence, the one after `age` int32 (B) others: x (B, C) -> (B, C). */
  step(x: Tensor, age: Tensor, cache: Record<"keys" | "values", Tensor>) {
    const { heads } = this
    const [B, C] = x.dims(2)
    const [rows, D] = cache.keys.dims(2)
    const T = rows / (B * heads)
    const parts = this.attention.forward(x).reshape([B, 3, heads, D])
    const [query, key, value] = [0, 1, 2].map((k) => parts.slice(1, k, k + 1).reshape([B * heads, D]))
    const here = integers(B * heads)
      .mul(T)
      .add(
        age
          .unsqueeze(1)
          .expand([B, heads])
          .reshape([B * heads]),
      )
    const keys = cache.keys.indexCopy(here, key)
    const values = cache.values.indexCopy(here, value)
    const all = [B, heads, T, D]
    const answers = query.reshape([B, heads, 1, D]).matmul(keys.reshape(all).transpose()) // (B, heads, 1, T)
    const later = integers(T).greater(age.unsqueeze(1)).reshape([B, 1, 1, T])
    const scores = later.where(-Infinity, answers.mul(1 / Math.sqrt(D)))
    const y = scores.softmax().matmul(values.reshape(all)).reshape([B, C])
    return { y: this.projection.forward(y), cache: { keys, values } }
  }
}

/** 0 to count - 1. */
const integers = (count: number): Tensor =>
  Tensor.constant(
    Array.from({ length: count }, (_, k) => k),
    [count],
    "int32",
  )

/** (T, T) to be added to scores: nothing up to the diagonal, minus infinity after it. */
function causalMask(T: number): Tensor {
  const mask = Array.from({ length: T * T }, (_, at) => (at % T > Math.floor(at / T) ? -Infinity : 0))
  return Tensor.constant(mask, [T, T])
}
