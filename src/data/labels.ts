/**
 * Labels of lines, such as sex or language. They are numbered in code point order, as characters are.
 */
import { UserError } from "../errors.ts"
import { byCodePoints } from "./by-code-points.ts"
import { composed } from "./composed.ts"
import type { Column } from "./dataset.ts"
import { butHas } from "./nearest.ts"
import type { Lines, Text } from "./text.ts"

export type Labels = {
  /** Such as "sex". */
  readonly name: string
  /** By number, such as "female", "male". */
  readonly values: readonly string[]
  /** The number of lines with each. */
  readonly counts: readonly number[]
}

/** The text's labels with this name. Throws a UserError that lists the names it has if there are none. */
export function labelsOf({ name: data, labels = {} }: Text, name: string): Labels {
  const each = eachLabel({ labels }, name)
  if (each) return countLabels(composed(name), each)
  const names = Object.keys(labels)
  if (names.length === 0)
    throw new UserError(
      `${data}: its lines have no labels, so there is no ${name}: give a table (.csv, .tsv, .jsonl) with a column of labels, and ` +
        "--column for the text; or the data set names, which is labelled by sex",
    )
  throw new UserError(`${data}: its lines have no label ${name}${butHas(name, names)}`)
}

/** The distinct labels of `each` line or sound. */
export function countLabels(name: string, each: readonly string[]): Labels {
  const counts = new Map<string, number>()
  for (const label of each.map(composed)) counts.set(label, (counts.get(label) ?? 0) + 1)
  const values = [...counts.keys()].sort(byCodePoints)
  return { name, values, counts: values.map((value) => counts.get(value)!) }
}

/** The label of each line; undefined if the lines have no labels of this name. */
export function eachLabel(
  { labels = {} }: Pick<Lines, "labels">,
  name: string,
): readonly string[] | undefined {
  return Object.entries(labels).find(([known]) => composed(known) === composed(name))?.[1]
}

/** The number of a label. Throws a UserError that lists the known ones if there is no such label. */
export function labelNumber({ name, values }: Labels, label: string): number {
  const number = values.map(composed).indexOf(composed(label))
  if (number >= 0) return number
  throw new UserError(`${JSON.stringify(label)}: the data has no such ${name}${butHas(label, values)}`)
}

/** The label numbers of the lines as a column (N). */
export const labelColumn = (lines: Lines, labels: Labels): Column<Int32Array> => ({
  data: labelNumbers(lines, labels),
  shape: [lines.lines.length],
})

/** The label numbers of the lines -> (N) */
export function labelNumbers({ lines, labels }: Lines, labelled: Labels): Int32Array {
  const { name, values } = labelled
  const each = eachLabel({ labels }, name)
  if (each?.length !== lines.length) throw new RangeError(`labelNumbers: the lines have no ${name}`)
  const numbers = new Map(values.map((value, number) => [value, number]))
  return Int32Array.from(each, (label) => numbers.get(label) ?? labelNumber(labelled, label))
}
