/**
 * The contract of a learner: a way of fitting a model to a corpus. A network is fitted step by step, an n-gram model by counting, a mixture
 * by both, and an ensemble is weighed.
 * Each is a record in a file of this folder and a line of the table in `index.ts`; all other code calls the record.
 */
import type { Member } from "../../counting/ensemble.ts"
import type { Dataset } from "../../data/dataset.ts"
import type { Lines } from "../../data/text.ts"
import type { Model } from "../../models/model.ts"
import type { StateDict } from "../../nn/module.ts"
import type { Generator } from "../../random/torch.ts"
import type { RuntimeOptions } from "../../runtime/session.ts"
import type { Sampler } from "../../sampling/sampler.ts"
import type { EvaluateOptions } from "../../training/evaluate.ts"
import type { LineLoss } from "../../training/evaluation-report.ts"
import type { Training } from "../../training/training.ts"
import type { Checkpoint } from "../checkpoint.ts"
import type { Codec } from "../codec.ts"
import type { Corpus, OnStage } from "../corpora/corpus.ts"
import type { Recipe } from "../recipe.ts"
import type { RecordedProgress, RecordOptions, Validation } from "../record.ts"
import type { Run } from "../run.ts"
import type { MemberRecord } from "../run-config.ts"
import type { Known } from "../warm-start.ts"

export interface Learned {
  readonly parameterCount: number
  stateDict(): StateDict
  loadStateDict(state: StateDict): Learned
}

/** The trained models that an ensemble averages, and what its config keeps of each. */
export interface Members {
  readonly models: readonly Member[]
  readonly records: readonly MemberRecord[]
}

export interface BeginOptions {
  /** Where to resume. */
  readonly checkpoint?: Checkpoint
  /** The network to start from, if there is no checkpoint. */
  readonly origin?: Known
  /** Adds what a teacher knows to the rows of the training part, as a network reads them. */
  readonly teach?: (student: Model, rows: Dataset) => Promise<Dataset>
  /** What an ensemble averages. */
  readonly members?: Members
  /** A file for the ONNX model of the training step. */
  readonly onnx?: string
  /** The learning rate to train with, instead of that of the schedule. */
  readonly rate?: (scheduled: number) => number
  readonly runtime: RuntimeOptions
  readonly onStage?: OnStage
}

/** A model that is being fitted. */
export interface Fit<M extends Learned = Learned> {
  readonly model: M
  /** Of a network, alone or in a mixture. */
  readonly training?: Training
  readonly generator: Generator
  /** The number of steps taken before. */
  readonly taken: number
  /** The duration of fitting within `begin`. */
  readonly seconds?: number
  /** Takes the remaining steps and keeps checkpoints in the run; absent if no steps are taken. */
  steps?(run: Run, options: Omit<RecordOptions, "evaluate">): AsyncIterable<RecordedProgress>
  /** After the last step: keeps the model in the run, and loads the best or averaged parameters if the run keeps these. */
  settle(run: Run, signal?: AbortSignal): Promise<void>
  /** The mean loss of the training part. */
  trainLoss(signal?: AbortSignal): Promise<number>
  /** Absent without a validation part. */
  validate?(signal?: AbortSignal): Promise<Validation>
}

export interface Description {
  readonly json: object
  readonly text: string
}

// biome-ignore lint/suspicious/noExplicitAny: a learner is only ever given its own models
export interface Learner<M extends Learned = any> {
  /** Whether its models have layers, gradients, and losses of batches. */
  readonly hasLayers: boolean
  /** Whether its models may hold counts of the training part. */
  readonly hasCounts: boolean
  /** A model of this recipe, not yet fitted. `members` are those of an ensemble. */
  create(recipe: Recipe, codec: Codec, members?: readonly MemberRecord[]): M
  /** The model that `inspect` shows before any training. */
  outline(recipe: Recipe, corpus: Corpus): M
  /** Finds all faults of a recipe, so that a run's folder is created only for a valid one. */
  begin(recipe: Recipe, corpus: Corpus, options: BeginOptions): Promise<Fit<M>>
  lossPerLine(
    model: M,
    lines: Lines,
    codec: Codec,
    options: Pick<EvaluateOptions, "runtime" | "onProgress">,
  ): Promise<LineLoss[]>
  openSampler(model: M, options: { batchSize?: number; runtime: RuntimeOptions }): Promise<Sampler>
  /** A table of its layers or its counts, at most `width` wide. */
  describe(model: M, options: { batchSize: number; markdown?: boolean; width?: number }): Description
}
