/**
 * A line's user-perceived characters: what a reader counts as one, such as é, क्षि or a family emoji, however many code
 * points it takes. They are the symbols that models see, in composed form (NFC), so that one look is one symbol.
 * Source: Unicode Standard Annex #29, https://unicode.org/reports/tr29/, through Intl.Segmenter.
 */

const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" })

/**
 * Most of most data needs no segmenter: where Latin, Greek and Cyrillic letters, kana, Chinese characters and whole Hangul
 * syllables stand with no combining sign among them, each code unit is a character, and composed. Nothing that could
 * join another is in these ranges: not the soft hyphen, not the three Greek signs that NFC replaces.
 */
const plain =
  /^[ -~\xA1-\xAC\xAE-\u02FF\u0388-\u0482\u048A-\u052F\u3041-\u3096\u30A1-\u30FA\u4E00-\u9FFF\uAC00-\uD7A3]*$/

export function characters(line: string): string[] {
  if (plain.test(line)) return line.split("")
  return Array.from(segmenter.segment(line.normalize("NFC")), ({ segment }) => segment)
}

/** Whether a line has more than `limit` characters; of a line far too long it reads no more than it must. */
export function isLonger(line: string, limit: number): boolean {
  if (line.length <= limit) return false
  if (plain.test(line)) return true
  let count = 0
  for (const _ of segmenter.segment(line)) if (++count > limit) return true
  return false
}
