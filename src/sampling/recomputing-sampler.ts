/**
 * Sampling from any model: for each symbol, all that the model looks back on is read anew.
 * Source: makemore part 5, cell 13; makemore.py's generate.
 */
import { STOP } from "../data/vocabulary.ts"
import { conditionInputs } from "../models/condition-inputs.ts"
import type { Model } from "../models/model.ts"
import { trace } from "../nn/trace.ts"
import { type Compiled, compile } from "../runtime/compile.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { Tensor } from "../tensor/tensor.ts"
import { checkChoice, probabilities } from "./probabilities.ts"
import { labelNumbers, longestOf, requireRoom, type SampleOptions, type Sampler } from "./sampler.ts"

/** The model is taken as it is now, and compiled when a sample is first asked for. */
export function recomputingSampler(
  model: Model,
  { batchSize: B = 1, runtime }: { batchSize?: number; runtime?: RuntimeOptions } = {},
): Sampler {
  const { contextLength: T, vocabularySize: V } = model
  const leaves = Object.fromEntries(model.namedVariables())
  const numbers = Object.fromEntries(Object.entries(leaves).map(([name, { data }]) => [name, data]))
  const { label: kind } = model.conditionKinds(B, T)
  let compiled: Promise<Compiled> | undefined
  const compiling = () => {
    const ids = Tensor.input("ids", [B, T], "int32")
    /** The row of the logits that says what follows each thing. */
    const rows = Tensor.input("rows", [B], "int32")
    const conditions = conditionInputs(model, B, T)
    const logits = trace(model, "evaluation", () => model.forward(ids, conditions)).result
    return compile(
      { ids, rows, ...conditions, ...leaves },
      { logits: logits.reshape([-1, V]).gather(rows) },
      runtime,
    )
  }
  return {
    sample(options) {
      const given = { ...numbers, ...labelNumbers(kind, B, options.label) }
      const run: Compiled["run"] = async (feeds) => {
        compiled ??= compiling()
        return (await compiled).run({ ...given, ...feeds })
      }
      return sample(model, B, run, options)
    },
    release: async () => (await compiled)?.release(),
  }
}

async function* sample(
  model: Model,
  batchSize: number,
  run: Compiled["run"],
  { count, generator, prompt = [], maximumLength = longestOf(model), ...choice }: SampleOptions,
): AsyncGenerator<number[]> {
  checkChoice(choice)
  const { contextLength: T, vocabularySize: V } = model
  requireRoom(prompt, maximumLength)
  let begun = 0
  const begin = (): number[] | undefined => (begun++ < count ? [...prompt] : undefined)
  // A slot whose thing is finished begins the next one at once, so that no slot waits for the longest.
  const slots = Array.from({ length: batchSize }, begin)
  const ids = new Int32Array(batchSize * T)
  const rows = new Int32Array(batchSize)
  while (slots.some((slot) => slot !== undefined)) {
    for (const [b, thing] of slots.entries())
      rows[b] = fill(ids.subarray(b * T, (b + 1) * T), thing ?? [], model, b)
    const logits = (await run({ ids, rows })).logits as Float32Array
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
}

/** Writes what the model reads of a thing into its row `b` of the batch; gives the row of the logits that says what follows. */
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
