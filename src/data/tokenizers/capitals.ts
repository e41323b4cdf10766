/**
 * Where words begin with a capital letter because of their place: at the start of a sentence, of a line in many poems, in a quote. A place
 * is the marks between a word and the one before it. There a word is read in the form, capital or small, that it has elsewhere, so that
 * "The" and "the" are one word, and is written with a capital again. The text tells which places these are, so that a list in small
 * letters, or a text that is broken into lines anywhere, stays as it is.
 */
import { isWord, LINE_END } from "./words-and-marks.ts"

/** The marks since the last word. */
export class Place {
  /** A text begins as if after a blank line. */
  #marks = [LINE_END, LINE_END]
  #name = this.#marks.join("")
  #isFirst = true

  get name(): string {
    return this.#name
  }

  /**
   * Whether a word here begins with a capital. Where a text begins, a line begins, whatever ended the one before: it may be a passage of a
   * longer text.
   */
  isIn(capitals: ReadonlySet<string>): boolean {
    if (capitals.has(this.#name)) return true
    if (!this.#isFirst) return false
    const beginning = LINE_END + this.#name.replace(/^\n+/, "")
    return [...capitals].some((place) => place.endsWith(beginning))
  }

  /** Moves on behind a token. */
  pass(token: string): void {
    if (isWord(token)) {
      this.#isFirst = false
      if (this.#marks.length === 0) return
      this.#marks = []
    } else this.#marks = [...this.#marks.slice(1 - MOST_MARKS), token]
    this.#name = this.#marks.join("")
  }
}

/** Before these, marks say little about a word. */
const MOST_MARKS = 3

/** The word with a capital first letter; the same if there is none, as for "ß". */
export const capitalized = (word: string): string => withFirst(word, (letter) => letter.toUpperCase())

/** The word with a small first letter. */
export const small = (word: string): string => withFirst(word, (letter) => letter.toLowerCase())

function withFirst(word: string, change: (letter: string) => string): string {
  const letter = String.fromCodePoint(word.codePointAt(0)!)
  const changed = change(letter)
  return changed.length === letter.length ? changed + word.slice(letter.length) : word
}

/** Tokens, and how often each occurs in each place. */
export type CountsByPlace = ReadonlyMap<string, ReadonlyMap<string, number>>

/** The places after which at least nine in ten words begin with a capital, counting one more that does not. */
export function placesOfCapitals(counts: CountsByPlace): string[] {
  const found: string[] = []
  for (const [place, words] of counts) {
    let [capital, others] = [0, 1]
    for (const [word, count] of words) {
      if (!isWord(word)) continue
      if (small(word) !== word) capital += count
      else if (capitalized(word) !== word) others += count
    }
    if (place !== "" && capital >= 9 * others) found.push(place)
  }
  return found
}
