/**
 * Reads tables whose fields are separated: by commas, semicolons, bars, tabs or spaces, with quotes (CSV), or by tabs without quotes (TSV).
 * A parser of our own, because errors have to name the line in the file, line endings may be mixed, and a row with more or fewer fields
 * than the header must not pass: libraries count records, expect one line ending, and fill or drop fields.
 * Source: RFC 4180, https://www.rfc-editor.org/rfc/rfc4180, as Python's csv.reader(strict=True, skipinitialspace=True) extends it;
 * text/tab-separated-values, https://www.iana.org/assignments/media-types/text/tab-separated-values
 */
import { UserError } from "../errors.ts"
import { columnNames, MAX_UNITS, type Row, type Table } from "./table.ts"
import { countLineEnds, requireFewLines } from "./text.ts"

interface Dialect {
  readonly separator: string
  readonly quotes: boolean
}

/** In the order in which they are tried. In TSV a quote is an ordinary character, unless the header's own names are quoted, as by R. */
const dialects: Readonly<Record<"csv" | "tsv", readonly Dialect[]>> = {
  csv: [",", ";", "\t", "|"].map((separator) => ({ separator, quotes: true })),
  tsv: [false, true].map((quotes) => ({ separator: "\t", quotes })),
}

/** The default of R's write.table. Without quotes around the names, a table could not be told from a text. */
const spaced: Dialect = { separator: " ", quotes: true }

const separatorNames: Readonly<Record<string, string>> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "bar",
  " ": "space",
}

/** Excel's limit. */
const MAX_COLUMNS = 16_384

interface SeparatedOptions {
  readonly name: string
  readonly format: keyof typeof dialects
  /** Without a header the columns are numbered, from "1". */
  readonly noHeader?: boolean
  /** The columns that will be asked for: the header is that of the first dialect in which it has them. */
  readonly wanted: readonly string[]
}

/** Throws a UserError with the line of a row that has more or fewer fields than the header. */
export function separatedTable(text: string, options: SeparatedOptions): Table {
  const { name, format, noHeader } = options
  // The first line of a file for Excel. Programs that write CSV may put it in quotes.
  const said = format === "csv" ? /^("?)sep=([^"\r\n])\1[^\S\r\n]*(?:\r\n?|\n)/i.exec(text) : null
  const source: Source = { text, name, start: said?.[0].length ?? 0 }
  const usual = /^\s*"/.test(text) ? [...dialects[format], spaced] : dialects[format]
  const tried = said ? [{ separator: said[2], quotes: true }] : usual
  const { dialect, columns, line } = chooseHead(headsOf(source, tried, noHeader), options)
  const head = { columns, line, noHeader }
  return {
    columns,
    header: noHeader ? "numbers" : "the first row",
    rows: rowsOf(source, dialect, head),
    isNumbered: () => isNumbered(source, dialect, head),
    reading: dialect === dialects[format][0] ? undefined : readingOf(dialect),
  }
}

/** The header in the first dialect in which it has all the columns asked for, or else in the one that gives it the most columns. */
function chooseHead(heads: readonly Head[], { name, noHeader, wanted }: SeparatedOptions): Head {
  const asked = heads.find(({ columns }) => wanted.every((each) => columns.includes(each)))
  if (!noHeader && wanted.length > 0 && asked) return asked
  const most = Math.max(...heads.map(({ columns }) => columns.length))
  const [first, ...others] = heads.filter(({ columns }) => columns.length === most)
  const other = others.find(({ dialect }) => dialect.separator !== first.dialect.separator)
  if (most > 1 && other) {
    const [a, b] = [first, other].map(({ dialect }) => dialect.separator)
    throw new UserError(
      `${name}: line ${first.line} has as many ${nameOf(a)}s as ${nameOf(b)}s: say which separates, in a line above it: sep=${a} or sep=${b}`,
    )
  }
  return first
}

const nameOf = (separator: string): string => separatorNames[separator] ?? JSON.stringify(separator)

const readingOf = ({ separator, quotes }: Dialect): string =>
  `separated by ${nameOf(separator)}${separator in separatorNames ? "s" : ""}${separator === "\t" && quotes ? ", with quotes" : ""}`

interface Head {
  readonly dialect: Dialect
  readonly columns: readonly string[]
  readonly line: number
}

/** The header, or the numbers of the first row's fields, in each dialect that can read it. */
function headsOf(source: Source, tried: readonly Dialect[], noHeader?: boolean): Head[] {
  const heads: Head[] = []
  const problems: UserError[] = []
  for (const dialect of tried)
    try {
      for (const { line, fields } of records(source, dialect)) {
        const columns = noHeader
          ? fields.map((_, k) => String(k + 1))
          : columnNames(fields, source.name, line)
        heads.push({ dialect, columns, line })
        break
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      problems.push(error)
    }
  if (heads.length === 0)
    throw (
      problems[0] ?? new UserError(`${source.name}: every line is blank: give a table with a row of names`)
    )
  return heads
}

type Above = Pick<Head, "columns" | "line"> & { readonly noHeader?: boolean }

/** R writes row numbers without a name above them, and pandas reads them so. */
function isNumbered(source: Source, dialect: Dialect, { columns, line: headLine, noHeader }: Above): boolean {
  for (const { line, fields } of records(source, dialect))
    if (line !== headLine) return fields.length === columns.length + 1 && /^\d+$/.test(fields[0]) && !noHeader
  return false
}

function* rowsOf(source: Source, dialect: Dialect, above: Above): Generator<Row> {
  const { columns, line: headLine, noHeader } = above
  const { name } = source
  const places = new Map(columns.map((column, k) => [column, k]))
  const unnamed = isNumbered(source, dialect, above) ? 1 : 0
  for (const { line, fields } of records(source, dialect)) {
    if (line === headLine && !noHeader) continue
    if (fields.length !== columns.length + unnamed)
      throw new UserError(
        `${name}: line ${line} has ${fieldCount(fields.length)}, and ` +
          `${noHeader || unnamed > 0 ? "the first row" : columns.length === 1 ? "the first line" : "the header"} has ${columns.length + unnamed}: ` +
          (columns.length === 1
            ? `if this is a plain list, name the file .txt; if it is a table, quote a field that contains a ${nameOf(dialect.separator)}`
            : remedy(fields.length - columns.length - unnamed, dialect)),
      )
    yield { line, value: (column) => fields[places.get(column)! + unnamed] }
  }
}

const fieldCount = (count: number): string =>
  `${count.toLocaleString("en")} ${count === 1 ? "field" : "fields"}`

function remedy(tooMany: number, { separator, quotes }: Dialect): string {
  if (tooMany < 0) return `give it all of them, empty ones too`
  const what = nameOf(separator)
  const contains = quotes ? `quote a field that contains a ${what}` : `no field may contain a ${what}`
  return tooMany > 1
    ? contains
    : `${contains}; if each row begins with its name, as R writes it, name that column in the header`
}

interface Source {
  readonly text: string
  readonly name: string
  readonly start: number
}

interface Fields {
  /** The number of its first line. */
  readonly line: number
  readonly fields: readonly string[]
}

/** All records, without blank lines. Quoted fields may contain separators, line breaks and doubled quotes. */
function* records({ text, name, start }: Source, { separator, quotes }: Dialect): Generator<Fields> {
  const escaped = separator.replace(/[\\\]^-]/, "\\$&")
  const blank = separator === "\t" ? / *(\r\n?|\n|$)/y : /[ \t]*(\r\n?|\n|$)/y
  const [openingQuote, afterQuote] = separator === " " ? [/"/y, /(?:)/y] : [/ *"/y, / */y]
  const bare = new RegExp(`[^${escaped}\\r\\n]*`, "y")
  const ending = /\r\n?|\n|$/y
  let at = start
  let line = countLineEnds(text, start) + 1
  /** Consumes and returns what the pattern matches here. */
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    at += found?.length ?? 0
    return found
  }
  const quoted = (): string => {
    const first = at
    let end = text.indexOf('"', at)
    // After a doubled quote the field goes on.
    while (end >= 0 && text[end + 1] === '"' && end - first <= MAX_UNITS) end = text.indexOf('"', end + 2)
    if (end < 0) throw new UserError(`${name}: line ${line}: a quote is never closed: close it, or double it`)
    requireShort(end - first, name, line)
    const value = text.slice(first, end)
    line += countLineEnds(value)
    at = end + 1
    take(afterQuote)
    if (at < text.length && ![separator, "\r", "\n"].includes(text[at]))
      throw new UserError(
        `${name}: line ${line}: text follows a closing quote: double the quotes inside a field`,
      )
    return value.replaceAll('""', '"')
  }
  while (at < text.length) {
    requireFewLines(line, name)
    if (take(blank) !== undefined) {
      line++
      continue
    }
    const record = { line, fields: [] as string[] }
    do {
      if (record.fields.length === MAX_COLUMNS)
        throw new UserError(
          `${name}: line ${record.line} has more than ${fieldCount(MAX_COLUMNS)}: give a table with fewer columns`,
        )
      if (quotes && take(openingQuote) !== undefined) record.fields.push(quoted())
      else {
        const value = take(bare)!
        requireShort(value.length, name, line)
        record.fields.push(value)
      }
    } while (text[at] === separator && ++at)
    take(ending)
    line++
    yield record
  }
}

function requireShort(length: number, name: string, line: number): void {
  if (length > MAX_UNITS)
    throw new UserError(
      `${name}: line ${line}: a field has more than ${MAX_UNITS.toLocaleString("en")} characters: shorten it, or close the quote before it`,
    )
}
