/** Optimizers, schedules and clipping: how gradients become changes. */
export { adamw } from "./adamw.ts"
export { clipGradNorm } from "./clipping.ts"
export type { Optimizer, Tensors } from "./optimizer.ts"
export { constant, cosine, type Schedule, step } from "./schedules.ts"
export { sgd } from "./sgd.ts"
