/** The losses over a whole split, each row once, in evaluation mode. Source: makemore part 5, cell 12. */
import type { Dataset } from "../data/dataset.ts"
import type { Model } from "../models/model.ts"
import { trace } from "../nn/trace.ts"
import { compileLoop } from "../runtime/compile.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { Tensor } from "../tensor/tensor.ts"
import { type Batch, traceBatch, wholeNumbers } from "./batch.ts"
import { foretell, lossOf } from "./loss.ts"

export interface EvaluateOptions {
  readonly batchSize?: number
  readonly runtime?: RuntimeOptions
  /** Hears the part of the rows that is done, 0 to 1. */
  readonly onProgress?: (done: number) => void
}

/** The mean loss in nats a prediction. */
export async function evaluate(model: Model, data: Dataset, options: EvaluateOptions = {}): Promise<number> {
  const losses = await lossPerTarget(model, data, options)
  let total = 0
  let count = 0
  for (let k = 0; k < losses.length; k++)
    if (data.targets[k] >= 0) {
      total += losses[k]
      count++
    }
  return total / count
}

/** The loss of each target, in the order of the data: (N), or (N, T) for sequences, 0 where there is no target. */
export const lossPerTarget = (
  model: Model,
  data: Dataset,
  options?: EvaluateOptions,
): Promise<Float32Array> => perRow(model, data, (batch) => lossOf(model, batch, "none"), options)

/** How well the classes of whole rows are foretold. */
export interface Foretold {
  /** The part of the rows whose class is the one found likeliest. */
  readonly accuracy: number
  /** Mean -ln p of the class, in nats. */
  readonly loss: number
}

/** Of data with classes. */
export async function evaluateClasses(
  model: Model,
  data: Dataset,
  options?: EvaluateOptions,
): Promise<Foretold> {
  const { classes, count } = data
  if (!classes) throw new RangeError("evaluateClasses: the data has no classes: give it some")
  const each = (batch: Batch) => foretell(model, batch).classes.logSoftmax()
  const logProbabilities = await perRow(model, data, each, options) // (N, C)
  const C = logProbabilities.length / count
  let [right, nats] = [0, 0]
  for (let row = 0; row < count; row++) {
    const ofRow = logProbabilities.subarray(row * C, (row + 1) * C)
    if (ofRow.indexOf(Math.max(...ofRow)) === classes[row]) right++
    nats -= ofRow[classes[row]]
  }
  return { accuracy: right / count, loss: nats / count }
}

/** What a call reads is made ready for all of its batches at once. */
const SYMBOLS_A_CALL = 2 ** 17

/** As many as make good use of memory: 1,024 names, or five crops of sound. */
const rowsAtOnce = ({ count, contextLength }: Dataset): number =>
  Math.min(1024, count, Math.max(1, Math.floor(2 ** 14 / contextLength)))

/** `result` of each row of a batch, (B, ...), for all rows in the order of the data. */
async function perRow(
  model: Model,
  data: Dataset,
  result: (batch: Batch) => Tensor,
  { batchSize = rowsAtOnce(data), runtime, onProgress }: EvaluateOptions = {},
): Promise<Float32Array> {
  if (data.crops)
    throw new RangeError("evaluate: rows that overlap would count samples more than once: give cropsInOrder")
  const rows = Tensor.input("rows", [batchSize], "int32")
  const { batch, whole } = traceBatch(model, data, rows)
  const found = trace(model, "evaluation", () => result(batch)).result
  const carried = Object.fromEntries(model.namedVariables().map(([name, now]) => [name, { now, next: now }]))
  const loop = await compileLoop({ carried, whole, perStep: { rows }, outputs: { found } }, runtime)
  const state = Object.fromEntries(Object.entries(carried).map(([name, { now }]) => [name, now.data]))
  const running = loop.start(state, wholeNumbers(data))

  const each = found.size / batchSize
  const all = new Float32Array(data.count * each)
  const rowsPerCall = batchSize * Math.max(1, Math.floor(SYMBOLS_A_CALL / (batchSize * data.contextLength)))
  for (let first = 0; first < data.count; first += rowsPerCall) {
    const wanted = Math.min(rowsPerCall, data.count - first)
    const steps = Math.ceil(wanted / batchSize)
    // The last batch is filled up with row 0, of which nothing is read.
    const numbers = Int32Array.from({ length: steps * batchSize }, (_, k) => (k < wanted ? first + k : 0))
    const { found } = await running.advance(steps, { rows: numbers })
    all.set((found as Float32Array).subarray(0, wanted * each), first * each)
    onProgress?.((first + wanted) / data.count)
  }
  await loop.release()
  return all
}
