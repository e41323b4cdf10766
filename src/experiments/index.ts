/** Sweeps over the settings of runs: their plan, their space, and the searches. */

export type { ValueAxis } from "../charts/value-axis.ts"
export type { Choice, Chosen, Distribution, Range } from "./distribution.ts"
export { type OnRung, type Promotion, promotable, rungs } from "./halving.ts"
export { type Importance, importanceOf } from "./importance.ts"
export { type Budget, type EarlyTerminate, type Metric, type Plan, parsePlan, withOverrides } from "./plan.ts"
export { searches } from "./search/index.ts"
export type { Search, Told } from "./search/search.ts"
export {
  draw,
  gridOf,
  hasGrid,
  type Parameter,
  type Point,
  pointKey,
  type Space,
  settingsAt,
} from "./space.ts"
export {
  bootstrapInterval,
  type Interval,
  mean,
  meanInterval,
  normalTail,
  type PairedTest,
  pairedTest,
  standardDeviation,
  type WelchTest,
  welchTest,
  wilcoxon,
} from "./statistics.ts"
export { studentBound, studentTails } from "./student.ts"
