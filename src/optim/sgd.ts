/**
 * Stochastic gradient descent, with momentum and weight decay as in torch.optim.SGD
 * (https://pytorch.org/docs/stable/generated/torch.optim.SGD.html).
 */
import { fill, fraction, notNegative, type Options, requireAccepted } from "../setting.ts"
import type { Optimizer } from "./optimizer.ts"

const settings = {
  momentum: fraction(0, "momentum factor"),
  weightDecay: notNegative(0, "weight decay"),
}

/** v ← momentum v + g + weightDecay θ; θ ← θ - rate v. Without momentum θ ← θ - rate g, the lecture's. */
export function sgd(options: Options<typeof settings> = {}): Optimizer {
  requireAccepted("sgd", settings, options)
  const { momentum, weightDecay } = fill(settings, options)
  const config = { name: "sgd", momentum, weightDecay }
  const scalars = (_: number, rate: number) => ({ rate })
  if (momentum === 0)
    return {
      config,
      moments: [],
      scalars,
      gradientScale: "rate",
      update(parameter, scaled, { scalars: { rate } }) {
        const kept = weightDecay === 0 ? parameter : parameter.sub(parameter.mul(rate.mul(weightDecay)))
        return { parameter: kept.sub(scaled), moments: {} }
      },
    }
  return {
    config,
    moments: ["velocity"],
    scalars,
    update(parameter, gradient, { scalars: { rate }, moments }) {
      const direction = weightDecay === 0 ? gradient : gradient.add(parameter.mul(weightDecay))
      const velocity = moments.velocity.mul(momentum).add(direction)
      return { parameter: parameter.sub(velocity.mul(rate)), moments: { velocity } }
    },
  }
}

sgd.settings = settings
sgd.learningRate = 0.1
