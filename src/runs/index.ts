/** Runs on disk: a trained model is opened from the folder of its run. */
export { openAnyModel, openModel } from "./open-model.ts"
export type { RunConfig } from "./run-config.ts"
export type { TrainedModel } from "./trained-model.ts"
