/**
 * The contract of a model: symbols in, logits of the next symbol out. The loss, training and the samplers know no more of a model.
 */
import { Module } from "../nn/module.ts"
import type { Past } from "../nn/past.ts"
import {
  type Declared,
  derived,
  type Filled,
  fill,
  fraction,
  type Options,
  type Rest,
  requireAccepted,
  size,
  type Value,
  whole,
} from "../setting.ts"
import type { Kind } from "../tensor/op.ts"
import { Tensor } from "../tensor/tensor.ts"

/** The conditions of sequences. */
export interface Conditions {
  /** A label for each sequence, int32 (B), or a vector in its place, float32 (B, width). */
  readonly label?: Tensor
  /** A slower series beside each sequence, float32 (B, ⌈T / stride⌉, width). */
  readonly series?: Tensor
}

/** The shape and dtype of each condition that a model takes. */
export interface ConditionKinds {
  /** Of labels by number, int32, also their `count`. */
  readonly label?: Kind & { readonly count?: number }
  readonly series?: Kind
}

/** Predictions for B sequences of T symbols. */
export interface Classification {
  /** The next symbol, for each position. */
  readonly logits: Tensor // (B, T, V)
  /** The class of each sequence. */
  readonly classes: Tensor // (B, C)
}

/** The second argument of a forward pass. */
export interface ForwardOptions extends Conditions {
  /** How earlier positions are read; whole sequences by default. */
  readonly past?: Past
}

/** Options of a model's constructor: its settings, and the number of symbols. */
export type ModelOptions<S extends Declared> = Options<S> & {
  /** V: number of symbols. */
  vocabularySize: number
}

/** The class of a model in the table. */
export interface ModelClass {
  new (options: { vocabularySize: number; labels?: number; classes?: number }): Model
  /** One sentence for help. */
  readonly description: string
  readonly settings: Declared
  readonly labels: typeof Model.labels
}

const bounds = { unit: "symbols", most: 2 ** 22 }

const symbols = whole(undefined, "number of symbols", { least: 1, most: 2 ** 31 - 1 })

/** The setting `contextLength` of a model of windows. */
export const windowLength = (symbols: number) => size(symbols, "symbols of context", bounds)

/** The setting `contextLength` of a model of sequences: a line and its end. */
export const sequenceLength = size(
  derived("the longest line and its end", ({ longestLine }: { longestLine?: number }) =>
    longestLine === undefined ? 16 : longestLine + 1,
  ),
  "symbols of context",
  bounds,
)

/** The setting `dropout`, of every model that has some. */
export const dropout = fraction(0, "probability with which training sets an activation to 0", {
  unit: "probability",
})

/**
 * A model's `config`: all options with defaults filled in. Defaults may also depend on `facts`. Throws a RangeError for an option that
 * its setting does not accept.
 */
export function configOf<S extends Declared>(
  { name, settings }: { readonly name: string; readonly settings: S },
  options: ModelOptions<S>,
  facts?: Rest,
): Filled<S> & { vocabularySize: number } {
  const { vocabularySize } = options
  const given = { ...options, vocabularySize: vocabularySize ?? "none" }
  requireAccepted(name, { ...settings, vocabularySize: symbols }, given)
  return { vocabularySize, ...fill(settings, options, { facts }) }
}

export abstract class Model extends Module {
  /** Its uses of labels: being conditioned on them, predicting them. */
  static readonly labels: readonly ("condition" | "classify")[] = []

  /** All settings with their values, as a run keeps them. */
  abstract readonly config: Readonly<Record<string, Value | undefined>> & {
    readonly vocabularySize: number
    readonly contextLength: number
  }
  /**
   * "windows": a context (B, T) gives logits (B, V) of the one symbol that follows.
   * "sequences": symbols (B, T) give logits (B, T, V), at each position of the symbol after it.
   */
  abstract readonly reads: "windows" | "sequences"

  /** V: the number of symbols. */
  get vocabularySize(): number {
    return this.config.vocabularySize
  }

  /** T: the number of symbols that the model looks back on. */
  get contextLength(): number {
    return this.config.contextLength
  }

  override extraRepr() {
    return this.config
  }

  abstract forward(ids: Tensor, options?: ForwardOptions): Tensor

  /** For a model that classifies: the next symbols, and the class of each sequence from the positions where `counted`, bool (B, T), is true. */
  classify?(ids: Tensor, counted: Tensor, conditions?: Conditions): Classification

  /**
   * How far the model can go one position at a time: through `contextLength` positions, or without end. Requires that it reads earlier
   * positions through `past` alone. Undefined for a model that cannot, which reads everything again for each symbol.
   */
  readonly steps?: "context" | "endless"

  /** How many symbols back a prediction sees, its own position included, where that is less than all before it. */
  readonly receptiveField?: number

  /** The conditions for B rows of T symbols; none by default. */
  conditionKinds(_B: number, _T: number): ConditionKinds {
    return {}
  }

  /** The conditions as leaves of a graph, by the names `label` and `series`; the compiled graph takes their values. */
  conditionInputs(B: number, T: number): Conditions & Record<string, Tensor> {
    const kinds = Object.entries(this.conditionKinds(B, T))
    return Object.fromEntries(
      kinds.map(([name, { shape, dtype }]) => [name, Tensor.input(name, shape, dtype)]),
    )
  }
}
