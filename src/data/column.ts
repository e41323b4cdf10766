/**
 * A column of a table becomes lines: of comma- or tab-separated values whose first row names the columns, or of JSON lines, an
 * object each. From there on they are as the lines of a text file.
 * Source: RFC 4180, https://www.rfc-editor.org/rfc/rfc4180; JSON lines, https://jsonlines.org
 */
import { UserError } from "../errors.ts"
import { isLonger } from "./characters.ts"
import { nearest } from "./nearest.ts"
import { lineEnd, parseLines, readableText, type Text } from "./text.ts"

export type TableFormat = "csv" | "tsv" | "jsonl"

/** By a file's name; what is called otherwise is taken for comma-separated values. */
export function tableFormatOf(path: string): TableFormat {
  if (/\.(tsv|tab)$/i.test(path)) return "tsv"
  return /\.(jsonl|ndjson)$/i.test(path) ? "jsonl" : "csv"
}

/**
 * The column's values, one a row, with those of the label columns as labels. A UserError says of a table that cannot be read, has no such column, or has a row without
 * a text in it, on which line and what would do.
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
  const { text } = readableText(source, name)
  const columns = [column, ...labelColumns]
  const rows = format === "jsonl" ? ofObjects(text, columns, name) : ofRows(text, columns, name, format)
  const cells: string[][] = columns.map(() => [])
  for (const { line, values } of rows)
    for (const [k, value] of values.entries()) {
      // Of labels numbers and truths say as much as texts.
      const text = k > 0 && /number|boolean/.test(typeof value) ? String(value) : value
      const wrong = faultOf(text, maximumLength)
      if (wrong)
        throw new UserError(`${name}: line ${line}: the column ${JSON.stringify(columns[k])} ${wrong}`)
      cells[k].push(text as string)
    }
  const [lines, ...labels] = cells
  if (lines.length === 0) throw new UserError(`${name}: there are no rows in it: give a table that has some`)
  const parsed = parseLines(lines.join("\n"), { name, maximumLength })
  if (labelColumns.length === 0) return parsed
  const labelled = labels.map((each, k) => [
    labelColumns[k],
    each.map((label) => label.trim().normalize("NFC")),
  ])
  return { ...parsed, labels: Object.fromEntries(labelled) }
}

/** What is against a value, with what would do. */
function faultOf(value: unknown, maximumLength: number): string | undefined {
  const mend = "give it a text, or leave the row out"
  if (value === undefined || value === null) return `has no value: ${mend}`
  if (typeof value !== "string") return `is ${JSON.stringify(value).slice(0, 20)}, no text: ${mend}`
  if (value.trim() === "") return `is empty: ${mend}`
  if (value.trim() === "NaN") return `is NaN: ${mend}`
  if (/[\r\n]/.test(value.trim())) return "has a line end in it: put each thing on one line"
  if (value.includes("\0")) return "has a NUL character: give text"
  if (isLonger(value.trim().normalize("NFC"), maximumLength))
    return `is longer than ${maximumLength.toLocaleString("en")} characters: shorten it`
  return undefined
}

type Row = { readonly line: number; readonly values: readonly unknown[] }

function* ofObjects(text: string, columns: readonly string[], name: string): Generator<Row> {
  let known = false
  for (const [index, each] of text.split(lineEnd).entries()) {
    if (each.trim() === "") continue
    const line = index + 1
    let row: unknown
    try {
      row = JSON.parse(each)
    } catch {
      throw new UserError(`${name}: line ${line} is no JSON: give one object a line`)
    }
    if (typeof row !== "object" || row === null || Array.isArray(row))
      throw new UserError(
        `${name}: line ${line} is no JSON object: give one a line, such as {"name": "anna"}`,
      )
    const given = new Map(Object.entries(row))
    const missing = columns.find((column) => !given.has(column))
    if (!known && missing !== undefined) throw noColumn(missing, [...given.keys()], name)
    known = true
    yield { line, values: columns.map((column) => given.get(column)) }
  }
}

function* ofRows(
  text: string,
  columns: readonly string[],
  name: string,
  format: "csv" | "tsv",
): Generator<Row> {
  let places: number[] | undefined
  for (const { line, fields } of rowsOf(text, format === "tsv" ? "\t" : ",", name)) {
    if (places) {
      if (fields.length === 1 && fields[0].trim() === "") continue
      yield { line, values: places.map((at) => fields[at]) }
    } else {
      const head = fields.map((field) => field.trim())
      places = columns.map((column) => head.indexOf(column))
      const missing = places.indexOf(-1)
      if (missing >= 0) throw noColumn(columns[missing], head, name)
    }
  }
}

/** The rows with the numbers of the lines they begin on. A quoted field holds separators, line ends, and quotes doubled. */
function* rowsOf(
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
        throw new UserError(
          `${name}: line ${first}: a quote is opened and never closed: close it, or double it`,
        )
      value += text.slice(at + 1, end)
      at = end + 1
      if (text[at] === '"') value += '"' // of two together one is the field's own
    } while (text[at] === '"')
    line += value.split(lineEnd).length - 1
    if (at < text.length && ![separator, "\r", "\n"].includes(text[at]))
      throw new UserError(
        `${name}: line ${line}: text stands after a closing quote: double the quotes in a field`,
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
  const meant = nearest(column, columns)
  const shown = columns.slice(0, 20).map((each) => JSON.stringify(each.slice(0, 40)))
  return new UserError(
    `${name}: there is no column ${JSON.stringify(column)}${meant ? `: did you mean ${meant}?` : ":"} It has ` +
      (shown.length > 0 ? shown.join(", ") : "none"),
  )
}
