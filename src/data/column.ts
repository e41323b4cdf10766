/**
 * Reads a column of a table as lines: comma- or tab-separated values with a header row, or JSON Lines.
 * Source: RFC 4180, https://www.rfc-editor.org/rfc/rfc4180; JSON Lines, https://jsonlines.org
 */
import { UserError } from "../errors.ts"
import { isLonger } from "./characters.ts"
import { butHas } from "./nearest.ts"
import { cleaned, lineEnd, nothingCleaned, readableText, type Text } from "./text.ts"

export type TableFormat = "csv" | "tsv" | "jsonl"

/** The format by file extension; CSV if it is unknown. */
export function tableFormatOf(path: string): TableFormat {
  if (/\.(tsv|tab)$/i.test(path)) return "tsv"
  return /\.(jsonl|ndjson)$/i.test(path) ? "jsonl" : "csv"
}

/**
 * Parses the column as lines and the label columns as labels. `name` is the file's name in errors. Throws a UserError with
 * the line number if the table is malformed, lacks a column, or has a row without a value.
 */
export function parseColumn(
  source: Uint8Array | string,
  column: string,
  {
    name = "the table",
    format = tableFormatOf(name),
    maximumLength = 1000,
    labelColumns = [],
  }: {
    name?: string
    format?: TableFormat
    maximumLength?: number
    labelColumns?: readonly string[]
  } = {},
): Text {
  const { text, byteOrderMark } = readableText(source, name)
  const columns = [column, ...labelColumns]
  const rows =
    format === "jsonl" ? objectRows(text, columns, name) : separatedRows(text, columns, name, format)
  const report = { ...nothingCleaned, byteOrderMark }
  const cells = columns.map((): string[] => [])
  for (const { line, values } of rows)
    for (const [k, value] of values.entries()) {
      // Labels may be numbers and booleans as well.
      const text = k > 0 && /number|boolean/.test(typeof value) ? String(value) : value
      const cell = typeof text === "string" ? cleaned(text, k === 0 ? report : undefined) : ""
      const problem = problemWith(text, cell, maximumLength)
      if (problem)
        throw new UserError(`${name}: line ${line}: the column ${JSON.stringify(columns[k])} ${problem}`)
      cells[k].push(cell)
    }
  const [lines, ...labels] = cells
  if (lines.length === 0) throw new UserError(`${name}: the table has no rows: give one that has some`)
  if (labelColumns.length === 0) return { name, lines, report }
  return { name, lines, labels: Object.fromEntries(labels.map((each, k) => [labelColumns[k], each])), report }
}

/** The end of an error message about a value and its cleaned text, or undefined if they are fine. */
function problemWith(value: unknown, cell: string, maximumLength: number): string | undefined {
  const remedy = "give it a text, or leave the row out"
  if (value === undefined || value === null) return `has no value: ${remedy}`
  if (typeof value !== "string") return `is ${JSON.stringify(value).slice(0, 20)}, not text: ${remedy}`
  if (cell === "") return `is empty: ${remedy}`
  if (cell === "NaN") return `is NaN: ${remedy}`
  if (/[\r\n]/.test(cell)) return "contains a line break: put each item on one line"
  if (value.includes("\0")) return "contains a NUL character: give text"
  if (isLonger(cell, maximumLength))
    return `is longer than ${maximumLength.toLocaleString("en")} characters: shorten it`
  return undefined
}

type Row = { readonly line: number; readonly values: readonly unknown[] }

function* objectRows(text: string, columns: readonly string[], name: string): Generator<Row> {
  let known = false
  for (const [index, json] of text.split(lineEnd).entries()) {
    if (json.trim() === "") continue
    const line = index + 1
    let row: unknown
    try {
      row = JSON.parse(json)
    } catch {
      throw new UserError(`${name}: line ${line} is not JSON: give one object per line`)
    }
    if (typeof row !== "object" || row === null || Array.isArray(row))
      throw new UserError(
        `${name}: line ${line} is not a JSON object: give one per line, such as {"name": "anna"}`,
      )
    const given = new Map(Object.entries(row))
    const missing = columns.find((column) => !given.has(column))
    if (!known && missing !== undefined) throw noColumn(missing, [...given.keys()], name)
    known = true
    yield { line, values: columns.map((column) => given.get(column)) }
  }
}

function* separatedRows(
  text: string,
  columns: readonly string[],
  name: string,
  format: "csv" | "tsv",
): Generator<Row> {
  let indices: number[] | undefined
  for (const { line, fields } of parseSeparated(text, format === "tsv" ? "\t" : ",", name)) {
    if (indices) {
      if (fields.length === 1 && fields[0].trim() === "") continue
      yield { line, values: indices.map((index) => fields[index]) }
    } else {
      const header = fields.map((field) => field.trim())
      indices = columns.map((column) => header.indexOf(column))
      const missing = indices.indexOf(-1)
      if (missing >= 0) throw noColumn(columns[missing], header, name)
    }
  }
}

/** All rows, each with the number of its first line. Quoted fields may contain separators, line breaks and doubled quotes. */
function* parseSeparated(
  text: string,
  separator: string,
  name: string,
): Generator<{ line: number; fields: string[] }> {
  const bare = separator === "\t" ? /[^\t\r\n]*/y : /[^,\r\n]*/y
  let at = 0
  let line = 1
  const quoted = (): string => {
    const first = line
    let value = ""
    do {
      const end = text.indexOf('"', at + 1)
      if (end < 0)
        throw new UserError(`${name}: line ${first}: a quote is never closed: close it, or double it`)
      value += text.slice(at + 1, end)
      at = end + 1
      if (text[at] === '"') value += '"' // a doubled quote
    } while (text[at] === '"')
    line += value.split(lineEnd).length - 1
    if (at < text.length && ![separator, "\r", "\n"].includes(text[at]))
      throw new UserError(
        `${name}: line ${line}: text follows a closing quote: double the quotes inside a field`,
      )
    return value
  }
  while (at < text.length) {
    const row = { line, fields: [] as string[] }
    for (;;) {
      if (text[at] === '"') row.fields.push(quoted())
      else {
        bare.lastIndex = at
        const [value] = bare.exec(text)!
        row.fields.push(value)
        at += value.length
      }
      if (text[at] !== separator) break
      at++
    }
    if (text[at] === "\r") at++
    if (text[at] === "\n") at++
    line++
    yield row
  }
}

function noColumn(column: string, columns: readonly string[], name: string): UserError {
  const known = butHas(column, columns, (each) => JSON.stringify(each.slice(0, 40)))
  return new UserError(`${name}: there is no column ${JSON.stringify(column)}${known}`)
}
