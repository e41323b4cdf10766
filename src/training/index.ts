/** Training as a stream, evaluation over whole splits, and looking inside. */
export {
  type Diagnosis,
  type DiagnosisOptions,
  type Distribution,
  diagnose,
  formatDiagnosis,
  type LayerDiagnosis,
  layerName,
  type ParameterDiagnosis,
  summaryOf,
} from "./diagnostics.ts"
export { DivergenceError } from "./divergence.ts"
export { type EvaluateOptions, evaluate, lossPerTarget } from "./evaluate.ts"
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
export {
  learningRateFinder,
  type RateFinderOptions,
  type RateFinding,
  type RateSuggestion,
  type RateTrial,
} from "./learning-rate-finder.ts"
export { Training, type TrainingProgress, type TrainOptions, train } from "./train.ts"
export type { TrainingState } from "./training-state.ts"
