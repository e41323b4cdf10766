/** The options of a training, besides its module, data and loss. */
import type { Batches } from "../data/batches.ts"
import type { Optimizer } from "../optim/optimizer.ts"
import type { Schedule } from "../optim/schedules.ts"
import type { Generator } from "../random/torch.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import type { ParameterGroup } from "./parameter-groups.ts"
import type { TrainingState } from "./training-state.ts"

export interface TrainOptions {
  /** The number of steps in all, including those of `from`. */
  readonly steps: number
  /** Pulls end at multiples of this many steps; by default a pull is one call of the runtime. It changes no number. */
  readonly every?: number
  /** B, the rows of a step; 32. */
  readonly batchSize?: number
  readonly optimizer?: Optimizer
  /** The learning rate, constant or by step; 0.1. */
  readonly rate?: number | Schedule
  /** Parameters with their own optimizer or rate, and frozen parameters. */
  readonly groups?: readonly ParameterGroup[]
  /** Maximum global gradient norm (2-norm over all parameters). */
  readonly clipNorm?: number
  /** The decay of a moving average of the parameters, such as 0.998: average ← ema average + (1 - ema) parameter; see `averaged`. */
  readonly ema?: number
  /** The generator that draws the rows of each batch; by default one with PyTorch's default seed, not that of `manualSeed`. */
  readonly generator?: Generator
  /** Chooses the rows of each step; by default they are drawn with replacement. */
  readonly batches?: (generator: Generator, count: number, batchSize: number) => Batches
  /** Resumes from this state; the module must hold the parameters and buffers that it had then. */
  readonly from?: TrainingState
  readonly runtime?: RuntimeOptions
}
