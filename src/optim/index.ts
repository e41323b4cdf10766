/** Optimizers, schedules and clipping. The tables list them by their names on the command line. */
import { adamw } from "./adamw.ts"
import type { OptimizerKind } from "./optimizer.ts"
import { constant, cosine, type ScheduleKind, step } from "./schedules.ts"
import { sgd } from "./sgd.ts"

export { adamw } from "./adamw.ts"
export { clipGradNorm } from "./clipping.ts"
export type { Optimizer, Tensors } from "./optimizer.ts"
export { constant, cosine, type Schedule, step } from "./schedules.ts"
export { sgd } from "./sgd.ts"

export const optimizers = { sgd, adamw } satisfies Record<string, OptimizerKind>

export const schedules = { constant, step, cosine } satisfies Record<string, ScheduleKind>
