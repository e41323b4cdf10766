/** How a run goes: the lines of its `metrics.jsonl`, an object each. */
import * as z from "zod"
import { UserError } from "../errors.ts"
import { files } from "./run-config.ts"
import { type Store, storeOf } from "./store.ts"

const metricsSchema = z.object({
  step: z.int(),
  loss: z.number().optional(),
  rate: z.number().optional(),
  train: z.number().optional(),
  validation: z.number().optional(),
  classLoss: z.number().optional(),
  accuracy: z.number().optional(),
})

/** A line of the metrics. Losses in nats. */
export interface Metrics {
  /** Of a batch's loss the step's number, of others how many steps had been taken. */
  readonly step: number
  readonly loss?: number
  readonly rate?: number
  readonly train?: number
  readonly validation?: number
  /** Of the predicted class, in a batch. */
  readonly classLoss?: number
  /** The part of the validation part whose class is predicted correctly. */
  readonly accuracy?: number
}

/** The complete lines of a run's metrics, since its last may still be on its way; none if there is no file yet. */
export async function readMetrics(run: Store | string): Promise<Metrics[]> {
  const store = storeOf(run)
  const path = `${store.name}/${files.metrics}`
  const text = new TextDecoder().decode(await store.read(files.metrics))
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n")
  return lines.flatMap((line, k) => (line === "" ? [] : [metricsOf(line, `${path}: line ${k + 1}`)]))
}

function metricsOf(line: string, name: string): Metrics {
  try {
    return metricsSchema.parse(JSON.parse(line))
  } catch {
    throw new UserError(`${name}: it is not as a run writes its metrics: take back what was edited in it`)
  }
}
