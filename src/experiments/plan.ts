/**
 * The plan of a sweep: a YAML or JSON file with a recipe, the parameters that vary, how to search them, and when to stop.
 * Words: Weights & Biases' sweep configurations, https://docs.wandb.ai/models/sweeps/sweep-config-keys, in camelCase.
 */
import type { searches } from "./search/index.ts"
import type { Space } from "./space.ts"

export interface Plan {
  /** Of its file, for errors. */
  readonly name: string
  /** With the recipe that all trials share. */
  readonly space: Space
  readonly method: keyof typeof searches
  /** Each point is a trial with each of these. */
  readonly seeds: readonly number[]
  readonly metric: Metric
  readonly earlyTerminate?: EarlyTerminate
  readonly budget: Budget
}

export interface Metric {
  readonly name: "validation" | "accuracy"
  readonly goal: "minimize" | "maximize"
}

/** ASHA's first rung, in steps, and the factor from each rung to the next. */
export interface EarlyTerminate {
  readonly type: "asha"
  readonly minSteps: number
  readonly eta: number
}

/** The sweep ends before it would exceed one of these. */
export interface Budget {
  /** Trials. */
  readonly runs?: number
  readonly seconds?: number
  /** The most that a model may have. */
  readonly parameters?: number
  /** Of all trials together. */
  readonly steps?: number
}
