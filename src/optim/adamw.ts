/**
 * Adam with decoupled weight decay. Source: Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101, algorithm 2;
 * torch.optim.AdamW (https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html).
 */
import { fill, fraction, notNegative, type Options, positive, requireAccepted } from "../setting.ts"
import { decays, type Optimizer } from "./optimizer.ts"

const settings = {
  beta1: fraction(0.9, "decay rate of the running mean of gradients"),
  beta2: fraction(0.999, "decay rate of the running mean of squared gradients"),
  // The head's rows for words that never occur have tiny gradients of one sign. With an eps far below these, they move as fast as any.
  eps: positive(1e-8, "added to the root of the mean squared gradient"),
  weightDecay: notNegative(0.01, "weight decay"),
  decays,
}

/**
 * m ← β₁ m + (1 - β₁) g; v ← β₂ v + (1 - β₂) g²; θ ← θ (1 - rate weightDecay) - rate m̂ / (√v̂ + eps), where m̂ = m / (1 - β₁ᵗ) and
 * v̂ = v / (1 - β₂ᵗ) at step t = 1, 2, ...
 *
 * The moments are kept as m / (1 - β₁) and v / (1 - β₂), PyTorch's exp_avg and exp_avg_sq divided by those: two passes fewer.
 */
export function adamw({
  betas,
  ...options
}: Options<typeof settings> & { betas?: readonly [number, number] } = {}): Optimizer {
  const given = { beta1: betas?.[0], beta2: betas?.[1], ...options }
  requireAccepted("adamw", settings, given)
  const { beta1, beta2, eps, weightDecay, decays } = fill(settings, given)
  return {
    config: { name: "adamw", beta1, beta2, eps, weightDecay, decays },
    decays,
    moments: ["mean", "square"],
    // Two scalars hold the moments' missing factors and both bias corrections: rate m̂ / (√v̂ + eps) does not change when numerator
    // and denominator are divided by √((1 - β₂) / (1 - β₂ᵗ)).
    scalars(step, rate) {
      const root = Math.sqrt((1 - beta2 ** (step + 1)) / (1 - beta2))
      return {
        kept: 1 - rate * weightDecay,
        stepSize: (rate * root * (1 - beta1)) / (1 - beta1 ** (step + 1)),
        floor: eps * root,
      }
    },
    update(parameter, gradient, { scalars: { kept, stepSize, floor }, moments, decayed }) {
      const factor = decayed ? kept.sub(1).mul(decayed).add(1) : kept
      const mean = moments.mean.mul(beta1).add(gradient)
      const square = moments.square.mul(beta2).add(gradient.square())
      const change = mean.div(square.sqrt().add(floor)).mul(stepSize)
      return {
        parameter: (weightDecay === 0 ? parameter : parameter.mul(factor)).sub(change),
        moments: { mean, square },
      }
    },
  }
}

adamw.settings = settings
adamw.learningRate = 5e-4
