/** Optimizers, schedules and clipping. The tables list them by their names on the command line. */
import { adamw } from "./adamw.ts"
import { muon } from "./muon.ts"
import type { OptimizerKind } from "./optimizer.ts"
import { constant, cosine, inverseTime, type ScheduleKind, step } from "./schedules.ts"
import { sgd } from "./sgd.ts"

export { adamw } from "./adamw.ts"
export { clipGradNorm } from "./clipping.ts"
export { muon } from "./muon.ts"
export type { Optimizer, Tensors } from "./optimizer.ts"
export { constant, cosine, inverseTime, type Schedule, step } from "./schedules.ts"
export { sgd } from "./sgd.ts"

export const optimizers = { sgd, adamw, muon } satisfies Record<string, OptimizerKind>

export const schedules = { constant, step, cosine, "inverse-time": inverseTime } satisfies Record<
  string,
  ScheduleKind
>
