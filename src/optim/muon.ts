/**
 * Muon: momentum whose matrix is brought to the nearest orthogonal one, for the matrices between a network's input and its output, and
 * AdamW for all other parameters. Source: Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/. The scale, by which both parts
 * share a learning rate and a weight decay: Liu et al. 2025, https://arxiv.org/abs/2502.16982, section 2.2; torch.optim.Muon with
 * adjust_lr_fn="match_rms_adamw".
 */
import { fill, fraction, type Options, requireAccepted } from "../setting.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { adamw } from "./adamw.ts"
import type { Optimizer } from "./optimizer.ts"

const settings = {
  ...adamw.settings,
  momentum: fraction(0.95, "momentum factor"),
}

/** The polynomial a x + b x³ + c x⁵, repeated, takes singular values between 0 and 1 close to 1, between 0.7 and 1.2. */
const [a, b, c] = [3.4445, -4.775, 2.0315]
const iterations = 5

/** The root mean square of AdamW's updates, which those of Muon are given too. */
const size = 0.2

/**
 * v ← momentum v + g; O ← orthogonal(g + momentum v); θ ← θ (1 - rate weightDecay) - rate 0.2 √max(R, C) O, where θ is a matrix (R, C).
 * A weight of a convolution, (K, inputs, outputs), is one of K inputs rows.
 */
export function muon(options: Options<typeof settings> = {}): Optimizer {
  requireAccepted("muon", settings, options)
  const { momentum, ...ofAdamW } = fill(settings, options)
  const { weightDecay } = ofAdamW
  return {
    config: { name: "muon", momentum, ...ofAdamW },
    moments: ["velocity"],
    others: adamw(ofAdamW),
    scalars: (_, rate) => ({ rate, kept: 1 - rate * weightDecay }),
    update(parameter, gradient, { scalars: { rate, kept }, moments }) {
      const velocity = moments.velocity.mul(momentum).add(gradient)
      const matrix = gradient.add(velocity.mul(momentum)).reshape([-1, gradient.shape.at(-1)!])
      const scale = size * Math.sqrt(Math.max(...matrix.shape))
      const change = orthogonal(matrix).reshape(gradient.shape).mul(rate.mul(scale))
      return {
        parameter: (weightDecay === 0 ? parameter : parameter.mul(kept)).sub(change),
        moments: { velocity },
      }
    },
  }
}

muon.settings = settings
muon.learningRate = 1e-3

/** U Vᵀ of the singular value decomposition U S Vᵀ, approximately, by Newton-Schulz iterations: (R, C) -> (R, C). */
function orthogonal(matrix: Tensor): Tensor {
  const [R, C] = matrix.dims(2)
  if (R > C) return orthogonal(matrix.transpose()).transpose()
  let x = matrix.div(matrix.norm().add(1e-7))
  for (let k = 0; k < iterations; k++) {
    const square = x.matmul(x.transpose())
    x = x.mul(a).add(square.mul(b).add(square.matmul(square).mul(c)).matmul(x))
  }
  return x
}
