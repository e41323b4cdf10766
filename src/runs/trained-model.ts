/** A model with the numbers that a run gave it, and everything known of that run. */
import type { Model } from "../models/model.ts"
import type { TrainingState } from "../training/training-state.ts"
import type { Codec } from "./codec.ts"
import type { RunConfig } from "./run-config.ts"

export interface TrainedModel<M = Model> extends Codec {
  readonly folder: string
  readonly config: RunConfig
  readonly model: M
  /** How many steps it was trained for. */
  readonly steps: number
  /** Where the training stood then. */
  readonly training: TrainingState
}
