/** Schedules: the learning rate as a function of the step, 0 being the first. Names as in torch.optim.lr_scheduler. */
import {
  type Declared,
  derived,
  fill,
  notNegative,
  type Options,
  requireAccepted,
  whole,
  wholes,
} from "../setting.ts"

export type Schedule = (step: number) => number

/** A schedule as an entry of the table: a function of the peak learning rate, the number of steps and its own settings. */
export interface ScheduleKind {
  (rate: number, options: { steps: number }): Schedule
  readonly settings: Declared
}

/** A constant rate. */
export function constant(rate: number, _options = {}): Schedule {
  requireRates("constant", { rate })
  return () => rate
}
constant.settings = {}

/** Rates are 0 or more, and float32 holds them. */
function requireRates(of: string, rates: Readonly<Record<string, number | undefined>>): void {
  for (const name of Object.keys(rates))
    requireAccepted(of, { [name]: notNegative(0, "", { most: 1e38 }) }, rates)
}

/** A number means a constant rate. A schedule that gives an invalid rate for a step throws a RangeError at that step. */
export function scheduleOf(rate: number | Schedule): Schedule {
  if (typeof rate !== "function") return constant(rate)
  return (step) => {
    const found = rate(step)
    requireRates(`schedule, step ${step}`, { rate: found })
    return found
  }
}

const stepSettings = {
  milestones: wholes(
    derived("three quarters of the steps", ({ steps }: { steps: number }) => [Math.floor(steps * 0.75)]),
    "steps at which the rate falls to a tenth, separated by commas",
    { unit: "steps", wanted: "give steps, separated by commas, such as 150000" },
  ),
}

/**
 * A rate that is multiplied by `gamma` at each milestone, or at three quarters of `steps`: PyTorch's MultiStepLR. The lecture: 0.1,
 * and 0.01 from step 150,000.
 */
export function step(
  rate: number,
  { gamma = 0.1, ...options }: Options<typeof stepSettings> & { steps?: number; gamma?: number },
): Schedule {
  requireRates("step", { rate, gamma })
  requireAccepted("step", stepSettings, options)
  const { milestones } = fill(stepSettings, options)
  if (milestones.some(Number.isNaN)) throw new RangeError("step: give the milestones, or the number of steps")
  return (number) => rate * gamma ** milestones.filter((milestone) => number >= milestone).length
}
step.settings = stepSettings

const cosineSettings = {
  warmup: whole(0, "steps over which the rate rises first", { unit: "steps", least: 0 }),
}

/**
 * Up from 0 in a straight line over `warmup` steps, then down to `minimum` along half a cosine, which ends at step `steps`.
 * Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, equation 5.
 */
export function cosine(
  rate: number,
  { steps, minimum = 0, ...options }: Options<typeof cosineSettings> & { steps: number; minimum?: number },
): Schedule {
  requireRates("cosine", { rate, minimum })
  requireAccepted(
    "cosine",
    { steps: whole(undefined, "", { least: 1 }), ...cosineSettings },
    { steps, ...options },
  )
  const { warmup } = fill(cosineSettings, options)
  return (number) => {
    if (number < warmup) return (rate * (number + 1)) / warmup
    const progress = Math.min(1, (number - warmup) / Math.max(1, steps - warmup))
    return minimum + (rate - minimum) * 0.5 * (1 + Math.cos(Math.PI * progress))
  }
}
cosine.settings = cosineSettings

const inverseTimeSettings = {
  rateDecay: notNegative(
    1e-8,
    "r of the schedule inverse-time, which divides the learning rate by 1 + r t at step t",
  ),
}

/**
 * The rate over 1 + `rateDecay` times the step. Source: Bengio et al. 2003, https://jmlr.org/papers/v3/bengio03a.html, section 2.1, with
 * 1e-8 a word; Keras's InverseTimeDecay.
 */
export function inverseTime(
  rate: number,
  options: Options<typeof inverseTimeSettings> & { steps?: number } = {},
): Schedule {
  requireRates("inverseTime", { rate })
  const { rateDecay } = fill(inverseTimeSettings, options)
  requireAccepted("inverseTime", inverseTimeSettings, { rateDecay })
  return (number) => rate / (1 + rateDecay * number)
}
inverseTime.settings = inverseTimeSettings
