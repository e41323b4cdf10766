/**
 * The tokenizer of characters, the vocabulary: each user-perceived character of the data has an id from 1 up, in code point order; 0 is
 * the symbol that starts and stops a line.
 * Source: makemore part 5, cell 3 (stoi and itos).
 */
import { inspect, jupyterDisplay, type Media } from "../../display/contract.ts"
import { told, UserError } from "../../errors.ts"
import { byCodePoints } from "../by-code-points.ts"
import { characters, codePointsOf, quoteStart } from "../characters.ts"
import { symbolsInWords, symbolsMedia } from "./symbols-shown.ts"
import { requireId, requireTexts, STOP, type Tokenizer } from "./tokenizer.ts"

export class Vocabulary implements Tokenizer {
  readonly tokens = "characters"
  /** By id, for display. Id 0 is shown as "."; a "." in the data has an id of its own. */
  readonly symbols: readonly string[]
  readonly #ids: ReadonlyMap<string, number>

  /** `distinct` are the characters with ids 1, 2, ... */
  private constructor(distinct: readonly string[]) {
    this.symbols = [".", ...distinct]
    this.#ids = new Map(distinct.map((character, index) => [character, index + 1]))
  }

  static from(lines: Iterable<string>): Vocabulary {
    requireTexts("Vocabulary.from", lines)
    const distinct = new Set<string>()
    for (const line of lines) for (const character of characters(line)) distinct.add(character)
    if (distinct.size === 0) throw new UserError("A vocabulary without characters: give lines that have some")
    return new Vocabulary([...distinct].sort(byCodePoints))
  }

  /** The number of symbols, the stop included. */
  get size(): number {
    return this.symbols.length
  }

  toString(): string {
    return symbolsInWords(this.symbols)
  }

  [inspect](): string {
    return `Vocabulary of ${this}`
  }

  [jupyterDisplay](): Promise<Media> {
    return symbolsMedia(this[inspect](), this.symbols)
  }

  /** A line of L characters -> its ids (L), without stops. Throws a UserError on an unknown character. */
  encode(line: string): Int32Array {
    if (typeof line !== "string") throw new UserError(`encode: ${told(line)}: give a text`)
    const read = characters(line)
    const ids = new Int32Array(read.length) // several times as fast as Int32Array.from
    for (const [k, character] of read.entries()) {
      const id = this.#ids.get(character)
      if (id === undefined) throw this.#unknown(character, line)
      ids[k] = id
    }
    return ids
  }

  lengthOf(text: string): number {
    return characters(text).length
  }

  missing(text: string): string[] {
    return characters(text).filter((character) => !this.#ids.has(character))
  }

  /** The line with these ids; stops are dropped. */
  decode(ids: Iterable<number>): string {
    let line = ""
    for (const id of ids) {
      requireId(id, this.size)
      if (id !== STOP) line += this.symbols[id]
    }
    return line
  }

  /** The characters with ids 1, 2, ..., for `fromJSON`. */
  toJSON(): string[] {
    return this.symbols.slice(1)
  }

  /** `name` is the value's name in errors, such as the path of a file. */
  static fromJSON(value: unknown, { name = "the vocabulary" } = {}): Vocabulary {
    const filled = (entry: unknown): entry is string => typeof entry === "string" && entry !== ""
    if (!Array.isArray(value) || value.length === 0 || !value.every(filled))
      throw new UserError(`${name}: not a vocabulary: give a list of characters, such as ["a", "b", "c"]`)
    if (new Set(value).size < value.length)
      throw new UserError(`${name}: not a vocabulary: a character occurs twice: give each once`)
    return new Vocabulary(value)
  }

  #unknown(character: string, line: string): UserError {
    const visible = this.symbols.map((symbol) => (symbol.trim() === "" ? JSON.stringify(symbol) : symbol))
    const shown = visible.slice(1, 101).join(" ")
    const more = this.size > 101 ? ` and ${this.size - 101} more` : ""
    const other = [character.toLowerCase(), character.toUpperCase()].find((each) => this.#ids.has(each))
    const meant = other === undefined ? "" : `did you mean ${JSON.stringify(other)}? Else `
    return new UserError(
      `${quoteStart(line)}: the character ${JSON.stringify(character)} (${codePointsOf(character)}) is not in ` +
        `the vocabulary: ${meant}leave it out, or use these: ${shown}${more}`,
    )
  }
}
