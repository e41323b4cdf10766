/**
 * Every text from outside passes here before it is compared or learned: lines, names of columns, labels, folders of voices, and what
 * is typed at flags. The same text in another of Unicode's forms (é as one code point, or as e with an accent) becomes the same string.
 * Paths do not pass here: a disk may know a file by either form.
 * Source: Unicode Standard Annex #15, https://unicode.org/reports/tr15, NFC
 */
import { UserError } from "../errors.ts"
import { quoteStart } from "./characters.ts"

/** A text without surrounding white space, in NFC. Throws a UserError if it is no text. */
export function composed(text: string): string {
  const problem = problemInText(text)
  if (problem) throw new UserError(`${quoteStart(text)} ${problem}`)
  return text.trim().normalize("NFC")
}

/** Composing takes quadratic time in the marks on a character, so there is a bound: that of the stream-safe format, UAX #15 D4. */
const tooManyMarks = /\p{M}{31}/u

/** The end of an error message about a string that is no text; undefined for text. */
export function problemInText(text: string): string | undefined {
  if (text.includes("\0")) return "has a NUL character, as in binary files: give text"
  if (!text.isWellFormed()) return "has half of a surrogate pair, which is no character: leave it out"
  if (tooManyMarks.test(text)) return "has more than 30 combining marks on one character: leave some out"
  return undefined
}
