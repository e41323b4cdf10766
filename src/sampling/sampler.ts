/** The contract of samplers: sequences of symbols, one after another, from any model. */
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import type { Generator } from "../random/torch.ts"
import type { Kind } from "../tensor/op.ts"
import { type Choice, checkChoice } from "./probabilities.ts"

export interface SampleOptions extends Choice {
  /** How many sequences. */
  readonly count: number
  readonly generator: Generator
  /** Symbols that each sequence starts with. */
  readonly prompt?: readonly number[]
  /** The label of all sequences, for a model that is conditioned on labels. */
  readonly label?: Label
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

/** Throws a UserError for a choice that cannot be drawn from, and for a prompt that leaves no room for a symbol. */
export function checkOptions({
  prompt,
  maximumLength,
  ...choice
}: Choice & { readonly prompt: readonly number[]; readonly maximumLength: number }): void {
  checkChoice(choice)
  if (prompt.length >= maximumLength)
    throw new UserError(
      `a prompt of ${prompt.length} symbols leaves no room in a length of ${maximumLength}: make it shorter`,
    )
}

/** The maximum length by default. A sequence begins with the stop, so that one symbol less fits. */
export const longestOf = ({ reads, contextLength }: Model): number =>
  reads === "sequences" ? contextLength - 1 : 1000

/** The same label for B sequences, as a feed of the model; nothing for a model without labels. */
export function labelFeed(kind: Kind | undefined, B: number, label?: Label): { label?: number[] } {
  if (!kind && label === undefined) return {}
  if (!kind) throw new UserError("the model is not conditioned on a label: leave it out")
  const one = label === undefined ? [] : [label].flat()
  const [, width = 1] = kind.shape
  if (one.length !== width)
    throw new UserError(
      `the model is conditioned on a label: give { label }, ${kind.dtype === "int32" ? "a number" : `${width} numbers`}`,
    )
  return { label: Array.from({ length: B }, () => one).flat() }
}
