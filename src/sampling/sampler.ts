/** What a sampler is: things as symbols, one after the other, by whatever model. */
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import type { Generator } from "../random/torch.ts"
import type { Kind } from "../tensor/op.ts"
import type { Choice } from "./probabilities.ts"

export interface SampleOptions extends Choice {
  /** How many things. */
  readonly count: number
  readonly generator: Generator
  /** Symbols that each thing starts with. */
  readonly prompt?: readonly number[]
  /** What all things are to be, of a model that goes by a label: its number, or the vector that stands in its place. */
  readonly label?: Label
  /** A thing that has not stopped by then is cut; for models of sequences as long as they can read, for others 1000. */
  readonly maximumLength?: number
}

/** A label by its number, or the vector that stands in its place. */
export type Label = number | readonly number[]

/** Sampling from a model as it was when this was opened. */
export interface Sampler {
  /**
   * Things as symbols, prompt included, stop left out, in the order in which they are finished. With a batch size of 1 the
   * stream of random numbers is used exactly as in the lecture.
   */
  sample(options: SampleOptions): AsyncGenerator<number[]>
  release(): Promise<void>
}

/** How a prompt and the symbols drawn after it fit: a UserError where there is no room. */
export function requireRoom(prompt: readonly number[], maximumLength: number): void {
  if (prompt.length >= maximumLength)
    throw new UserError(
      `a prompt of ${prompt.length} symbols leaves nothing of a length of ${maximumLength}: make it shorter`,
    )
}

/** A sequence begins with the stop, so that one symbol less fits. */
export const longestOf = ({ reads, contextLength }: Model): number =>
  reads === "sequences" ? contextLength - 1 : 1000

/** The numbers of the labels of B things that are all to be the same; nothing for a model without. */
export function labelNumbers(kind: Kind | undefined, B: number, label?: Label): { label?: number[] } {
  if (!kind && label === undefined) return {}
  if (!kind) throw new UserError("a label is given to a model without: leave it out")
  const one = label === undefined ? [] : [label].flat()
  const [, width = 1] = kind.shape
  if (one.length !== width)
    throw new UserError(
      `this model goes by a label: give { label }, ${kind.dtype === "int32" ? "a number" : `${width} numbers`}`,
    )
  return { label: Array.from({ length: B }, () => one).flat() }
}
