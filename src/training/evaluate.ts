/** The loss over a whole split, each row once, in evaluation mode. Source: makemore part 5, cell 12. */
import type { Dataset } from "../data/dataset.ts"
import type { Model } from "../models/model.ts"
import { inMode } from "../nn/module.ts"
import { compileLoop } from "../runtime/compile.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { Tensor } from "../tensor/tensor.ts"
import { traceBatch, wholeNumbers } from "./batch.ts"
import { lossOf } from "./loss.ts"

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
export async function lossPerTarget(
  model: Model,
  data: Dataset,
  { batchSize = Math.min(1024, data.count), runtime, onProgress }: EvaluateOptions = {},
): Promise<Float32Array> {
  const rows = Tensor.input("rows", [batchSize], "int32")
  const { batch, whole } = traceBatch(model, data, rows)
  const losses = inMode(model, false, () => lossOf(model, batch, "none"))
  const carried = Object.fromEntries(
    [...model.namedParameters(), ...model.namedBuffers()].map(([name, now]) => [name, { now, next: now }]),
  )
  const loop = await compileLoop({ carried, whole, perStep: { rows }, outputs: { losses } }, runtime)
  const state = Object.fromEntries(Object.entries(carried).map(([name, { now }]) => [name, now.data]))
  const running = loop.start(state, wholeNumbers(data))

  const each = data.targets.length / data.count
  const result = new Float32Array(data.targets.length)
  const rowsPerCall = batchSize * Math.max(1, Math.round(8192 / batchSize))
  for (let first = 0; first < data.count; first += rowsPerCall) {
    const wanted = Math.min(rowsPerCall, data.count - first)
    const steps = Math.ceil(wanted / batchSize)
    // The last batch is filled up with row 0, whose losses are not read.
    const numbers = Int32Array.from({ length: steps * batchSize }, (_, k) => (k < wanted ? first + k : 0))
    const { losses } = await running.advance(steps, { rows: numbers })
    result.set((losses as Float32Array).subarray(0, wanted * each), first * each)
    onProgress?.((first + wanted) / data.count)
  }
  await loop.release()
  return result
}
