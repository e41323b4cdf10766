/** Schedules: the learning rate as a function of the step, 0 being the first. Names as in torch.optim.lr_scheduler. */
export type Schedule = (step: number) => number

/** The same rate always. */
export const constant =
  (rate: number): Schedule =>
  () =>
    rate

/** A number is the same rate always. */
export const scheduleOf = (rate: number | Schedule): Schedule =>
  typeof rate === "number" ? constant(rate) : rate

/** A rate that is multiplied by `gamma` at each milestone: PyTorch's MultiStepLR. The lecture: 0.1, and 0.01 from step 150,000. */
export const step =
  (rate: number, { milestones, gamma = 0.1 }: { milestones: readonly number[]; gamma?: number }): Schedule =>
  (number) =>
    rate * gamma ** milestones.filter((milestone) => number >= milestone).length

/**
 * Up from 0 in a straight line over `warmup` steps, then down to `minimum` along half a cosine, which ends at step `steps`.
 * Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, equation 5.
 */
export const cosine =
  (
    rate: number,
    { steps, warmup = 0, minimum = 0 }: { steps: number; warmup?: number; minimum?: number },
  ): Schedule =>
  (number) => {
    if (number < warmup) return (rate * (number + 1)) / warmup
    const progress = Math.min(1, (number - warmup) / Math.max(1, steps - warmup))
    return minimum + (rate - minimum) * 0.5 * (1 + Math.cos(Math.PI * progress))
  }
