/**
 * A run as a row: what its config and the end of its metrics say, on a disk (listing.ts) and in a page. Whoever has a run's files in any
 * place can make it.
 */
import { lastNameOf } from "../data/disk.ts"
import { type Metrics, metricsOf } from "../runs/metrics.ts"
import type { MetricsPart } from "../runs/metrics-part.ts"
import type { Recipe } from "../runs/recipe.ts"
import type { RunConfig } from "../runs/run-config.ts"

/** A run at a glance. Losses are in nats per symbol. */
export interface RunRow {
  /** The path of its folder. */
  readonly run: string
  readonly model: string
  /** The data set, or the name of the file or folder. */
  readonly data: string
  /** What a text is read as; undefined for sound. */
  readonly tokens?: string
  /** Undefined for counts of an earlier version. */
  readonly parameters?: number
  /** Steps taken, as far as the metrics tell; 0 for a model that counts. */
  readonly taken: number
  /** Steps in all; undefined for a model that counts. */
  readonly steps?: number
  /** The loss of the training part, once the run is finished. */
  readonly train?: number
  /** The last that was measured. */
  readonly validation?: number
  /** How long it was trained, once it is finished. */
  readonly seconds?: number
  /** When the training last wrote, in ISO 8601, UTC. */
  readonly when: string
  /** A stopped run can be resumed. */
  readonly state: "training" | "finished" | "stopped"
  /** Of a sweep: the place of the trial in its plan, counted from 1, seed by seed. */
  readonly trial?: number
  readonly recipe: Recipe
}

export interface BrokenRun {
  readonly run: string
  /** A sentence with the file, what is wrong with it and what would do. */
  readonly problem: string
}

export interface Listing {
  /** The newest first. */
  readonly rows: readonly RunRow[]
  readonly broken: readonly BrokenRun[]
}

/** What changed of a run: its row or what is broken, and the lines that its metrics have gained; it is not there any more without `now`. */
export type RunChange =
  | { readonly run: string; readonly now: RunRow | BrokenRun; readonly metrics?: MetricsPart }
  | { readonly run: string; readonly now?: undefined }

/** The newest first. */
export const newestFirst = (rows: readonly RunRow[]): RunRow[] =>
  rows.toSorted((a, b) => (a.when < b.when ? 1 : a.when > b.when ? -1 : 0))

/** What a row is made of. */
export interface RowParts {
  /** The path of its folder. */
  readonly run: string
  readonly config: Pick<RunConfig, "recipe" | "parameters" | "kept">
  readonly ending?: Ending
  /** Whether a training has the folder now. */
  readonly locked: boolean
  /** When it last wrote, in milliseconds since 1970. */
  readonly time: number
}

export function rowOf({ run, config, ending, locked, time }: RowParts): RunRow {
  const { recipe, parameters, kept } = config
  const last = ending?.last
  const taken = kept?.steps ?? (last === undefined ? 0 : last.step + (last.loss === undefined ? 0 : 1))
  // A training with patience may stop early; one that a sweep paused has such a last line too.
  const isEnd = kept !== undefined || last?.seconds !== undefined || last?.train !== undefined
  const isWhole =
    kept !== undefined || recipe.steps === undefined || recipe.patience !== undefined || taken >= recipe.steps
  return {
    run,
    model: recipe.model,
    data: lastNameOf(recipe.data),
    tokens: recipe.tokens ?? (recipe.sampleRate === undefined ? "characters" : undefined),
    parameters,
    taken,
    steps: recipe.steps,
    train: last?.train,
    validation: kept?.validation ?? ending?.validation,
    seconds: last?.seconds,
    when: new Date(time).toISOString(),
    state: locked ? "training" : isEnd && isWhole ? "finished" : "stopped",
    recipe,
  }
}

/** Bytes that are read of the metrics: a few hundred lines, which is more than lie between two validation losses of the defaults. */
export const TAIL = 32_768

/** What the end of the metrics says: their last whole line, and the last validation loss. */
export interface Ending {
  readonly last?: Metrics
  readonly validation?: number
}

/** `tail` is the text of the last bytes, `isCut` whether more come before it, and `path` the file's in errors. */
export function endingOf(tail: string, { isCut, path }: { isCut: boolean; path: string }): Ending {
  const whole = tail.slice(0, tail.lastIndexOf("\n") + 1)
  /** The line of this place, without those that the beginning of the tail cut in two; parsing every line would take most of the time. */
  const lineAt = (place: number): Metrics | undefined => {
    if (place < 0) return undefined
    const begin = whole.lastIndexOf("\n", place) + 1
    if (begin === 0 && isCut) return undefined
    return metricsOf(whole.slice(begin, whole.indexOf("\n", place)), `${path}, near its end`)
  }
  const last = lineAt(whole.replace(/\n+$/, "").length - 1)
  return { last, validation: lineAt(whole.lastIndexOf('"validation"'))?.validation }
}
