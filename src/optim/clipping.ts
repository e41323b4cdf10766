/** Gradient clipping by the global norm. Source: torch.nn.utils.clip_grad_norm_. */
import { positive, requireAccepted } from "../setting.ts"
import type { Tensor } from "../tensor/tensor.ts"

/** The gradients, scaled down to a global norm of at most `maxNorm`, and the norm before. */
export function clipGradNorm(
  gradients: readonly Tensor[],
  maxNorm: number,
): { gradients: Tensor[]; norm: Tensor } {
  requireAccepted("clipGradNorm", { maxNorm: positive(1, "") }, { maxNorm })
  const norm = gradients
    .map((g) => g.square().sum())
    .reduce((total, square) => total.add(square))
    .sqrt()
  const scale = norm.add(1e-6).reciprocal().mul(maxNorm).minimum(1)
  return { gradients: gradients.map((g) => g.mul(scale)), norm }
}
