/**
 * The contract of a corpus: data of one kind, from its source to the rows that a model reads, and from a model's symbols back to
 * data. Each kind is a record in a file of this folder and a line of the table in `index.ts`; all other code calls the record.
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
import type { ClassEvaluation } from "../../training/evaluate.ts"
import type { EvaluationReport, LineLoss } from "../../training/evaluation-report.ts"
import type { Codec } from "../codec.ts"
import type { DataPlace } from "../data-place.ts"
import type { Recipe } from "../recipe.ts"
import type { RecipeName } from "../recipes.ts"
import type { Run } from "../run.ts"
import type { Settings } from "../settings.ts"
import type { TrainedModel } from "../trained-model.ts"

export type Part = "train" | "validation" | "test"

/** A loss that needs no training, in nats per symbol. */
export interface Baseline {
  readonly name: string
  readonly train: number
  /** Absent without a validation part. */
  readonly validation?: number
}

/** Data, read and split. */
export interface Corpus extends Codec {
  /** The hash of everything that the rows depend on. */
  readonly sha256: string
  /** The number of lines or sounds. */
  readonly size: number
  /** The number of lines or sounds of each part. */
  readonly sizes: Readonly<Record<Part, number>>
  /** "apart" for lines whose known split does not keep equal lines together. */
  readonly duplicates?: "apart"
  /** `--min-count` of a running text in words, which depends on its length. */
  readonly minCount?: number
  /** The longest line, in symbols; undefined where rows are cut to any length. */
  readonly longest?: number
  /** One sentence that says what was read, repaired and left out. */
  readonly description: string
  /** The sentence of the description about lines that look like something else. */
  readonly hint?: string
  /** The symbols of each line or sound of a part, without stops; of a running text one sequence, which nothing stops. */
  sequences(part: Part): readonly Sequence[]
  /** Whether the sequences go on, as those of a running text do, so that no stop is predicted. */
  readonly isEndless?: boolean
  /** The number of characters of each part of a running text, for losses in bits a character, as papers give them. */
  readonly characters?: Readonly<Record<Part, number>>
  /** Of a running text in words, as a whole. */
  readonly unknown?: UnknownWords
  /** The rows that training draws from. */
  trainingRows(model: Model): Dataset
  /** Every prediction of a part once. */
  rows(model: Model, part: Part): Dataset
  /** The training part for its final loss; where all of it would take too long, a sample of it. */
  trainingSample(model: Model): Dataset
  baselines(): readonly Baseline[]
}

/** Emphasis of text on a terminal; none by default. */
export interface Style {
  bold(text: string): string
  dim(text: string): string
  green(text: string): string
  /** Text from the data, safe to print on a terminal. */
  visible(text: string): string
}

/** Options of all methods that may take long. */
export interface Context {
  readonly runtime: RuntimeOptions
  readonly loading?: LoadOptions
  /** Receives a sentence if something cannot be done as asked. */
  readonly notice: (sentence: string) => void
}

/**
 * Receives a stage of a command, such as "compiling the step", and the fraction of it that is done; 1 at its end. An evaluation waits for
 * a promise, and so can be paused.
 */
export type OnStage = (stage: string, done: number) => unknown

/** Other data is evaluated as a whole. */
export interface EvaluationRequest extends Context, DataPlace {
  readonly onStage?: OnStage
  /** Default: the training part, and the validation part if there is one. */
  readonly parts?: readonly Part[]
  /** The number of lines to sample for each label, to see whether the judge recognizes it. */
  readonly samples?: number
  /** The order of the judge's n-grams. */
  readonly judgeOrder?: number
}

/** The predictions of labels on one part of the data. */
export interface ClassReport extends ClassEvaluation {
  /** The fraction of the lines that n-grams classify correctly; undefined without the training part. */
  readonly counted?: number
}

/** One label of a conditioned model: the fractions of lines that n-grams recognize as having it. */
export interface ConditionReport {
  readonly label: string
  /** Among the data's lines with this label; NaN if there are none. */
  readonly real: number
  /** Among the lines sampled for it. */
  readonly made: number
}

/** The losses of a part's lines or crops, in the order of the data. */
export interface LossesByLine {
  readonly losses: readonly LineLoss[]
  /** Equal for the same lines, whatever their labels. */
  readonly sha256: string
  /** Whether each is in the training part too; undefined for the training part itself, for crops, and where that part is unknown. */
  readonly seen?: readonly boolean[]
}

/** How many words there are, marks and line ends among them, and how many of these are the unknown word. */
export interface UnknownWords {
  readonly unknown: number
  readonly words: number
}

/** The reports on each part, by its name, and what they are made of. */
export interface Evaluation {
  readonly reports: Readonly<Record<string, EvaluationReport>>
  /** The losses in bits a character, where symbols may be something else; the end of a line is one. */
  readonly bitsPerCharacter?: Readonly<Record<string, number>>
  /** Of a run of words. */
  readonly unknown?: Readonly<Record<string, UnknownWords>>
  readonly lines: Readonly<Record<string, LossesByLine>>
  /** How many lines of other data the model cannot read, if any. */
  readonly skipped?: number
  readonly classes?: { readonly labels: Labels; readonly byPart: Readonly<Record<string, ClassReport>> }
  readonly conditions?: {
    readonly labels: Labels
    readonly part: string
    readonly count: number
    readonly byLabel: readonly ConditionReport[]
  }
  readonly judge?: Judge
}

/** The flags of `makewave sample`. The run's data tells which lines are new. */
export interface SampleRequest extends Context, DataPlace {
  readonly choice: Choice
  readonly seed: number
  /** The command that draws the same samples, for the last notice. */
  readonly again?: string
  readonly count?: number
  /** What each sample starts with. */
  readonly prompt?: string
  /** The same as `prompt`. */
  readonly startsWith?: string
  readonly endsWith?: string
  readonly contains?: string
  /** In symbols: 5, 4-8, 4- or -8; of a running text one number. */
  readonly length?: string
  /** A running text goes on until one of these ends. */
  readonly until?: "line" | "paragraph"
  /** No line of the data, in any part, and none twice. */
  readonly onlyNew?: boolean
  readonly noRepeats?: boolean
  /** A file with lines that must not come out. */
  readonly avoid?: string
  /** Whether the unknown word is drawn too. */
  readonly unknown?: boolean
  /** Whether each sample is given with its loss. */
  readonly score?: boolean
  readonly maximumLength?: number
  readonly batchSize?: number
  readonly condition?: string
  readonly seconds?: number
  readonly out?: string
  /** Receives how many samples of a sound, or lines that satisfy all wishes, have been generated, and how many there will be. */
  readonly onProgress?: (made: number, wanted: number) => void
}

/** A sample, or a report on several: an object for programs, a text for people. */
export interface Made {
  readonly json?: object
  readonly text?: string
}

export interface FinishOptions extends Pick<SampleRequest, "runtime" | "onProgress"> {
  readonly corpus: Corpus
  /** The generator of the initial values and the batches, as in the lecture. */
  readonly generator: Generator
  readonly style: Style
  /** Called after each sample; may throw to stop. */
  readonly check: () => void
}

/** The samples at the end of a run. */
export interface Results {
  readonly json: Readonly<Record<string, unknown>>
  readonly text: string
  /** Commands to try next, as words after `makewave`. */
  readonly next: readonly (readonly string[])[]
}

export interface CorpusKind {
  readonly words: {
    /** What it is, as in "for sound". */
    readonly kind: "lines" | "sound" | "running text"
    /** What the data is, as in "not the list that this run was trained on". */
    readonly whole: "list" | "folder of sounds" | "text"
    /** The unit of an evaluation's rows. */
    readonly row: "line" | "crop" | "passage"
    /** The unit of prediction. */
    readonly symbol: "symbol" | "sample"
    /** What `sample` generates, and its flag for how much. */
    readonly makes: string
  }
  /** V, if fixed by the kind: then ln V, the loss of a uniform guess, is shown beside other losses. */
  readonly symbols?: number
  /** The flags of `sample` that only this kind has. */
  readonly sampleFlags: readonly (keyof SampleRequest)[]
  /** Why flags of other kinds do not apply to this one, and what does their job. */
  readonly foreignFlags?: Readonly<Partial<Record<keyof SampleRequest, string>>>
  /** Whether an exported script can generate such data. */
  readonly scripts: boolean
  /** Whether the settings name data of this kind, or it is at hand. A UserError for data that is nearly of this kind. */
  recognizes(given: Settings, options?: LoadOptions): Promise<boolean>
  /** Whether a recipe is for data of this kind. */
  has(recipe: Settings): boolean
  /** The recipe for data of which nothing but its size is known; absent where the kind's own defaults are the recipe. */
  recipeFor?(corpus: Corpus): RecipeName
  /** Defaults that differ for this kind. */
  readonly defaults: Readonly<Record<string, Default>>
  open(recipe: Recipe, options?: LoadOptions): Promise<Corpus>
  evaluate(trained: TrainedModel<unknown>, request: EvaluationRequest): Promise<Evaluation>
  sample(trained: TrainedModel<unknown>, request: SampleRequest): AsyncGenerator<Made>
  /** Samples from the model that was just trained, and keeps the samples in the run. */
  finish(run: Run, trained: Omit<TrainedModel<unknown>, "training">, options: FinishOptions): Promise<Results>
}
