/**
 * The learning-rate range test: over a short training the rate grows by a constant factor each step. The loss hardly changes while
 * the rate is too small, falls fastest where it is right, and rises where it is too large.
 * Source: Smith 2017, https://arxiv.org/abs/1506.01186, section 3.3; makemore part 2, "finding a good initial learning rate".
 */
import type { Dataset } from "../data/dataset.ts"
import { requireOptions, UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import type { Module } from "../nn/module.ts"
import { positive, requireAccepted, whole } from "../setting.ts"
import type { Columns } from "./columns.ts"
import { DivergenceError } from "./divergence.ts"
import type { LossFunction } from "./loss.ts"
import type { TrainOptions } from "./train-options.ts"
import { Training } from "./training.ts"
import type { TrainingProgress } from "./training-state.ts"

export interface RateTrial {
  readonly rate: number
  /** The loss of the step's batch. */
  readonly loss: number
  /** The value of a straight line fitted to this trial and those around it. */
  readonly smoothed: number
  /** The slope of that line: the change of the loss per factor of ten in the rate. */
  readonly slope: number
}

export interface RateSuggestion {
  /** The rate of the steepest fall of the loss: a safe choice. */
  readonly steepest: number
  /** A tenth of the rate with the lowest loss. */
  readonly tenthOfLowest: number
}

export interface RateFinding {
  /** In the order of their rates. */
  readonly trials: readonly RateTrial[]
  /** Missing if the loss never falls, or if fewer than FEWEST_TRIALS rates were tried. */
  readonly suggestion?: RateSuggestion
  /** Whether the test ended early because the loss exploded. */
  readonly diverged: boolean
}

export interface RateFinderOptions
  extends Pick<TrainOptions, "batchSize" | "optimizer" | "clipNorm" | "generator" | "batches" | "runtime"> {
  /** The first rate. */
  readonly lowest?: number
  /** The last rate. */
  readonly highest?: number
  /** The number of rates, one per step. */
  readonly steps?: number
}

/** Smoothing compares each trial with those around it, which is too slow for more. */
const settings = {
  lowest: positive(1e-4, ""),
  highest: positive(10, ""),
  steps: whole(1000, "", { least: 2, most: 100_000 }),
}

const names = [
  ...Object.keys(settings),
  ...["batchSize", "optimizer", "clipNorm", "generator", "batches", "runtime", "loss"],
]

/** With fewer trials, smoothing compares each with its two neighbors, and one batch decides. */
export const FEWEST_TRIALS = 20

/** The test ends when the loss exceeds this many times the lowest. */
const EXPLODED = 4

/** Tries the rates on a module, and restores its parameters and buffers. */
export function learningRateFinder(
  model: Model,
  data: Dataset,
  options?: RateFinderOptions,
): Promise<RateFinding>
export function learningRateFinder<Data extends Columns>(
  module: Module,
  data: Data,
  options: RateFinderOptions & { readonly loss: LossFunction<Data> },
): Promise<RateFinding>
export async function learningRateFinder(
  module: Module,
  data: Columns,
  given: RateFinderOptions & { readonly loss?: LossFunction<never> } = {},
): Promise<RateFinding> {
  requireOptions("learningRateFinder", given, names)
  const { lowest = 1e-4, highest = 10, steps = 1000, ...options } = given
  requireAccepted("learningRateFinder", settings, { lowest, highest, steps })
  if (lowest >= highest)
    throw new UserError(`rates from ${lowest} to ${highest}: give two above 0, the lower one first`)
  const rateOf = (step: number) => lowest * (highest / lowest) ** (step / (steps - 1))
  const before = module.stateDict()
  const tried: { rate: number; loss: number }[] = []
  let [recent, best] = [Number.NaN, Infinity]
  let diverged = false
  const add = ({ losses, rates }: Pick<TrainingProgress, "losses" | "rates">) => {
    for (const [k, loss] of losses.entries()) {
      // One hard batch may be chance; ten in a row are not.
      recent = tried.length === 0 ? loss : 0.9 * recent + 0.1 * loss
      best = Math.min(best, recent)
      diverged = recent > EXPLODED * best
      if (diverged) return
      tried.push({ rate: rates[k], loss })
    }
  }
  const training = new Training(module, data, { ...options, steps, rate: rateOf })
  try {
    for await (const progress of training) {
      add(progress)
      if (diverged) break
    }
  } catch (error) {
    if (!(error instanceof DivergenceError)) throw error
    add(error.before)
    diverged = true
  } finally {
    await training.release()
    module.loadStateDict(before)
  }
  const trials = smoothTrials(tried)
  const suggestion = trials.length < FEWEST_TRIALS ? undefined : suggestionOf(trials)
  return { trials, suggestion, diverged }
}

/** Fits a line to each trial and its neighbors (5 % of the trials on either side), by least squares over log10 of the rate. */
export function smoothTrials(tried: readonly { rate: number; loss: number }[]): RateTrial[] {
  const reach = Math.max(1, Math.round(tried.length / 20))
  return tried.map(({ rate, loss }, k) => {
    const around = tried.slice(Math.max(0, k - reach), k + reach + 1)
    const xs = around.map((each) => Math.log10(each.rate))
    const [x, y] = [mean(xs), mean(around.map((each) => each.loss))]
    const spread = xs.reduce((sum, each) => sum + (each - x) ** 2, 0)
    const together = xs.reduce((sum, each, j) => sum + (each - x) * (around[j].loss - y), 0)
    const slope = spread > 0 ? together / spread : 0
    return { rate, loss, smoothed: y + slope * (Math.log10(rate) - x), slope }
  })
}

/** Undefined if the curve never falls. */
export function suggestionOf(trials: readonly RateTrial[]): RateSuggestion | undefined {
  if (trials.length === 0) return undefined
  const lowest = trials.reduce((a, b) => (b.smoothed < a.smoothed ? b : a))
  const falling = trials.slice(0, trials.indexOf(lowest) + 1)
  const steepest = falling.reduce((a, b) => (b.slope < a.slope ? b : a))
  return steepest.slope < 0 ? { steepest: steepest.rate, tenthOfLowest: lowest.rate / 10 } : undefined
}

const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length
