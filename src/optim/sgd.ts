/**
 * Stochastic gradient descent, with momentum and weight decay as in torch.optim.SGD
 * (https://pytorch.org/docs/stable/generated/torch.optim.SGD.html).
 */
import { fill, fraction, notNegative, type Options, requireAccepted } from "../setting.ts"
import { decays, type Optimizer } from "./optimizer.ts"

const settings = {
  momentum: fraction(0, "momentum factor"),
  weightDecay: notNegative(0, "weight decay"),
  decays,
}

/** v ← momentum v + g + weightDecay θ; θ ← θ - rate v. Without momentum θ ← θ - rate g, the lecture's. */
export function sgd(options: Options<typeof settings> = {}): Optimizer {
  requireAccepted("sgd", settings, options)
  const { momentum, weightDecay, decays } = fill(settings, options)
  const config = { name: "sgd", momentum, weightDecay, decays }
  const scalars = (_: number, rate: number) => ({ rate })
  if (momentum === 0)
    return {
      config,
      decays,
      moments: [],
      scalars,
      gradientScale: "rate",
      update(parameter, scaled, { scalars: { rate }, decayed }) {
        const decay = decayed ? rate.mul(weightDecay).mul(decayed) : rate.mul(weightDecay)
        const kept = weightDecay === 0 ? parameter : parameter.sub(parameter.mul(decay))
        return { parameter: kept.sub(scaled), moments: {} }
      },
    }
  return {
    config,
    decays,
    moments: ["velocity"],
    scalars,
    update(parameter, gradient, { scalars: { rate }, moments, decayed }) {
      const decay = decayed ? decayed.mul(weightDecay) : weightDecay
      const direction = weightDecay === 0 ? gradient : gradient.add(parameter.mul(decay))
      const velocity = moments.velocity.mul(momentum).add(direction)
      return { parameter: parameter.sub(velocity.mul(rate)), moments: { velocity } }
    },
  }
}

sgd.settings = settings
sgd.learningRate = 0.1
