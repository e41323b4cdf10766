/** The trained model of a run, and the run's config and state. */
import type { Model } from "../models/model.ts"
import type { TrainingState } from "../training/training-state.ts"
import type { Codec } from "./codec.ts"
import type { RunConfig } from "./run-config.ts"

export interface TrainedModel<M = Model> extends Codec {
  readonly folder: string
  readonly config: RunConfig
  readonly model: M
  /** The number of steps it was trained for. */
  readonly steps: number
  readonly training: TrainingState
}
