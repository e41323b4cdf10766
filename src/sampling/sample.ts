/**
 * From a trained model to things like those it was trained on: symbol after symbol, until it says stop.
 * Source: makemore part 5, cell 13; makemore.py's generate.
 */
import type { NGram } from "../counting/ngram.ts"
import { STOP } from "../data/vocabulary.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { inMode } from "../nn/module.ts"
import type { Generator } from "../random/torch.ts"
import { type Compiled, compile } from "../runtime/compile.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import type { Kind } from "../tensor/op.ts"
import { Tensor } from "../tensor/tensor.ts"
import { type Choice, checkChoice, probabilities } from "./probabilities.ts"

export interface SampleOptions extends Choice {
  /** How many things. */
  readonly count: number
  readonly generator: Generator
  /** Symbols that each thing starts with. */
  readonly prompt?: readonly number[]
  /** What all things are to be, of a model that goes by a label: its number, or the vector that stands in its place. */
  readonly label?: number | readonly number[]
  /** A thing that has not stopped by then is cut; for models of sequences as long as they can read, for others 1000. */
  readonly maximumLength?: number
}

/** Sampling from a model as it was when this was opened. */
export interface Sampler {
  /**
   * Things as symbols, prompt included, stop left out, in the order in which they are finished. With a batch size of 1 the
   * stream of random numbers is used exactly as in the lecture.
   */
  sample(options: SampleOptions): AsyncGenerator<number[]>
  release(): Promise<void>
}

/** Compiles the model for `batchSize` things at a time. */
export async function openSampler(
  model: Model,
  { batchSize = 1, runtime }: { batchSize?: number; runtime?: RuntimeOptions } = {},
): Promise<Sampler> {
  const { contextLength: T, vocabularySize: V } = model
  const ids = Tensor.input("ids", [batchSize, T], "int32")
  /** The row of the logits that says what follows each thing. */
  const rows = Tensor.input("rows", [batchSize], "int32")
  const { label: kind, series } = model.conditionKinds(batchSize, T)
  if (series)
    throw new UserError(
      "this model goes by a series, and a thing that may stop at any time has none: openStream goes along with one",
    )
  const label = kind && Tensor.input("label", kind.shape, kind.dtype)
  const logits = inMode(model, false, () => model.forward(ids, { label }))
  const numbers = Object.fromEntries([...model.namedParameters(), ...model.namedBuffers()])
  const compiled = await compile(
    { ids, rows, ...(label && { label }), ...numbers },
    { logits: logits.reshape([-1, V]).gather(rows) },
    runtime,
  )
  const state = Object.fromEntries(Object.entries(numbers).map(([name, { data }]) => [name, data]))
  return {
    sample(options) {
      const given = label && { label: labelRows(label, batchSize, options.label) }
      if (!label && options.label !== undefined)
        throw new UserError("a label is given to a model without: leave it out")
      return sample(model, batchSize, (feeds) => compiled.run({ ...state, ...given, ...feeds }), options)
    },
    release: () => compiled.release(),
  }
}

/** The label of each thing, all the same. */
function labelRows({ shape, dtype }: Kind, B: number, label: SampleOptions["label"]): number[] {
  const one = label === undefined ? [] : [label].flat()
  const [, width = 1] = shape
  if (one.length !== width)
    throw new UserError(
      `this model goes by a label: give { label }, ${width === 1 && dtype === "int32" ? "a number" : `${width} numbers`}`,
    )
  return Array.from({ length: B }, () => one).flat()
}

/** The same of a model that counts. */
export const countingSampler = (model: NGram): Sampler => ({
  async *sample({ count, generator, prompt = [], maximumLength = 1000, ...choice }) {
    checkChoice(choice)
    requireRoom(prompt, maximumLength)
    for (let k = 0; k < count; k++) {
      const thing = [...prompt]
      while (thing.length < maximumLength) {
        const logits = Float32Array.from(model.probabilities(thing), Math.log)
        const next = generator.multinomial(probabilities(logits, choice), 1)[0]
        if (next === STOP) break
        thing.push(next)
      }
      yield thing
    }
  },
  release: async () => {},
})

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

/** A sequence begins with the stop, so that one symbol less fits. */
const longestOf = ({ reads, contextLength }: Model): number =>
  reads === "sequences" ? contextLength - 1 : 1000

function requireRoom(prompt: readonly number[], maximumLength: number): void {
  if (prompt.length >= maximumLength)
    throw new UserError(
      `a prompt of ${prompt.length} symbols leaves nothing of a length of ${maximumLength}: make it shorter`,
    )
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
