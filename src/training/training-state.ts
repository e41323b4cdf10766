/** Where a training stands: what it tells of the steps it took, and what it remembers for those to come. */
import type { BatchesState } from "../data/batches.ts"
import type { StateDict } from "../nn/module.ts"
import type { GeneratorState } from "../random/torch.ts"

/** All that a training needs, beside the module's own numbers, to go on as if it had never stopped. */
export interface TrainingState {
  /** How many steps have been taken. */
  readonly steps: number
  readonly generator: GeneratorState
  readonly batches: BatchesState
  /** What the optimizers remember: by the name of the moment, then by that of the parameter. */
  readonly moments: Readonly<Record<string, StateDict>>
  /** The moving averages of the parameters, if they are kept. */
  readonly averages?: StateDict
}

/** Where a training stands. The series cover the steps since the pull before. */
export interface TrainingProgress {
  /** How many steps have been taken. */
  readonly step: number
  /** The loss of the last step: of its batch, before its update. */
  readonly loss: number
  /** The learning rate of the last step, without groups. */
  readonly rate: number
  readonly losses: Float32Array
  readonly rates: Float64Array
  /** What else the loss reports, by name. */
  readonly reports: Readonly<Record<string, Float32Array>>
}
