/** Gradient clipping: all gradients together get no longer than a norm. Source: torch.nn.utils.clip_grad_norm_. */
import type { Tensor } from "../tensor/tensor.ts"

/** The gradients, scaled down so that the norm of all of them together is at most `maxNorm`; and that norm before. */
export function clipGradNorm(
  gradients: readonly Tensor[],
  maxNorm: number,
): { gradients: Tensor[]; norm: Tensor } {
  const norm = gradients
    .map((g) => g.square().sum())
    .reduce((total, square) => total.add(square))
    .sqrt()
  const scale = norm.add(1e-6).reciprocal().mul(maxNorm).minimum(1)
  return { gradients: gradients.map((g) => g.mul(scale)), norm }
}
