/**
 * The order of texts by code points, as Python sorts them; JavaScript compares UTF-16 code units. Symbols, labels and files are in this
 * order, so that it depends on no language.
 */
export function byCodePoints(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = left[i].codePointAt(0)! - right[i].codePointAt(0)!
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
