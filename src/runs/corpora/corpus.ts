/**
 * The contract of a corpus: data of one kind, from where it lies to the rows that a model reads, and from a model's symbols back to
 * things of that kind. Each kind is a record in a file of this folder and a line of the table in `index.ts`; everything else asks
 * the record.
 */
import type { Sequence } from "../../counting/gram-table.ts"
import type { Dataset } from "../../data/dataset.ts"
import type { Labels } from "../../data/labels.ts"
import type { LoadOptions } from "../../data/load-options.ts"
import type { Model } from "../../models/model.ts"
import type { Generator } from "../../random/torch.ts"
import type { RuntimeOptions } from "../../runtime/session.ts"
import type { Judge } from "../../sampling/judge.ts"
import type { Choice } from "../../sampling/probabilities.ts"
import type { Default } from "../../setting.ts"
import type { EvaluationReport } from "../../training/evaluation-report.ts"
import type { Codec } from "../codec.ts"
import type { Recipe } from "../recipe.ts"
import type { Run } from "../run.ts"
import type { Settings } from "../settings.ts"
import type { TrainedModel } from "../trained-model.ts"
import type { ClassReport, ConditionReport } from "./label-reports.ts"

export type Part = "train" | "validation" | "test"

/** A loss that needs no training, in nats per symbol. */
export interface Baseline {
  readonly name: string
  readonly train: number
  readonly validation: number
}

/** Data that was read and split. */
export interface Corpus extends Codec {
  /** Over everything that decides the rows: corpora with equal hashes are the same data. */
  readonly sha256: string
  /** The number of lines or sounds. */
  readonly size: number
  /** The longest line, in symbols; undefined where rows are cut to any length. */
  readonly longest?: number
  /** One sentence: what was read, and what was repaired or left out. */
  readonly description: string
  /** The symbols of each thing of a part, without stops. */
  sequences(part: Part): readonly Sequence[]
  /** The rows that training draws from. */
  trainingRows(model: Model): Dataset
  /** Every prediction of a part once. */
  rows(model: Model, part: Part): Dataset
  /** The training part for its final loss, or as much of it as the validation part has where all of it would take too long. */
  trainingSample(model: Model): Dataset
  baselines(): readonly Baseline[]
}

/** How text is emphasized on a terminal; the default leaves it as it is. */
export interface Style {
  bold(text: string): string
  dim(text: string): string
  green(text: string): string
}

/** What every method that may take long is given. */
export interface Context {
  readonly runtime: RuntimeOptions
  readonly loading?: LoadOptions
  /** Receives one sentence where something cannot be done as asked. */
  readonly notice: (sentence: string) => void
}

export interface EvaluationRequest extends Context {
  readonly parts: readonly Part[]
  /** Other data, evaluated as a whole. */
  readonly data?: string
  readonly column?: string
  /** How many things to make of each label, to see whether they are taken for it. */
  readonly samples?: number
  /** The order of the n-grams that judge that. */
  readonly judgeOrder?: number
}

/** The reports of each part, by its name. */
export interface Evaluation {
  readonly reports: Readonly<Record<string, EvaluationReport>>
  readonly classes?: { readonly labels: Labels; readonly byPart: Readonly<Record<string, ClassReport>> }
  readonly conditions?: {
    readonly labels: Labels
    readonly part: string
    readonly count: number
    readonly byLabel: readonly ConditionReport[]
  }
  readonly judge?: Judge
}

/** The flags of `makewave sample`. */
export interface SampleRequest extends Context {
  readonly choice: Choice
  readonly seed: number
  readonly count?: number
  readonly prompt?: string
  readonly maximumLength?: number
  readonly batchSize?: number
  readonly condition?: string
  readonly seconds?: number
  readonly out?: string
  /** Receives how many samples of a sound exist, of how many. */
  readonly onProgress?: (made: number, wanted: number) => void
}

/** One thing made, or the report on several: an object for programs, a text for people. */
export interface Made {
  readonly json?: object
  readonly text?: string
}

export interface FinishOptions extends Pick<SampleRequest, "runtime" | "onProgress"> {
  readonly corpus: Corpus
  /** The stream that gave the initial values and the batches, as in the lecture. */
  readonly generator: Generator
  readonly style: Style
  /** Called between two things; it may throw to stop. */
  readonly check: () => void
}

/** What a run made at its end. */
export interface Results {
  readonly json: Readonly<Record<string, unknown>>
  readonly text: string
  /** Command lines to try next. */
  readonly next: readonly string[]
}

export interface CorpusKind {
  readonly words: {
    /** What the corpus consists of. */
    readonly things: "lines" | "sounds"
    /** What the evaluation counts. */
    readonly row: "line" | "crop"
    /** What is predicted. */
    readonly symbol: "symbol" | "sample"
    /** What is made, and the flag of `sample` that says how much. */
    readonly makes: string
  }
  /** V, where the kind fixes it: then the loss of a uniform guess, ln V, is shown beside other losses. */
  readonly symbols?: number
  /** The flags of `sample` that mean nothing to other kinds. */
  readonly sampleFlags: readonly (keyof SampleRequest)[]
  /** Whether an exported script can make these things. */
  readonly scripts: boolean
  /** Whether the data of these settings is of this kind. A UserError for data that is almost of it. */
  recognizes(given: Settings): Promise<boolean>
  /** Whether a recipe is for data of this kind. */
  has(recipe: Settings): boolean
  /** Defaults of settings that differ for this kind. */
  readonly defaults: Readonly<Record<string, Default>>
  open(recipe: Recipe, options?: LoadOptions): Promise<Corpus>
  evaluate(trained: TrainedModel<unknown>, request: EvaluationRequest): Promise<Evaluation>
  sample(trained: TrainedModel<unknown>, request: SampleRequest): AsyncGenerator<Made>
  /** Makes a few things with the model that was just trained, and keeps them with the run. */
  finish(run: Run, trained: Omit<TrainedModel<unknown>, "training">, options: FinishOptions): Promise<Results>
}
