/**
 * The contract of a tokenizer: text becomes ids of tokens, and ids become text again. A token is what a model reads and predicts at one
 * position: a character, a byte or a word. Each tokenizer is a file of this folder and a line of the table in `index.ts`.
 */
import type { Displayed } from "../../display/contract.ts"

/** The id of the symbol that starts and stops a line. */
export const STOP = 0

export interface Tokenizer extends Displayed {
  /** The value of the setting `tokens` that makes it: its name in the table. */
  readonly tokens: string
  /** V, the number of symbols, the stop included. */
  readonly size: number
  /** By id, for display. */
  readonly symbols: readonly string[]
  /** The id of all tokens that have none of their own; absent if such a token is an error. */
  readonly unknown?: number
  /** A text of L tokens -> their ids (L), without stops. Throws a UserError on a token that has no id, unless there is an `unknown`. */
  encode(text: string): Int32Array
  /** The text with these ids; stops are dropped. */
  decode(ids: Iterable<number>): string
  /** For `tokenizerFromJSON`. */
  toJSON(): TokenizerJSON
}

/** A tokenizer as a run's config keeps it: for characters those with ids 1, 2, ...; for any other an object that names it. */
export type TokenizerJSON = readonly string[] | { readonly tokens: string }
