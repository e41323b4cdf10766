/** Runs: a whole training that is kept in a folder, and the model in it. */

export { directoryStore } from "./directory-store.ts"
export { openAnyModel, openModel } from "./open-model.ts"
export type { RunConfig } from "./run-config.ts"
export { runTraining, type TrainingEvent, type TrainingRequest } from "./run-training.ts"
export type { Store } from "./store.ts"
export type { TrainedModel } from "./trained-model.ts"
