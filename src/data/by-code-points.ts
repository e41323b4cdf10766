/**
 * The order of texts by code points, as Python sorts them; JavaScript compares UTF-16 code units. Symbols, labels and files are in this
 * order, so that it depends on no language.
 * Source: the fix-up of UTF-16 for code point order, https://unicode.org/notes/tn12/
 */
export function byCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let k = 0; k < length; k++) {
    const [left, right] = [a.charCodeAt(k), b.charCodeAt(k)]
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** Surrogates, the halves of code points above all others, come last. */
const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800)
