/**
 * Reads JSON as a table. Its rows are objects or texts, one a line or all in one array. Each element of an array is located with its line
 * and parsed alone, so that an error can name the line, and only one is in memory at a time.
 * Source: JSON Lines, https://jsonlines.org; RFC 8259, https://www.rfc-editor.org/rfc/rfc8259
 */
import { UserError } from "../errors.ts"
import { columnNames, MAX_UNITS, type Row, type Table } from "./table.ts"
import { countLineEnds, linesOf, requireFewLines } from "./text.ts"

/**
 * The columns are the keys of the first object, or those of all if it lacks one of the columns asked for; texts are one column, "1", as
 * without a header.
 */
export function jsonTable(text: string, name: string, wanted: readonly string[] = []): Table {
  const [first] = objects(text, name)
  if (!first) throw new UserError(`${name}: the table has no rows: give one that has some`)
  const columns = columnNames(Object.keys(first.object), name, first.line)
  const known = new Set(columns)
  if (!wanted.every((each) => known.has(each)))
    for (const { line, object } of objects(text, name))
      for (const each of columnNames(Object.keys(object), name, line)) known.add(each)
  return { columns: [...columns, ...[...known].slice(new Set(columns).size)], rows: rowsOf(text, name) }
}

function* rowsOf(text: string, name: string): Generator<Row> {
  for (const { line, object } of objects(text, name))
    yield {
      line,
      value: (column) => {
        if (Object.hasOwn(object, column)) return object[column]
        const keys = Object.keys(object)
        const index = columnNames(keys, name, line).indexOf(column)
        return index < 0 ? undefined : object[keys[index]]
      },
    }
}

function* objects(text: string, name: string) {
  for (const { line, json } of /^\s*\[/.test(text) ? elements(text, name) : nonBlankLines(text, name)) {
    requireShort(json.length, name, line)
    yield { line, object: objectOf(json, `${name}: line ${line}`) }
  }
}

function requireShort(length: number, name: string, line: number): void {
  if (length > MAX_UNITS)
    throw new UserError(
      `${name}: line ${line}: a row of more than ${MAX_UNITS.toLocaleString("en")} characters: shorten it`,
    )
}

const wanted = 'give objects, such as {"name": "anna"}, or texts, one a line or all in one array'

function objectOf(json: string, place: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw new UserError(`${place} is not JSON: ${wanted}`)
  }
  if (typeof value === "string") return { 1: value }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UserError(`${place} is neither an object nor a text: ${wanted}`)
  return value as Record<string, unknown>
}

interface Piece {
  readonly line: number
  readonly json: string
}

function* nonBlankLines(text: string, name: string): Generator<Piece> {
  for (const { number, content } of linesOf(text, name))
    if (content.trim() !== "") yield { line: number, json: content }
}

/** The elements of an array, cut at the commas that are outside strings and inner arrays and objects. */
function* elements(text: string, name: string): Generator<Piece> {
  const marks = /["[\]{},]/g
  let depth = 0
  let line = 1
  let counted = 0 // the characters whose line ends are in `line`
  let start = 0
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    requireShort(mark.index - start, name, line)
    const [character] = mark
    if (character === '"') marks.lastIndex = closingQuote(text, marks.lastIndex) + 1
    else if (/[[{]/.test(character)) {
      if (++depth === 1) start = marks.lastIndex
    } else if (character !== ",") depth--
    const last = depth === 0
    if (!last && (depth > 1 || character !== ",")) continue

    const json = text.slice(start, mark.index).trimStart()
    const begin = mark.index - json.length
    line += countLineEnds(text.slice(counted, begin))
    counted = begin
    requireFewLines(line, name)
    if (json !== "" || !last) yield { line, json }
    start = marks.lastIndex
    if (last && character === "]" && text.slice(start).trim() === "") return
    if (last) break
  }
  throw new UserError(`${name}: the array does not end with the file's last character, ]: ${wanted}`)
}

/** The index of the quote that ends a string, or of the last character if none does. */
function closingQuote(text: string, start: number): number {
  for (let end = text.indexOf('"', start); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text[end - 1 - backslashes] === "\\") backslashes++
    if (backslashes % 2 === 0) return end
  }
  return text.length - 1
}
