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

/** What was cleaned; the numbers count lines. */
export type TextReport = {
  readonly byteOrderMark: boolean
  /** Ended in CR LF or CR. */
  readonly carriageReturns: number
  /** Dropped. */
  readonly blank: number
  /** Had surrounding white space. */
  readonly trimmed: number
  /** Were not in NFC. */
  readonly composed: number
}

export const nothingCleaned: TextReport = {
  byteOrderMark: false,
  carriageReturns: 0,
  blank: 0,
  trimmed: 0,
  composed: 0,
}

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
  let blank = 0
  let trimmed = 0
  let composed = 0
  const raw = text.split(lineEnd)
  if (raw.at(-1) === "") raw.pop() // a final line ending starts no further line
  for (const [index, given] of raw.entries()) {
    const bare = given.trim()
    if (bare === "") {
      blank++
      continue
    }
    const line = bare.normalize("NFC")
    if (isLonger(line, maximumLength))
      throw new UserError(
        `${name}: line ${index + 1} (${JSON.stringify(`${line.slice(0, 20)}…`)}) is longer than ` +
          `${maximumLength.toLocaleString("en")} characters: put one item on each line, or raise maximumLength`,
      )
    if (bare !== given) trimmed++
    if (line !== bare) composed++
    lines.push(line)
  }
  if (lines.length === 0) throw new UserError(`${name}: every line is blank: ${wanted}`)

  const carriageReturns = text.split(/\r\n?/).length - 1
  return { name, lines, report: { byteOrderMark, carriageReturns, blank, trimmed, composed } }
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
      `${name}: line ${lineNumber(text.slice(0, nul))} has a NUL character, as in binary files and UTF-16: ${wanted}`,
    )
  return { text, byteOrderMark }
}

/** One sentence: the number of lines, and what was cleaned. */
export function describeText({ name, lines, report }: Text): string {
  const cleaned: string[] = []
  if (report.byteOrderMark) cleaned.push("byte order mark dropped")
  if (report.carriageReturns > 0) cleaned.push("carriage returns dropped")
  if (report.blank > 0) cleaned.push(`${plural(report.blank, "blank line")} dropped`)
  if (report.trimmed > 0) cleaned.push(`spaces trimmed from ${plural(report.trimmed, "line")}`)
  if (report.composed > 0) cleaned.push(`accents composed in ${plural(report.composed, "line")}`)
  return `${name}: ${[plural(lines.length, "line"), ...cleaned].join("; ")}.`
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

function decodeStrict(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
}

/** The first line that does not decode. In UTF-8 a line feed's byte occurs in no other character, so it is safe to cut there. */
function undecodableLine(bytes: Uint8Array): number {
  let start = 0
  while (true) {
    const end = bytes.indexOf(10, start)
    const line = bytes.subarray(start, end < 0 ? bytes.length : end)
    try {
      decodeStrict(line)
      start = end + 1
    } catch {
      return lineNumber(new TextDecoder().decode(bytes.subarray(0, start)))
    }
  }
}

/** The number, from 1, of the line at which `before` ends. */
function lineNumber(before: string): number {
  return before.split(lineEnd).length
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`
}
