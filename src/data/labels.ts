/**
 * What lines are told apart by, such as their sex or their language: each label has a number, as each character has an id, in the
 * order of code points.
 */
import { UserError } from "../errors.ts"
import type { Column } from "./dataset.ts"
import { nearest } from "./nearest.ts"
import type { Lines, Text } from "./text.ts"
import { byCodePoints } from "./vocabulary.ts"

export type Labels = {
  /** What they say of a line: "sex". */
  readonly name: string
  /** By number: "female", "male". */
  readonly values: readonly string[]
  /** How many lines have it, of each. */
  readonly counts: readonly number[]
}

/** The labels of a text by their name; a UserError that lists those it has, where it has none of this name. */
export function labelsOf({ name: data, labels = {} }: Text, name: string): Labels {
  if (Object.hasOwn(labels, name)) {
    const lines = Map.groupBy(labels[name], (label) => label)
    const values = [...lines.keys()].sort(byCodePoints)
    return { name, values, counts: values.map((value) => lines.get(value)!.length) }
  }
  const names = Object.keys(labels)
  if (names.length === 0)
    throw new UserError(
      `${data}: its lines have no labels, so none that say the ${name}: give a table (.csv, .tsv, .jsonl) with a column ` +
        "of labels, and --column for that of the things; or the data set names, which knows their sex",
    )
  const meant = nearest(name, names)
  throw new UserError(
    `${data}: nothing says the ${name} of its lines${meant ? `: did you mean ${meant}?` : ":"} It has ${names.join(", ")}`,
  )
}

/** The number of a label; a UserError that lists them all, where there is none such. */
export function labelNumber({ name, values }: Labels, label: string): number {
  const number = values.indexOf(label)
  if (number >= 0) return number
  const meant = nearest(label, values)
  const shown = values.slice(0, 20).join(", ") + (values.length > 20 ? ` and ${values.length - 20} more` : "")
  throw new UserError(
    `${JSON.stringify(label)}: this is no ${name} of the data${meant ? `: did you mean ${meant}?` : ":"} It has ${shown}`,
  )
}

/** The column of the lines' labels, (N), a number each. */
export const labelColumn = (lines: Lines, labels: Labels): Column<Int32Array> => ({
  data: labelNumbers(lines, labels),
  shape: [lines.lines.length],
})

/** The labels of lines -> (N), a number each. */
export function labelNumbers({ lines, labels }: Lines, labelled: Labels): Int32Array {
  const { name, values } = labelled
  const each = labels?.[name]
  if (each?.length !== lines.length) throw new RangeError(`labelNumbers: the lines have no ${name}`)
  const numbers = new Map(values.map((value, number) => [value, number]))
  return Int32Array.from(each, (label) => numbers.get(label) ?? labelNumber(labelled, label))
}
