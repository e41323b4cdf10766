/** What the page and a trainer, its worker, say to each other. A step is known by its number, from 0; a count of steps is how many were taken. */
import type { Labels } from "../../../src/data/labels.ts"
import type { Metrics } from "../../../src/runs/metrics.ts"
import type { Recipe } from "../../../src/runs/recipe.ts"
import type { Settings } from "../../../src/runs/settings.ts"
import type { Change, Form } from "./form.ts"
import type { Answer, Argument, Question } from "./questions/index.ts"

export interface UserFile {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A file of the user: a text with one item per line, or a table. Or WAV files: then the name is that of their folder, and it has no bytes. */
export interface List extends UserFile {
  readonly sounds?: readonly UserFile[]
}

export interface Open {
  readonly type: "open"
  /** Of a run to begin. */
  readonly settings: Settings
  /** What to train on, if it is no data set of the package. */
  readonly list?: List
  /** The run's folder in the private file system of the page. */
  readonly run: string
  /** Goes on with the run that is there. */
  readonly resumes?: boolean
  /** Keeps no run: its files lie in memory, and go with the trainer. */
  readonly isPassing?: boolean
  /** The learning rate now, if it is not that of the recipe. */
  readonly rate?: number
}

export type ToTrainer =
  | Open
  /** Trains until so many steps are taken; by default to the end. */
  | { readonly type: "run"; readonly until?: number }
  | { readonly type: "pause" }
  | { readonly type: "step"; readonly count: number }
  /** The learning rate from the next call on. A schedule is scaled by as much. */
  | { readonly type: "rate"; readonly value: number }
  /** Keeps a checkpoint soon, as before the page is left. */
  | { readonly type: "keep" }
  /** Asks for the form of settings, after a change of one. It is answered at any time. */
  | { readonly type: "form"; readonly settings: Settings; readonly change?: Change }
  /** Keeps the run and ends the trainer. */
  | { readonly type: "close" }
  | {
      [Q in Question]: {
        readonly type: "ask"
        readonly id: number
        readonly question: Q
        readonly argument: Argument<Q>
      }
    }[Question]

export interface Opened {
  readonly type: "opened"
  readonly run: string
  /** Whether the browser keeps the run's files. */
  readonly isKept: boolean
  readonly recipe: Recipe
  /** What begins the same training again. */
  readonly settings: Settings
  readonly list?: List
  /** Why this recipe, such as "868 lines". */
  readonly because?: string
  /** What was read of the list, repaired and left out. */
  readonly description: string
  /** The sentence of it about lines that look like something else. */
  readonly hint?: string
  /** The number of lines or sounds; of a running text, of symbols. */
  readonly lines: number
  readonly parameters: number
  /** By id; id 0 is the stop. */
  readonly symbols: readonly string[]
  readonly contextLength: number
  readonly reads: "windows" | "sequences"
  /** The labels that the model is conditioned on. */
  readonly condition?: Labels
  /** Whether the data is a running text, which nothing stops. */
  readonly isEndless?: boolean
  /** How many steps were taken before. */
  readonly taken: number
  /** The metrics of those steps. */
  readonly history: readonly Metrics[]
}

export type TrainerState = "opening" | "training" | "paused" | "finishing" | "done" | "failed"

export type FromTrainer =
  /** It listens now; what was said before is lost. */
  | { readonly type: "ready" }
  | Opened
  /** The losses and rates of steps, the first of which has the number `first`. */
  | {
      readonly type: "steps"
      readonly first: number
      readonly losses: Float32Array<ArrayBuffer>
      readonly rates: Float64Array<ArrayBuffer>
      readonly seconds: number
    }
  | { readonly type: "state"; readonly state: TrainerState; readonly step: number }
  | { readonly type: "stage"; readonly stage: string; readonly done: number }
  /** After `step` steps. */
  | {
      readonly type: "validation"
      readonly step: number
      readonly validation?: number
      readonly train?: number
    }
  /** Those that the run keeps, at its end. */
  | { readonly type: "sampled"; readonly samples: readonly string[] }
  | { readonly type: "form"; readonly form: Form }
  | { readonly type: "notice"; readonly sentence: string }
  | { [Q in Question]: { readonly type: "answer"; readonly id: number; readonly value: Answer<Q> } }[Question]
  | { readonly type: "refused"; readonly id: number; readonly message: string }
  /** The training cannot go on. `kept` is the number of steps of the checkpoint to go back to; undefined if there is none. */
  | { readonly type: "failed"; readonly message: string; readonly kept?: number }
  | { readonly type: "closed" }
