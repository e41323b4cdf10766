/**
 * Causal self-attention: in each head, a position takes the mean of the values of all positions up to itself, weighted by how well
 * their keys match its query.
 *
 *   x (B, T, C) ─ Linear ─ (B, T, 3 C) ─ queries, keys, values, each (B, heads, T, D) with D = C / heads
 *        └ softmax(queries keysᵀ / √D, later positions left out) ─ (B, heads, T, T) ─ × values ─ (B, heads, T, D)
 *        └ heads side by side ─ (B, T, C) ─ Linear ─ (B, T, C)
 *
 * Source: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, section 3.2; makemore.py's CausalSelfAttention. It is
 * torch.nn.MultiheadAttention with a causal mask, but initialized as torch.nn.Linear. makemore's names are c_attn and c_proj, PyTorch's
 * in_proj_weight, in_proj_bias and out_proj, weights transposed.
 */
import { UserError } from "../errors.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"
import { Linear } from "./linear.ts"
import { type Past, whole } from "./past.ts"

export class CausalSelfAttention extends Layer {
  readonly attention: Linear // (C) -> (3 C): queries, keys, values, side by side
  readonly projection: Linear // (C) -> (C)
  private readonly heads: number

  constructor(width: number, heads: number) {
    super()
    this.requireSizes({ width, heads })
    if (width % heads !== 0)
      throw new UserError(
        `CausalSelfAttention: ${heads} heads do not divide a width of ${width}: give a multiple of ${heads}`,
      )
    this.attention = Linear.uniform(width, 3 * width)
    this.projection = Linear.uniform(width, width)
    this.heads = heads
  }

  override extraRepr() {
    return { embedDim: this.projection.weight.shape[0], numHeads: this.heads }
  }

  /** @param dropout Applies to the weights of the mean. */
  // (B, T, C) -> (B, T, C)
  forward(x: Tensor, past: Past = whole, dropout?: Layer): Tensor {
    const [B, T, C] = x.dims(3)
    const D = C / this.heads
    const parts = this.attention.forward(x).reshape([B, T, 3, this.heads, D]).permute([2, 0, 3, 1, 4])
    const [queries, keys, values] = parts.unbind(0)
    const scores = queries.matmul(past.all(keys).transpose()).mul(1 / Math.sqrt(D))
    const weights = past.hideLater(scores).softmax() // (B, heads, T, T)
    const y = (dropout?.forward(weights) ?? weights).matmul(past.all(values)) // (B, heads, T, D)
    return this.projection.forward(y.permute([0, 2, 1, 3]).reshape([B, T, C]))
  }
}
