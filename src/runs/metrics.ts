/** A run's metrics: `metrics.jsonl`, a JSON object per line. */
import * as z from "zod/mini"
import { UserError } from "../errors.ts"
import { storeOf } from "./disk-store.ts"
import { files } from "./run-files.ts"
import type { Store } from "./store.ts"

const memberSchema = z.object({ name: z.string(), weight: z.number(), validation: z.number() })

const metricsSchema = z.catchall(
  z.object({ step: z.int(), members: z.optional(z.array(memberSchema)) }),
  z.number(),
)

/** A member of an ensemble, its weight, and its validation loss alone. */
export type MemberLoss = Readonly<z.infer<typeof memberSchema>>

/** One line of the metrics. Losses are in nats per symbol. */
export interface Metrics {
  /** The index of the step for the loss of a batch; for all others the number of steps taken. */
  readonly step: number
  /** The loss of that batch alone. */
  readonly loss?: number
  /** The mean loss of the batches after the previous logged one, up to and including this one. */
  readonly mean?: number
  readonly rate?: number
  readonly train?: number
  readonly validation?: number
  /** The cross-entropy with the teacher's probabilities, of a batch. */
  readonly teacherLoss?: number
  /** The loss of the predicted class, of a batch. */
  readonly classLoss?: number
  /** The fraction of the validation part whose class is predicted correctly. */
  readonly accuracy?: number
  /** Of a mixture, the weight of the network, and the validation losses of the network and of the counts alone. */
  readonly networkWeight?: number
  readonly networkAlone?: number
  readonly countsAlone?: number
  readonly members?: readonly MemberLoss[]
  /** Of a run without a validation part: `validation` is the loss of `lines`, each held out once, in so many folds. */
  readonly folds?: number
  readonly lines?: number
  /** In the last line of a finished run: how long it was trained, in all its starts together. */
  readonly seconds?: number
}

/** Losses that are summed until they are logged. */
export interface LossSum {
  readonly sum: number
  readonly count: number
}

/** The losses of the batches on the way, which `plot` draws: means where they were logged, else those of single batches. */
export const batchLosses = (metrics: readonly Metrics[]): { step: number; loss: number }[] =>
  lossesOf(metrics, ({ mean, loss }) => mean ?? loss)

export const validationLosses = (metrics: readonly Metrics[]): { step: number; loss: number }[] =>
  lossesOf(metrics, ({ validation }) => validation)

/** The line with the loss of folds; undefined if there is none for a model of so many steps. */
export const foldedLoss = (metrics: readonly Metrics[], steps: number): Metrics | undefined =>
  metrics.findLast(({ step, folds }) => step === steps && folds !== undefined)

/** The losses by step. A resumed run may log a step twice: the later one counts. */
function lossesOf(metrics: readonly Metrics[], lossOf: (line: Metrics) => number | undefined) {
  const losses = new Map<number, number>()
  for (const line of metrics) {
    const loss = lossOf(line)
    if (loss !== undefined) losses.set(line.step, loss)
  }
  return Array.from(losses, ([step, loss]) => ({ step, loss }))
}

/** The complete lines of a run's metrics, as the last may still be being written; none if there is no file yet. */
export async function readMetrics(run: Store | string): Promise<Metrics[]> {
  const store = storeOf(run)
  const path = `${store.name}/${files.metrics}`
  const text = new TextDecoder().decode(await store.read(files.metrics))
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n")
  return lines.flatMap((line, k) => (line === "" ? [] : [metricsOf(line, `${path}: line ${k + 1}`)]))
}

/**
 * The bytes of the metrics of the first `taken` steps: whole lines within the first `length` bytes, which the checkpoint counted. They
 * are fewer if the file was edited, or if a power cut left it short or filled its end with NULs.
 */
export function lengthOfSteps(
  content: Uint8Array,
  { taken, length, path }: { taken: number; length: number; path: string },
): number {
  const counted = content.subarray(0, length)
  const end = counted.findLastIndex((byte) => byte !== 0) + 1
  let kept = 0
  for (let number = 1; ; number++) {
    const next = counted.indexOf(LINE_FEED, kept) + 1
    if (next === 0 || next > end) return kept
    const line = new TextDecoder().decode(counted.subarray(kept, next - 1))
    if (line !== "") {
      const { step, loss } = metricsOf(line, `${path}: line ${number}`)
      // A batch loss has the index of its step, a validation loss the number of steps taken.
      if (loss === undefined ? step > taken : step >= taken) return kept
    }
    kept = next
  }
}

const LINE_FEED = 10

/** A line of metrics. `name` is its place in errors. */
export function metricsOf(line: string, name: string): Metrics {
  try {
    return metricsSchema.parse(JSON.parse(line))
  } catch {
    throw new UserError(
      `${name}: this is not a valid line of metrics: undo the edits to it, or delete the line`,
    )
  }
}
