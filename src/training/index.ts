/** Training as a stream, and evaluation over whole splits. */
export { type EvaluateOptions, evaluate, lossPerTarget } from "./evaluate.ts"
export { type Step, Training, type TrainingState, type TrainOptions, train } from "./train.ts"
