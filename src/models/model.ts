/**
 * The contract of a model: symbols in, logits of the next symbol out. The loss, the loop and the sampler are shared, and know of
 * a model only what stands here.
 */
import { Module } from "../nn/module.ts"
import type { Past } from "../nn/past.ts"
import type { Kind } from "../tensor/op.ts"
import type { Tensor } from "../tensor/tensor.ts"

/** What a sequence goes along with. */
export interface Conditions {
  /** int32 (B), a label of each sequence; of a model that takes vectors in their place float32 (B, width). */
  readonly label?: Tensor
  /** float32 (B, ⌈T / stride⌉, width), a slower series beside each sequence. */
  readonly series?: Tensor
}

/** The shape and type of each condition that a model wants. */
export type ConditionKinds = { readonly [Name in keyof Conditions]?: Kind }

/** What a model says of B sequences of T symbols. */
export interface Classification {
  /** Of each position the next symbol. */
  readonly logits: Tensor // (B, T, V)
  /** Of each sequence what it is. */
  readonly classes: Tensor // (B, C)
}

/** What a forward pass takes beside the symbols. */
export interface ForwardOptions extends Conditions {
  /** How earlier positions are read: over whole sequences unless given. */
  readonly past?: Past
}

export abstract class Model extends Module {
  /** Its settings, those left out filled in, as they are kept with a run. */
  abstract readonly config: Readonly<Record<string, number | boolean | string | undefined>>
  /** V: how many symbols it knows. */
  abstract readonly vocabularySize: number
  /** T: how many symbols it looks back on. */
  abstract readonly contextLength: number
  /**
   * What it reads. "windows": a context (B, T) gives logits (B, V) of the one symbol that follows.
   * "sequences": symbols (B, T) give logits (B, T, V), at each position of the symbol after it.
   */
  abstract readonly reads: "windows" | "sequences"

  override extraRepr() {
    return this.config
  }

  abstract forward(ids: Tensor, options?: ForwardOptions): Tensor

  /**
   * For a model that classifies: the next symbols, and for each sequence one of the classes that it was made with, from the positions that `counted`,
   * bool (B, T), is true of.
   */
  classify?(ids: Tensor, counted: Tensor, conditions?: Conditions): Classification

  /**
   * How far a model that reads all earlier positions through `past` can go one position at a time: through `contextLength` positions,
   * or without end. Undefined for a model that cannot: what came before is then read again for each symbol.
   */
  readonly steps?: "context" | "endless"

  /** What B rows of T symbols must go along with; nothing, unless a model says otherwise. */
  conditionKinds(_B: number, _T: number): ConditionKinds {
    return {}
  }
}
