/** What a training is told, beside its module, its data and its loss. */
import type { Batches } from "../data/batches.ts"
import type { Optimizer } from "../optim/optimizer.ts"
import type { Schedule } from "../optim/schedules.ts"
import type { Generator } from "../random/torch.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import type { ParameterGroup } from "./parameter-groups.ts"
import type { TrainingState } from "./training-state.ts"

export interface TrainOptions {
  /** How many steps there are in all, those of `from` included. */
  readonly steps: number
  /** Pulls end at multiples of this number of steps; by default a pull is one call of the runtime. It changes no number. */
  readonly every?: number
  /** B, the rows of a step; 32. */
  readonly batchSize?: number
  readonly optimizer?: Optimizer
  /** The learning rate, constant or by step; 0.1. */
  readonly rate?: number | Schedule
  /** Parameters with an optimizer or a rate of their own, or frozen. */
  readonly groups?: readonly ParameterGroup[]
  /** Maximum global gradient norm (2-norm over all parameters). */
  readonly clipNorm?: number
  /** The decay of an exponential moving average of the parameters, such as 0.998; see `averaged`. */
  readonly ema?: number
  /** The stream that the rows of each batch are drawn from; the default has PyTorch's default seed. */
  readonly generator?: Generator
  /** Which rows a step reads; by default they are drawn with replacement. */
  readonly batches?: (generator: Generator, count: number, batchSize: number) => Batches
  /** Resumes from here; the module must hold the numbers it had then. */
  readonly from?: TrainingState
  readonly runtime?: RuntimeOptions
}
