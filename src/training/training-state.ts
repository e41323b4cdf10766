/** The state of a training, and the progress that it reports. */
import type { BatchesState } from "../data/batches.ts"
import type { StateDict } from "../nn/module.ts"
import type { GeneratorState } from "../random/torch.ts"

/** Everything that a training needs to resume exactly, besides the module's parameters and buffers. */
export interface TrainingState {
  /** How many steps have been taken. */
  readonly steps: number
  readonly generator: GeneratorState
  readonly batches: BatchesState
  /** The optimizers' moments, by the moment's name, then the parameter's. */
  readonly moments: Readonly<Record<string, StateDict>>
  /** The moving averages of the parameters, with `ema`. */
  readonly averages?: StateDict
}

/** The series cover the steps since the previous pull. */
export interface TrainingProgress {
  /** How many steps have been taken. */
  readonly step: number
  /** The loss of the last step: of its batch, before its update. */
  readonly loss: number
  /** The learning rate of the last step, outside of groups. */
  readonly rate: number
  readonly losses: Float32Array
  readonly rates: Float64Array
  /** Whatever else the loss reports, by name. */
  readonly reports: Readonly<Record<string, Float32Array>>
}
