/** What all tables share, whatever separates their fields: named columns, and rows. */
import { UserError } from "../errors.ts"
import { quoteStart } from "./characters.ts"
import { composed } from "./composed.ts"
import { likelihood } from "./header.ts"
import { butHas } from "./nearest.ts"

export interface Table {
  readonly columns: readonly string[]
  readonly rows: Iterable<Row>
  /** How the table was read, if that was a choice, such as "separated by semicolons". */
  readonly reading?: string
  /** Where the names of the columns come from; undefined for JSON, where each row has them. */
  readonly header?: "the first row" | "numbers"
  /** Whether each row begins with a number for which there is no column, as R writes it. */
  isNumbered?(): boolean
}

export interface Row {
  /** The number of its first line, from 1. */
  readonly line: number
  /** The value in a column of this name; undefined if the row has none. */
  value(column: string): unknown
}

/** The longest field or row of a table, in UTF-16 code units: ten long books. */
export const MAX_UNITS = 2 ** 24

/** The names of a table's columns. `line` is that of the header. */
export function columnNames(fields: readonly string[], name: string, line: number): string[] {
  return fields.map((field) => {
    try {
      return composed(field)
    } catch (error) {
      throw error instanceof UserError ? new UserError(`${name}: line ${line}: ${error.message}`) : error
    }
  })
}

/** The column asked for, or else the only one that is not asked for as labels. */
export function chooseColumn(
  { columns, rows, reading, header }: Table,
  { column, labelColumns, name }: { column?: string; labelColumns: readonly string[]; name: string },
): string {
  const read = reading === undefined ? "" : ` (${reading})`
  for (const each of column === undefined ? labelColumns : [column, ...labelColumns]) {
    const found = columns.filter((known) => known === each).length
    if (found === 0) {
      const known = butHas(each, columns, (known) => quoteStart(known))
      const isNumber = /^\d+$/.test(each)
      const advice =
        header === "numbers" && !isNumber
          ? ": with --no-header columns are numbers: give one, or leave --no-header out"
          : header === "the first row" && isNumber
            ? "; add --no-header if the first row has no names"
            : ""
      throw new UserError(`${name}: there is no column ${JSON.stringify(each)}${read}${known}${advice}`)
    }
    if (found > 1)
      throw new UserError(
        `${name}: there are ${found} columns ${JSON.stringify(each)}: give each a name of its own`,
      )
  }
  if (column !== undefined) return column
  const others = columns.filter((each) => each !== "" && !labelColumns.includes(each))
  if (others.length === 1) return others[0]
  if (others.length > 1 && new Set(others).size === 1)
    throw new UserError(
      `${name}: there are ${others.length} columns ${JSON.stringify(others[0])}${read}: give each a name of its own`,
    )
  const shown = others.slice(0, 20).map(quoteStart)
  const more = others.length > 20 ? ` and ${others.length - 20} more` : ""
  const advice = header === "the first row" ? "; add --no-header if the first row has no names" : ""
  throw new UserError(
    others.length === 0
      ? `${name}: no column is left to read${read}: give a table with one that is no label`
      : `${name}: it has several columns${read}: ${shown.join(", ")}${more}: choose one, such as --column ${quotedWord(likeliest(others, rows))}${advice}`,
  )
}

/** A column in which most cells are texts that differ, by the first rows that can be read. */
function likeliest(columns: readonly string[], rows: Iterable<Row>): string {
  const first: Row[] = []
  try {
    for (const row of rows) if (first.push(row) === 100) break
  } catch (error) {
    if (!(error instanceof UserError)) throw error
  }
  const likelihoods = columns.map((column) =>
    likelihood(
      column,
      first.map(({ value }) => value(column)),
    ),
  )
  return columns[likelihoods.indexOf(Math.max(...likelihoods))]
}

/** A text as a word of a command line. */
export const quotedWord = (text: string): string => (/^[\w.-]+$/.test(text) ? text : JSON.stringify(text))
