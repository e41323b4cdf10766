/** Runs on disk: a trained model is opened from the folder of its run. */

export { directoryStore } from "./directory-store.ts"
export { openAnyModel, openModel, type TrainedModel } from "./open-model.ts"
export type { RunConfig } from "./run-config.ts"
export type { Store } from "./store.ts"
