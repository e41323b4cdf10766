/**
 * Normalizes every text from outside before it is compared or learned: lines, column names, labels, folders of voices, and the values of
 * flags. The same text in different Unicode forms (é as one code point, or as e with an accent) becomes the same string. Paths are not
 * normalized: a disk may know a file by either form.
 * Source: Unicode Standard Annex #15, https://unicode.org/reports/tr15, NFC
 */
import { UserError } from "../errors.ts"
import { quoteStart } from "./characters.ts"

/** A text without surrounding white space, in NFC. Throws a UserError if it is not valid text. */
export function composed(text: string): string {
  const problem = problemInText(text)
  if (problem) throw new UserError(`${quoteStart(text)} ${problem}`)
  return text.trim().normalize("NFC")
}

/** Composing takes time quadratic in the marks on a character. The bound is that of the stream-safe format, UAX #15 D4. */
const tooManyMarks = /\p{M}{31}/u

/** The end of an error message about a string that is not valid text; undefined if it is. */
export function problemInText(text: string): string | undefined {
  if (text.includes("\0")) return "has a NUL character, as in binary files: give text"
  if (!text.isWellFormed()) return "has half of a surrogate pair, which is not a character: leave it out"
  if (tooManyMarks.test(text)) return "has more than 30 combining marks on one character: leave some out"
  return undefined
}
