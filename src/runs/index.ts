/** Runs: a whole training that is kept in a folder, and the model in it. */

export { type Base, openBase, writeBase } from "./base.ts"
export { directoryStore } from "./directory-store.ts"
export { type Metrics, readMetrics } from "./metrics.ts"
export { openAnyModel, openModel } from "./open-model.ts"
export type { Recipe } from "./recipe.ts"
export type { RecordedProgress, Validation } from "./record.ts"
export { Run } from "./run.ts"
export { type RunConfig, readConfig } from "./run-config.ts"
export { runTraining, type TrainingEvent, type TrainingRequest } from "./run-training.ts"
export type { Store } from "./store.ts"
export type { TrainedModel } from "./trained-model.ts"
export { type Known, warmStart } from "./warm-start.ts"
