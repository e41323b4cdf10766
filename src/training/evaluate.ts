/** The loss over all rows of a data set, each once, in evaluation mode. Source: makemore part 5, cell 12. */
import type { Dataset } from "../data/dataset.ts"
import { interruptible } from "../display/interruption.ts"
import { MemoryError, requireOptions, UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import type { Module } from "../nn/module.ts"
import { trace } from "../nn/trace.ts"
import { compileLoop } from "../runtime/compile.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { requireAccepted } from "../setting.ts"
import { sizeOf } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import { type Batch, type Columns, type Table, tableOf, traceBatch } from "./columns.ts"
import { classify, type LossFunction, lossFor, symbolLogits, symbolLoss, traceLoss } from "./loss.ts"
import { openPace } from "./pace.ts"
import { batchSize as rowsPerBatch } from "./train-options.ts"

export interface EvaluateOptions {
  /** Rows that are evaluated at a time. */
  readonly batchSize?: number
  readonly runtime?: RuntimeOptions
  /** Receives the fraction of the rows that is done, 0 to 1. The evaluation waits for a promise. */
  readonly onProgress?: (done: number) => unknown
  /** Aborts the evaluation with the signal's reason, within about a second. */
  readonly signal?: AbortSignal
}

const optionNames = [
  "batchSize",
  "runtime",
  "onProgress",
  "signal",
] as const satisfies (keyof EvaluateOptions)[]

/**
 * The mean loss: for a model of symbols in nats per prediction; for any module the mean of `loss` over the rows, where `loss` is taken to
 * be a mean over the rows of its batch. Accuracy is a loss too: `({ x, y }) => network.forward(x).argmax().equal(y).cast("float32").mean()`.
 */
export function evaluate(model: Model, data: Dataset, options?: EvaluateOptions): Promise<number>
export function evaluate<Data extends Columns>(
  module: Module,
  data: Data,
  options: EvaluateOptions & { readonly loss: LossFunction<Data> },
): Promise<number>
export async function evaluate(
  module: Module,
  data: Columns,
  options: EvaluateOptions & { readonly loss?: LossFunction<never> } = {},
): Promise<number> {
  requireOptions("evaluate", options, [...optionNames, "loss"])
  const loss = lossFor(module, options.loss)
  if (!options.loss) {
    return meanOf(await lossPerTarget(module as Model, data as Dataset, options), data as Dataset)
  }
  const table = tableOf(data)
  const { count } = table
  const result = (batch: Batch) => traceLoss(loss, batch).report.loss
  return inBatches(table, options, async (rows) => {
    const batchSize = Math.min(rows, count)
    const whole = count - (count % batchSize)
    let total = 0
    // The last batch is smaller, and each counts by its number of rows.
    for (const [size, first, end] of [
      [batchSize, 0, whole],
      [count - whole, whole, count],
    ]) {
      if (first === end) continue
      const range = { batchSize: size, first, end }
      for (const each of await overBatches(module, table, result, { ...options, ...range }))
        total += size * each
    }
    return total / count
  })
}

/** The loss of each target, in the order of the data: (N), or (N, T) for sequences, 0 where there is no target. */
export const lossPerTarget = (
  model: Model,
  data: Dataset,
  options?: EvaluateOptions,
): Promise<Float32Array> => perRow(model, data, (batch) => symbolLoss(model, batch, "none"), options)

/** The distribution of the next symbol at each position, in the order of the data: (N, V), or (N, T, V) for sequences. */
export const nextSymbolProbabilities = (
  model: Model,
  data: Dataset,
  options?: EvaluateOptions,
): Promise<Float32Array> => perRow(model, data, (batch) => symbolLogits(model, batch).softmax(), options)

/** An evaluation that is compiled once and repeated while the model is trained. Release it at the end. */
export interface Evaluator {
  /** The loss of each target, with the numbers that the model has now: as `lossPerTarget`. */
  lossPerTarget(options?: RunOptions): Promise<Float32Array>
  /** The mean loss, in nats per prediction: as `evaluate`. */
  loss(options?: RunOptions): Promise<number>
  release(): Promise<void>
}

/** Compiles the evaluation of a model on data. */
export async function openEvaluator(
  model: Model,
  data: Dataset,
  options: Pick<EvaluateOptions, "batchSize" | "runtime"> = {},
): Promise<Evaluator> {
  requireOptions("openEvaluator", options, ["batchSize", "runtime"])
  const table = tableOf(data)
  const result = (batch: Batch) => symbolLoss(model, batch as Batch<Dataset>, "none")
  const { batchSize, opened } = await inBatches(
    table,
    { ...options, classes: model.vocabularySize },
    async (batchSize) => ({
      batchSize,
      opened: await openBatches(model, table, result, { ...options, batchSize }),
    }),
  )
  const lossPerTarget = async (options: RunOptions = {}) =>
    ofTheRows(await opened.over({ first: 0, end: table.count }, options), table, batchSize)
  return {
    lossPerTarget,
    loss: async (options) => meanOf(await lossPerTarget(options), data),
    release: opened.release,
  }
}

/** The mean over the targets that there are. */
function meanOf(losses: Float32Array, { targets }: Dataset): number {
  const counted = losses.filter((_, k) => targets.data[k] >= 0)
  return counted.reduce((sum, loss) => sum + loss, 0) / counted.length
}

/** How well a model predicts the classes of rows. */
export interface ClassEvaluation {
  /** The fraction of the rows whose class is the most probable one. */
  readonly accuracy: number
  /** Mean -ln p of the class, in nats. */
  readonly loss: number
}

export async function evaluateClasses(
  model: Model,
  data: Dataset,
  options?: EvaluateOptions,
): Promise<ClassEvaluation> {
  const { classes } = data
  if (!classes) throw new RangeError("evaluateClasses: the data has no classes: add the column 'classes'")
  const each = (batch: Batch<Dataset>) => classify(model, batch).classes.logSoftmax()
  const logProbabilities = await perRow(model, data, each, options) // (N, C)
  const [count] = classes.shape
  const C = logProbabilities.length / count
  let [right, nats] = [0, 0]
  for (let row = 0; row < count; row++) {
    const ofRow = logProbabilities.subarray(row * C, (row + 1) * C)
    if (ofRow.indexOf(Math.max(...ofRow)) === classes.data[row]) right++
    nats -= ofRow[classes.data[row]]
  }
  return { accuracy: right / count, loss: nats / count }
}

/** A page answers its user between two calls. */
const SECONDS_A_CALL = 0.1

/** Values that one call of the runtime reads, at most. */
const VALUES_A_CALL = 2 ** 17

/** Logits of a batch, at most: 128 MiB. */
const LOGITS_AT_ONCE = 2 ** 25

/** 1,024 names, five crops of sound, or two thousand words of a vocabulary of 17,905. */
function rowsAtOnce({ count, width, columns: { targets } }: Table, classes: number): number {
  const logits = classes * (targets ? sizeOf(targets.shape.slice(1)) : 1)
  return Math.min(1024, count, Math.max(1, Math.floor(Math.min(2 ** 14 / width, LOGITS_AT_ONCE / logits))))
}

/** `result` for all rows in the order of the data. It has one row for each row of the batch. */
async function perRow(
  model: Model,
  data: Dataset,
  result: (batch: Batch<Dataset>) => Tensor,
  { loss: _, ...options }: EvaluateOptions & { readonly loss?: unknown } = {},
): Promise<Float32Array> {
  requireOptions("evaluate", options, optionNames)
  const table = tableOf(data)
  return inBatches(table, { ...options, classes: model.vocabularySize }, async (batchSize) => {
    const range = { batchSize, first: 0, end: table.count }
    const found = await overBatches(model, table, result as (batch: Batch) => Tensor, {
      ...options,
      ...range,
    })
    return ofTheRows(found, table, batchSize)
  })
}

/** Without what the last batch was filled up with. */
function ofTheRows(found: Float32Array, { count }: Table, batchSize: number): Float32Array {
  const filled = Math.ceil(count / batchSize) * batchSize
  return found.subarray(0, (found.length / filled) * count)
}

/** Calls `attempt` with the batch size that was asked for; without one, halves the number of rows until they fit in memory. */
async function inBatches<T>(
  table: Table,
  { batchSize, classes = 1 }: EvaluateOptions & { readonly classes?: number },
  attempt: (batchSize: number) => Promise<T>,
): Promise<T> {
  requireAccepted("evaluate", { batchSize: rowsPerBatch }, { batchSize })
  for (let rows = batchSize ?? rowsAtOnce(table, classes); ; rows = Math.ceil(rows / 2))
    try {
      return await attempt(rows)
    } catch (error) {
      if (!(error instanceof MemoryError) || batchSize !== undefined || rows === 1) throw error
    }
}

interface Range {
  readonly first: number
  readonly end: number
}

type RunOptions = Pick<EvaluateOptions, "onProgress" | "signal">

/** `result` for each batch of the rows from `first` to `end`, in order. The last batch is filled up with row 0. */
async function overBatches(
  module: Module,
  table: Table,
  result: (batch: Batch) => Tensor,
  options: EvaluateOptions & Range & { readonly batchSize: number },
): Promise<Float32Array> {
  const opened = await openBatches(module, table, result, options)
  try {
    return await opened.over(options, options)
  } finally {
    await opened.release()
  }
}

/** `result` of a batch, compiled. `over` takes the numbers that the module has when it is called. */
async function openBatches(
  module: Module,
  table: Table,
  result: (batch: Batch) => Tensor,
  { batchSize, runtime }: { readonly batchSize: number; readonly runtime?: RuntimeOptions },
) {
  if (Object.values(table.columns).some(({ starts }) => starts))
    throw new UserError("evaluate: rows that overlap would count samples more than once: give cropsInOrder")
  const rows = Tensor.input("rows", [batchSize], "int32")
  const { batch, whole, numbers } = traceBatch(table, rows)
  const found = trace(module, "evaluation", () => result(batch)).result
  const carried = Object.fromEntries(module.namedVariables().map(([name, now]) => [name, { now, next: now }]))
  const loop = await compileLoop({ carried, whole, perStep: { rows }, outputs: { found } }, runtime)
  return {
    async over({ first, end }: Range, { onProgress, signal }: RunOptions): Promise<Float32Array> {
      const state = Object.fromEntries(Object.entries(carried).map(([name, { now }]) => [name, now.data]))
      const running = loop.start(state, numbers)
      const batches = Math.ceil((end - first) / batchSize)
      const all = new Float32Array(batches * found.size)
      const most = Math.max(1, Math.floor(VALUES_A_CALL / (batchSize * table.width)))
      const pace = openPace({ most, seconds: SECONDS_A_CALL })
      const requireGoingOn = interruptible()
      for (let done = 0; done < batches; ) {
        signal?.throwIfAborted()
        requireGoingOn(() => "the evaluation has no result")
        const steps = Math.min(pace.atOnce, batches - done)
        const start = first + done * batchSize
        const numbers = Int32Array.from({ length: steps * batchSize }, (_, k) =>
          start + k < end ? start + k : 0,
        )
        const { found: values } = await pace.time(steps, () => running.advance(steps, { rows: numbers }))
        all.set(values as Float32Array, done * found.size)
        done += steps
        await onProgress?.(Math.min(end, first + done * batchSize) / table.count)
      }
      return all
    },
    release: () => loop.release(),
  }
}
