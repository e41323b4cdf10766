/** The contract of samplers: sequences of symbols, one after another, from any model. */
import { STOP } from "../data/tokenizers/tokenizer.ts"
import { requireOptions, told, UserError } from "../errors.ts"
import type { ConditionKinds, Model } from "../models/model.ts"
import { defaultGenerator } from "../random/default-generator.ts"
import type { Generator } from "../random/torch.ts"
import { stepsPerCall } from "./generation-step.ts"
import { type Choice, choices, requireChoice } from "./probabilities.ts"

export interface SampleOptions extends Choice {
  /** How many sequences. */
  readonly count: number
  /** By default the one that `manualSeed` seeds, as in PyTorch. */
  readonly generator?: Generator
  /** Ids of the symbols that each sequence starts with, without the stop. */
  readonly prompt?: readonly number[]
  /** The label of all sequences, for a model that is conditioned on labels. */
  readonly label?: Label
  /** Ids of symbols that are never drawn, such as the unknown word. */
  readonly never?: readonly number[]
  /** A longer sequence is cut. By default as long as a model of sequences can read, and 1000 for others. */
  readonly maximumLength?: number
}

/** A label by its number, or a vector in its place. */
export type Label = number | readonly number[]

/** Samples from a model with the parameters it had when the sampler was opened. */
export interface Sampler {
  /**
   * Sequences of symbols with the prompt and without the stop, in the order in which they finish. With a batch size of 1 the random
   * stream is used exactly as in the lecture.
   */
  sample(options: SampleOptions): AsyncGenerator<number[]>
  release(): Promise<void>
}

/** The options with their defaults, for a vocabulary of this size. Throws a UserError for options that do not fit. */
export function settled(
  given: SampleOptions,
  { vocabularySize: V, longest }: { vocabularySize: number; longest: number },
) {
  requireOptions("sample", given, [
    ...choices,
    "count",
    "generator",
    "prompt",
    "label",
    "never",
    "maximumLength",
  ])
  const {
    count,
    generator = defaultGenerator,
    prompt = [],
    label,
    never = [],
    maximumLength = longest,
    ...choice
  } = given
  requireChoice(choice)
  requireWhole("count", count, 0)
  requireWhole("maximumLength", maximumLength, 1)
  requireGenerator(generator)
  requireSymbols("prompt", prompt, { from: STOP + 1, V })
  requireSymbols("never", never, { V })
  if (prompt.length >= maximumLength)
    throw new UserError(
      `a prompt of ${prompt.length} symbols leaves no room in a length of ${maximumLength}: make it shorter, or maximumLength (--maximum-length) larger`,
    )
  return { count, generator, prompt, label, never, maximumLength, choice }
}

/** Throws a UserError unless an option is a whole number in this range. */
export function requireWhole(name: string, value: unknown, least: number, most = Infinity): void {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return
  const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most.toLocaleString("en")}`
  throw new UserError(`${name} ${told(value)}: give a whole number ${range}`)
}

/** The most sequences at a time: the noise for a call of the loop then takes at most 512 MiB. */
export const largestBatch = ({ vocabularySize: V }: Model): number => Math.floor(2 ** 27 / (stepsPerCall * V))

/** Throws a UserError unless the value is a generator. */
export function requireGenerator(value: unknown): void {
  if (typeof (value as Generator | null)?.multinomial !== "function")
    throw new UserError(
      `generator ${told(value)}: give a Generator, such as new Generator(1), or leave it out`,
    )
}

/** Throws a UserError unless these are ids of symbols. */
export function requireSymbols(
  name: string,
  ids: ArrayLike<number>,
  { from = 0, V }: { from?: number; V: number },
): void {
  const wanted = `give ids from ${from} to ${V - 1}${from > STOP ? `; ${STOP}, the start and stop, is added for you` : ""}`
  if (!Array.isArray(ids) && !ArrayBuffer.isView(ids))
    throw new UserError(`${name} ${told(ids)}: not a list of symbols: ${wanted}`)
  const at = Array.prototype.findIndex.call(ids, (id) => !(Number.isInteger(id) && id >= from && id < V))
  if (at >= 0) throw new UserError(`${name}: symbol ${told(ids[at])} at index ${at}: ${wanted}`)
}

/** What a sampler knows of a model, or of several that predict together. */
export type Predictor = Pick<Model, "vocabularySize" | "reads" | "contextLength" | "conditionKinds">

/** The default maximum length. A sequence of the model begins with the stop, so one symbol less fits. */
export const longestOf = ({ reads, contextLength }: Pick<Model, "reads" | "contextLength">): number =>
  reads === "sequences" ? contextLength - 1 : 1000

/** The same label for B sequences, as a feed of the model; nothing for a model without labels. */
export function labelFeed(kind: ConditionKinds["label"], B: number, label?: Label): { label?: number[] } {
  if (!kind && label === undefined) return {}
  if (!kind) throw new UserError("the model is not conditioned on a label: leave it out")
  const one = label === undefined ? [] : [label].flat()
  const { shape, dtype, count = Infinity } = kind
  const [, width = 1] = shape
  const fits = (number: unknown) =>
    dtype === "int32"
      ? Number.isInteger(number) && (number as number) >= 0 && (number as number) < count
      : Number.isFinite(number)
  if (one.length === width && one.every(fits)) return { label: Array.from({ length: B }, () => one).flat() }
  const last = count === Infinity ? "" : ` from 0 to ${count - 1}`
  const wanted = dtype === "int32" ? `a whole number${last}` : `${width} numbers`
  throw new UserError(
    label === undefined
      ? `the model is conditioned on a label: give { label }, ${wanted}`
      : `label ${told(label)}: give ${wanted}`,
  )
}
