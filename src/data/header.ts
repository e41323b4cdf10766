/**
 * Tells the name above a column from an item of a list. A table of one column has to be one or the other: `name`, `anna`, `bo` or `anna`,
 * `bo`, `carl`; and of several columns the likeliest is offered.
 */

/** Words for what stands in a list. "x" is R's name of a vector. */
const words =
  /^(x|(sur|first|last|nick|user)?names?|words?|titles?|texts?|items?|labels?|lines?|strings?|values?|terms?|phrases?|entry|entries)$/

/** Whether a text is a usual name of a column of texts: its last word is, as in "first_name", "Pet Name" or "itemLabel". */
export function isColumnName(text: string): boolean {
  const last = text.split(/[\s_-]+|(?<=\p{Ll})(?=\p{Lu})/u).at(-1) ?? ""
  return words.test(last.toLowerCase())
}

/**
 * Whether the first row of a table with one column is its name: a usual one, the word in the name of its `file`, or one written in other
 * letters than all `items` below (small, Capitalized, LARGE, or none of these, as in Japanese).
 */
export function isHeader(first: string, items: readonly string[], file: string): boolean {
  const stem = file.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "")
  if (isColumnName(first) || singular(first) === singular(stem)) return true
  const own = letters(first)
  return items.every((item) => letters(item) !== own)
}

const singular = (text: string): string => text.toLowerCase().replace(/ies$/, "y").replace(/s$/, "")

function letters(text: string): "small" | "Capitalized" | "LARGE" | "other" {
  if (text.toUpperCase() === text.toLowerCase()) return "other"
  if (text.toUpperCase() === text) return "LARGE"
  return /^\P{L}*\p{Lu}/u.test(text) ? "Capitalized" : "small"
}

/** How much a column looks like the list that is meant, from its name and some of its cells. */
export function likelihood(column: string, cells: readonly unknown[]): number {
  const texts = cells.filter((cell) => typeof cell === "string" && /\p{L}/u.test(cell))
  const part = (count: number) => count / Math.max(1, cells.length)
  return part(texts.length) + part(new Set(texts).size) + (isColumnName(column) ? 0.5 : 0)
}
