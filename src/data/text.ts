/**
 * Reads a text file as lines, one item per line, and cleans them: no byte order mark, no line endings, no surrounding
 * spaces, no blank lines, and accents composed (NFC). A report counts what was cleaned.
 */
import { UserError } from "../errors.ts"
import { isLonger } from "./characters.ts"

export type Lines = {
  readonly lines: readonly string[]
  /** By name, such as "sex", one label per line. */
  readonly labels?: Readonly<Record<string, readonly string[]>>
}

export type Text = Lines & { readonly name: string; readonly report: TextReport }

/** What is counted while lines are cleaned. */
export const nothingCleaned = {
  byteOrderMark: false,
  /** Lines that ended in CR LF or CR. */
  carriageReturns: 0,
  /** Blank lines, which are dropped. */
  blank: 0,
  /** Lines that had surrounding white space. */
  trimmed: 0,
  /** Lines that were not in NFC. */
  composed: 0,
}

export type TextReport = Readonly<typeof nothingCleaned>

export const lineEnd = /\r\n|\n|\r/
const wanted = "give a UTF-8 text file with one item per line"

/**
 * Parses a text into lines. `name` is the text's name in errors; `maximumLength` is in user-perceived characters. Throws a
 * UserError with the line number if the text is empty, binary, not UTF-8, or has a line that is too long.
 */
export function parseLines(
  source: Uint8Array | string,
  { name = "the text", maximumLength = 1000 }: { name?: string; maximumLength?: number } = {},
): Text {
  const { text, byteOrderMark } = readableText(source, name)
  const lines: string[] = []
  const carriageReturns = text.split(/\r\n?/).length - 1
  const report = { ...nothingCleaned, byteOrderMark, carriageReturns }
  const raw = text.split(lineEnd)
  if (raw.at(-1) === "") raw.pop() // a final line ending starts no further line
  for (const [index, given] of raw.entries()) {
    const line = cleaned(given, report)
    if (isLonger(line, maximumLength))
      throw new UserError(
        `${name}: line ${index + 1} (${JSON.stringify(`${line.slice(0, 20)}…`)}) is longer than ` +
          `${maximumLength.toLocaleString("en")} characters: put one item on each line, or raise maximumLength`,
      )
    if (line !== "") lines.push(line)
  }
  if (lines.length === 0) throw new UserError(`${name}: every line is blank: ${wanted}`)
  return { name, lines, report }
}

/** A line without surrounding white space, in NFC. Counts in the report what that changes. */
export function cleaned(line: string, report = { ...nothingCleaned }): string {
  const bare = line.trim()
  const composed = bare.normalize("NFC")
  if (bare === "") report.blank++
  else if (bare !== line) report.trimmed++
  if (composed !== bare) report.composed++
  return composed
}

/** Decodes bytes and drops the byte order mark. Throws a UserError if the result is empty or not text. */
export function readableText(
  source: Uint8Array | string,
  name: string,
): { text: string; byteOrderMark: boolean } {
  const whole = typeof source === "string" ? source : decode(source, name)
  const byteOrderMark = whole.startsWith("\uFEFF")
  const text = byteOrderMark ? whole.slice(1) : whole
  if (text === "") throw new UserError(`${name}: the text is empty: ${wanted}`)
  const nul = text.indexOf("\0")
  if (nul >= 0)
    throw new UserError(
      `${name}: line ${text.slice(0, nul).split(lineEnd).length} has a NUL character, as in binary files and UTF-16: ${wanted}`,
    )
  return { text, byteOrderMark }
}

/** One sentence: the number of lines, and what was cleaned. */
export function describeText({ name, lines, report }: Text): string {
  const parts = [
    plural(lines.length, "line"),
    report.byteOrderMark && "byte order mark dropped",
    report.carriageReturns > 0 && "carriage returns dropped",
    report.blank > 0 && `${plural(report.blank, "blank line")} dropped`,
    report.trimmed > 0 && `spaces trimmed from ${plural(report.trimmed, "line")}`,
    report.composed > 0 && `accents composed in ${plural(report.composed, "line")}`,
  ]
  return `${name}: ${parts.filter(Boolean).join("; ")}.`
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return decodeStrict(bytes)
  } catch {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
    if (utf16) throw new UserError(`${name}: this is UTF-16: save it as UTF-8`)
    throw new UserError(`${name}: line ${undecodableLine(bytes)} is not UTF-8: ${wanted}`)
  }
}

const decodeStrict = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)

/** The number, from 1, of the first line that does not decode. In UTF-8 a line feed's byte occurs in no other character. */
function undecodableLine(bytes: Uint8Array): number {
  for (let start = 0; ; start = bytes.indexOf(10, start) + 1) {
    const end = bytes.indexOf(10, start)
    try {
      decodeStrict(bytes.subarray(start, end < 0 ? bytes.length : end))
    } catch {
      return new TextDecoder().decode(bytes.subarray(0, start)).split(lineEnd).length
    }
  }
}

const plural = (count: number, noun: string): string =>
  `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`
