/**
 * Splits a line into user-perceived characters (grapheme clusters), such as é, क्षि or a family emoji. They are the
 * symbols of the models, normalized to NFC so that each character has one encoding.
 * Source: Unicode Standard Annex #29, https://unicode.org/reports/tr29/, through Intl.Segmenter.
 */

const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" })

/**
 * Lines that need no segmenter: in these ranges of Latin, Greek, Cyrillic, kana, Chinese and precomposed Hangul, with line feeds, dashes,
 * quotes and wide punctuation, each code unit is one character in NFC. They exclude everything that may combine, the soft hyphen, and
 * three Greek characters that NFC replaces.
 */
const plain =
  /^[\n -~\xA1-\xAC\xAE-\u02FF\u0388-\u0482\u048A-\u052F\u2010-\u2027\u3000-\u3029\u3041-\u3096\u30A1-\u30FE\u4E00-\u9FFF\uAC00-\uD7A3\uFF01-\uFF60]*$/

export function characters(line: string): string[] {
  if (plain.test(line)) return line.split("")
  return Array.from(segmenter.segment(line.normalize("NFC")), ({ segment }) => segment)
}

/** No character has more code units: 30 marks, or a family of emoji. */
const MAX_UNITS = 64

/** Whether a line has more than `limit` characters. Stops counting there, so very long lines are cheap. */
export function isLonger(line: string, limit: number): boolean {
  if (line.length <= limit) return false
  if (line.length > MAX_UNITS * limit) return true
  if (plain.test(line)) return true
  let count = 0
  for (const _ of segmenter.segment(line)) if (++count > limit) return true
  return false
}

/** A text that begins with a capital letter. */
export const CAPITALIZED = /^\p{Lu}/u

/** The beginning of a text in quotes, for a message. */
export const quoteStart = (text: string): string =>
  JSON.stringify(text.length > 40 ? `${text.slice(0, 40).toWellFormed()}…` : text)

/** The code points of a character, such as "U+0065 U+0301". */
export const codePointsOf = (character: string): string =>
  [...character]
    .map((each) => `U+${each.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`)
    .join(" ")
