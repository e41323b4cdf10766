/**
 * Finds the known name closest to a misspelled one, for "did you mean".
 * Source: Wagner & Fischer 1974, https://doi.org/10.1145/321796.321811, with the swaps of Damerau 1964,
 * https://doi.org/10.1145/363958.363994
 */

/** The nearest candidate, or undefined if each needs edits to more than a third of the longer word. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const most = Math.floor(Math.max(word.length, candidate.length) / 3)
    if (Math.abs(word.length - candidate.length) > most) continue
    const edits = distance(word.toLowerCase(), candidate.toLowerCase())
    if (edits <= most && edits < least) {
      best = candidate
      least = edits
    }
  }
  return best
}

/** The end of the error for an unknown name: a suggestion, and up to 20 of the known names, formatted by `shown`. */
export function butHas(name: string, known: readonly string[], shown = (known: string) => known): string {
  const meant = nearest(name, known)
  const names = known.slice(0, 20).map(shown).join(", ") || "none"
  const more = known.length > 20 ? ` and ${known.length - 20} more` : ""
  return `${meant ? `: did you mean ${meant}?` : "."} It has ${names}${more}`
}

/** The optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours that turn a into b. */
function distance(a: string, b: string): number {
  let [before, above]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 0; i < a.length; i++) {
    // Row i + 1: the distances from the first i + 1 characters of a to the first j of b.
    const row = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const swapped = a[i] === b[j - 1] && a[i - 1] === b[j] ? before[j - 1] + 1 : Infinity
      row.push(Math.min(above[j] + (a[i] === b[j] ? 0 : 1), above[j + 1] + 1, row[j] + 1, swapped))
    }
    before = above
    above = row
  }
  return above[b.length]
}
