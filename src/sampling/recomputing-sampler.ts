/**
 * Sampling from any model: for each symbol, everything that the model looks back on is read again.
 * Source: makemore part 5, cell 13; makemore.py's generate.
 */
import { STOP } from "../data/vocabulary.ts"
import type { Model } from "../models/model.ts"
import { trace } from "../nn/trace.ts"
import { type Compiled, compile } from "../runtime/compile.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { Tensor } from "../tensor/tensor.ts"
import { probabilities } from "./probabilities.ts"
import { labelFeed, longestOf, type Sampler, settled } from "./sampler.ts"

/** Keeps the model's current parameters, and compiles it when the first sample is drawn. */
export function recomputingSampler(
  model: Model,
  { batchSize: B = 1, runtime }: { batchSize?: number; runtime?: RuntimeOptions } = {},
): Sampler {
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
    async *sample(options) {
      const { count, generator, prompt, label, maximumLength, choice } = settled(options, {
        vocabularySize: V,
        longest: longestOf(model),
      })
      const given = { ...numbers, ...labelFeed(model.conditionKinds(B, T).label, B, label) }
      let begun = 0
      const begin = (): number[] | undefined => (begun++ < count ? [...prompt] : undefined)
      // A slot whose sequence is finished begins the next one at once, so that no slot waits for the longest.
      const slots = Array.from({ length: B }, begin)
      const ids = new Int32Array(B * T)
      const rows = new Int32Array(B)
      while (slots.some((slot) => slot !== undefined)) {
        for (const [b, thing = []] of slots.entries())
          rows[b] = fill(ids.subarray(b * T, (b + 1) * T), thing, model, b)
        compiled ??= compiling()
        const logits = (await (await compiled).run({ ...given, ids, rows })).logits as Float32Array
        for (const [b, thing] of slots.entries()) {
          if (!thing) continue
          const weights = probabilities(logits.subarray(b * V, (b + 1) * V), choice)
          const next = generator.multinomial(weights, 1)[0]
          if (next !== STOP) thing.push(next)
          if (next === STOP || thing.length >= maximumLength) {
            yield thing
            slots[b] = begin()
          }
        }
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
