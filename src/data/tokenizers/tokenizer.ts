/**
 * The contract of a tokenizer: text becomes ids of tokens, and ids become text again. A token is what a model reads and predicts at one
 * position: a character, a byte or a word. Each tokenizer is a file of this folder and a line of the table in `index.ts`.
 */
import type { Displayed } from "../../display/contract.ts"
import { told, UserError } from "../../errors.ts"

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
  /** The number of tokens of a text, those without an id included. */
  lengthOf(text: string): number
  /** The tokens of a text that `encode` has no id for, and throws on. */
  missing(text: string): readonly string[]
  /** The text with these ids; stops are dropped. */
  decode(ids: Iterable<number>): string
  /** For `tokenizerFromJSON`. */
  toJSON(): TokenizerJSON
}

/** A tokenizer as a run's config keeps it: for characters those with ids 1, 2, ...; for any other an object that names it. */
export type TokenizerJSON = readonly string[] | { readonly tokens: string }

/** The ids of symbols that stand for others and are no text themselves. */
export const neverDrawn = ({ unknown }: Tokenizer): number[] => (unknown === undefined ? [] : [unknown])

/** Whether a text is read as these ids. Symbols side by side may be others, as a letter and a combining accent are. */
export const isReadAs = (text: string, ids: ArrayLike<number>, tokenizer: Tokenizer): boolean =>
  tokenizer.missing(text).length === 0 && tokenizer.encode(text).join() === Array.from(ids).join()

/** A line as a tokenizer writes it. One with an unknown word does not keep all of a text. */
export const asWritten = (line: string, tokenizer: Tokenizer): string =>
  tokenizer.unknown === undefined ? line : tokenizer.decode(tokenizer.encode(line))

/** Throws a RangeError for an id that no symbol of so many has. */
export function requireId(id: number, size: number): void {
  if (!(Number.isInteger(id) && id >= 0 && id < size))
    throw new RangeError(`decode: id ${told(id)}: give ids from 0 to ${size - 1}`)
}

/** Throws a UserError for anything but several texts. One text alone would be read as many, of a character each. */
export function requireTexts(method: string, texts: unknown): void {
  if (typeof texts === "string" || !(Symbol.iterator in Object(texts)))
    throw new UserError(
      `${method}: ${told(texts)} in place of lines: give a list of texts, such as the lines of what loadText loads`,
    )
}
