/**
 * Sampling from any model: for each symbol, everything that the model looks back on is read again.
 * Source: makemore part 5, cell 13; makemore.py's generate.
 */
import { STOP } from "../data/tokenizers/tokenizer.ts"
import type { Model } from "../models/model.ts"
import { trace } from "../nn/trace.ts"
import { type Compiled, compile } from "../runtime/compile.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { Tensor } from "../tensor/tensor.ts"
import type { Sampler } from "./sampler.ts"
import { type Reader, slotSampler } from "./slots.ts"

interface Options {
  readonly batchSize?: number
  readonly runtime?: RuntimeOptions
}

/** Keeps the model's current parameters, and compiles it when the first sample is drawn. */
export const recomputingSampler = (model: Model, { batchSize = 1, runtime }: Options = {}): Sampler =>
  slotSampler(model, { batchSize, reader: recomputingReader(model, { batchSize, runtime }) })

/** Reads each slot from its start, or its last symbols, every time. */
export function recomputingReader(model: Model, { batchSize: B = 1, runtime }: Options = {}): Reader {
  const { contextLength: T, vocabularySize: V } = model
  const leaves = Object.fromEntries(model.namedVariables())
  const numbers = Object.fromEntries(Object.entries(leaves).map(([name, { data }]) => [name, data]))
  let compiled: Promise<Compiled> | undefined
  const compiling = () => {
    const ids = Tensor.input("ids", [B, T], "int32")
    /** For each sequence, the row of the logits of its next symbol. */
    const rows = Tensor.input("rows", [B], "int32")
    const conditions = model.conditionInputs(B, T)
    const logits = trace(model, "evaluation", () => model.forward(ids, conditions)).result
    return compile(
      { ids, rows, ...conditions, ...leaves },
      { logits: logits.reshape([-1, V]).gather(rows) },
      runtime,
    )
  }
  return {
    async begin(label) {
      compiled ??= compiling()
      const { run } = await compiled
      const given = { ...numbers, ...label }
      const ids = new Int32Array(B * T)
      const rows = new Int32Array(B)
      return async (slots) => {
        for (const [b, slot] of slots.entries()) {
          const symbols = slot?.ids ?? []
          rows[b] = fill(ids.subarray(b * T, (b + 1) * T), symbols, model, b)
          if (slot) slot.read = symbols.length + 1
        }
        return (await run({ ...given, ids, rows })).logits as Float32Array
      }
    },
    release: async () => (await compiled)?.release(),
  }
}

/** Writes what the model reads of a sequence into row `b` of the batch. Returns the row of the logits of its next symbol. */
function fill(
  row: Int32Array,
  thing: readonly number[],
  { reads, contextLength: T }: Model,
  b: number,
): number {
  row.fill(STOP)
  if (reads === "windows") {
    const seen = thing.slice(-T)
    row.set(seen, T - seen.length)
    return b
  }
  const seen = thing.length < T ? [STOP, ...thing] : thing.slice(-T)
  row.set(seen)
  return b * T + seen.length - 1
}
