/** Training any module by any loss, evaluation over whole data sets, diagnostics, and the learning-rate finder. */

export type { Batch, Columns } from "./columns.ts"
export {
  type Diagnosis,
  type DiagnosisOptions,
  type Distribution,
  diagnose,
  formatDiagnosis,
  type LayerDiagnosis,
  type OpenDiagnosis,
  openDiagnosis,
  type ParameterDiagnosis,
} from "./diagnostics.ts"
export { DivergenceError } from "./divergence.ts"
export { type EvaluateOptions, type Evaluator, evaluate, lossPerTarget, openEvaluator } from "./evaluate.ts"
export {
  countedLossPerLine,
  type Estimate,
  type EvaluationReport,
  evaluationReport,
  type Figures,
  formatEvaluation,
  type LineLoss,
  lossPerLine,
} from "./evaluation-report.ts"
export { type FollowOptions, follow } from "./follow.ts"
export {
  learningRateFinder,
  type RateFinderOptions,
  type RateFinding,
  type RateSuggestion,
  type RateTrial,
} from "./learning-rate-finder.ts"
export { type Loss, type LossFunction, nextSymbolLoss } from "./loss.ts"
export type { ParameterGroup } from "./parameter-groups.ts"
export { train } from "./train.ts"
export type { TrainOptions } from "./train-options.ts"
export type { Training } from "./training.ts"
export type { TrainingProgress, TrainingState } from "./training-state.ts"
