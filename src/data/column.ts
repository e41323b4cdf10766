/** Reads a column of a table as lines, and other columns as their labels. Tables are separated values (`separated.ts`) or JSON (`json-rows.ts`). */
import { UserError } from "../errors.ts"
import { isLonger } from "./characters.ts"
import { composed } from "./composed.ts"
import { isHeader } from "./header.ts"
import { jsonTable } from "./json-rows.ts"
import { separatedTable } from "./separated.ts"
import { chooseColumn, quotedWord } from "./table.ts"
import { type TableFormat, tableFormatOf } from "./table-format.ts"
import { allowLonger, cleaned, MAX_LINE_LENGTH, nothingCleaned, readableText, type Text } from "./text.ts"

export interface ColumnOptions {
  /** The file's name in errors. */
  readonly name?: string
  /** By default that of the name's extension, or else JSON if it begins like that, or CSV. */
  readonly format?: TableFormat
  readonly maximumLineLength?: number
  readonly labelColumns?: readonly string[]
  /** The table has no header, and its columns are "1", "2", ... */
  readonly noHeader?: boolean
}

/**
 * Parses the column as lines and the label columns as labels. Without a column, the only one that is no label is read; a table of one
 * column without a name above it is a plain list. Throws a UserError with the line number if the table is malformed, lacks a column, or has a row without a value.
 */
export function parseColumn(
  source: Uint8Array | string,
  asked: string | undefined,
  options: ColumnOptions = {},
): Text {
  const {
    name = "the table",
    maximumLineLength = MAX_LINE_LENGTH,
    labelColumns: askedLabels = [],
    noHeader,
  } = options
  const { text, byteOrderMark } = readableText(
    source,
    name,
    `give a table saved as UTF-8${tableFormatOf(name) === "jsonl" ? "" : " (in Excel: CSV UTF-8)"}`,
  )
  const { format = tableFormatOf(name) ?? (/^\s*[[{]/.test(text) ? "jsonl" : "csv") } = options
  const labelColumns = askedLabels.map(composed)
  const given = asked === undefined ? undefined : composed(asked)
  const wanted = given === undefined ? labelColumns : [given, ...labelColumns]
  if (format === "jsonl" && noHeader)
    throw new UserError(`${name}: JSON has the names of its columns in each row: leave --no-header out`)
  const table =
    format === "jsonl"
      ? jsonTable(text, name, wanted)
      : separatedTable(text, { name, format, noHeader, wanted })
  const column = chooseColumn(table, { column: given, labelColumns, name })
  const columns = [column, ...labelColumns]
  const report = { ...nothingCleaned, byteOrderMark }
  const cells = columns.map((): string[] => [])
  let gap: { line: number; column: string; what: string; others: number } | undefined
  for (const { line, value } of table.rows)
    for (const [k, each] of columns.entries()) {
      const what = gapIn(value(each))
      if (what && gap?.column === each && gap.what === what) gap.others++
      else if (what) gap ??= { line, column: each, what, others: 0 }
      if (gap) continue
      const place = `${name}: line ${line}: the column ${JSON.stringify(each)}`
      const cell = textOf(value(each), place, k > 0)
      if (isLonger(cell.trim(), maximumLineLength))
        throw new UserError(
          `${place} is longer than ${maximumLineLength.toLocaleString("en")} characters: shorten it, or ${allowLonger}`,
        )
      const clean = cleaned(cell, k === 0 ? report : { ...nothingCleaned }, place)
      if (/[\r\n]/.test(clean))
        throw new UserError(`${place} contains a line break: put each item on one line`)
      cells[k].push(clean)
    }
  if (gap) {
    const { line, column, what, others } = gap
    const all =
      others === 0 ? "" : `, and ${others.toLocaleString("en")} ${others === 1 ? "other" : "others"}`
    throw new UserError(
      `${name}: line ${line}${all}: the column ${JSON.stringify(column)} ${what}: ${remedy}`,
    )
  }
  const [lines, ...labels] = cells
  const mayBeList = columns.length === 1 && given === undefined && table.columns.length === 1
  if (
    mayBeList &&
    table.header === "the first row" &&
    !isHeader(column, lines, name) &&
    !table.isNumbered?.()
  ) {
    const plain = parseColumn(source, "1", { ...options, noHeader: true })
    return {
      ...plain,
      reading: `a plain list (if its first line is a heading: --column ${quotedWord(column)})`,
    }
  }
  if (lines.length === 0) throw new UserError(`${name}: the table has no rows: give one that has some`)
  const chosen = given === undefined ? `column ${JSON.stringify(column)}` : undefined
  const reading = [chosen, table.reading].filter((each) => each !== undefined).join(", ") || undefined
  return {
    name,
    lines,
    report,
    ...(labels.length > 0 && {
      labels: Object.fromEntries(labels.map((each, k) => [labelColumns[k], each])),
    }),
    ...(reading && { reading }),
  }
}

const remedy = "give it a text, or leave the row out"

/** A value of a table as text. Labels may be numbers and booleans as well. */
function textOf(value: unknown, place: string, isLabel: boolean): string {
  if (typeof value === "string") return value
  if (isLabel && /number|boolean/.test(typeof value)) return String(value)
  const shown = Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : String(value)
  throw new UserError(`${place} is ${shown}, not text: ${remedy}`)
}

/** What an error says of a cell without a value; undefined of any other cell. */
function gapIn(value: unknown): string | undefined {
  if (value === undefined || value === null) return "has no value"
  const bare = typeof value === "string" ? value.trim() : undefined
  return bare === "" ? "is empty" : bare === "NaN" ? "is NaN" : undefined
}
