/**
 * The contract of a learner: a way of fitting a model to a corpus. A network is fitted step by step, an n-gram model by counting.
 * Each is a record in a file of this folder and a line of the table in `index.ts`; everything else asks the record.
 */
import type { Lines } from "../../data/text.ts"
import type { StateDict } from "../../nn/module.ts"
import type { Generator } from "../../random/torch.ts"
import type { RuntimeOptions } from "../../runtime/session.ts"
import type { Sampler } from "../../sampling/sampler.ts"
import type { LineLoss } from "../../training/evaluation-report.ts"
import type { Checkpoint } from "../checkpoint.ts"
import type { Codec } from "../codec.ts"
import type { Corpus } from "../corpora/corpus.ts"
import type { Recipe } from "../recipe.ts"
import type { RecordedProgress, Validation } from "../record.ts"
import type { Run } from "../run.ts"

/** What can be fitted. */
export interface Learned {
  readonly parameterCount: number
  stateDict(): StateDict
  loadStateDict(state: StateDict): Learned
}

export interface BeginOptions {
  /** Where to resume. */
  readonly checkpoint?: Checkpoint
  /** A file for the ONNX model of the training step. */
  readonly onnx?: string
  readonly runtime: RuntimeOptions
}

/** A model on its way. */
export interface Fit<M extends Learned = Learned> {
  readonly model: M
  readonly generator: Generator
  /** How many steps were taken before. */
  readonly taken: number
  /** How long the fitting took that `begin` did itself. */
  readonly seconds?: number
  /** Takes the steps that are left, at most `every` a pull, and keeps checkpoints in the run; absent where no steps are taken. */
  steps?(run: Run, every?: number): AsyncIterable<RecordedProgress>
  /** After the last step: the run has the model, and the model has the numbers that others read from the run. */
  settle(run: Run): Promise<void>
  /** The mean loss of the training part. */
  trainLoss(): Promise<number>
  validate(): Promise<Validation>
}

export interface Description {
  readonly json: object
  readonly text: string
}

// biome-ignore lint/suspicious/noExplicitAny: a learner is only ever given its own models
export interface Learner<M extends Learned = any> {
  /** Whether its models have layers, gradients, and losses of batches. */
  readonly hasLayers: boolean
  /** A model of this recipe without its numbers. */
  create(recipe: Recipe, codec: Codec): M
  /** The model as `inspect` shows it before any training. */
  outline(recipe: Recipe, corpus: Corpus): M
  /** Finds everything that can be wrong with a recipe, so that a run's folder is made only after it. */
  begin(recipe: Recipe, corpus: Corpus, options: BeginOptions): Promise<Fit<M>>
  lossPerLine(model: M, lines: Lines, codec: Codec, runtime: RuntimeOptions): Promise<LineLoss[]>
  openSampler(model: M, options: { batchSize?: number; runtime: RuntimeOptions }): Promise<Sampler>
  /** The table of its layers, or of its counts. */
  describe(model: M, options: { batchSize: number; markdown?: boolean }): Description
}
