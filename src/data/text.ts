/**
 * The first station of the data's way: the bytes of a text file become lines, one thing a line. Whatever wrote the file,
 * a line comes out clean: no byte order mark, no line ends of any system, no spaces around it, never blank, and
 * accents composed (NFC). What had to be mended is counted, so that it can be told.
 */

import { UserError } from "../errors.ts"
import { isLonger } from "./characters.ts"

/** Things in order. */
export type Lines = {
  readonly lines: readonly string[]
  /** By what they say, such as "sex", a label for each line. */
  readonly labels?: Readonly<Record<string, readonly string[]>>
}

export type Text = Lines & { readonly name: string; readonly report: TextReport }

/** How many lines of the file were what. */
export type TextReport = {
  readonly byteOrderMark: boolean
  /** Ended by CR LF or CR. */
  readonly carriageReturns: number
  /** Left out. */
  readonly blank: number
  /** Had white space before or after. */
  readonly trimmed: number
  /** Had a letter and its accent apart. */
  readonly composed: number
}

export const nothingMended: TextReport = {
  byteOrderMark: false,
  carriageReturns: 0,
  blank: 0,
  trimmed: 0,
  composed: 0,
}

export const lineEnd = /\r\n|\n|\r/
const wanted = "give a text file in UTF-8, one thing a line"

/**
 * `name` is what errors call the text: a file's path. `maximumLength` is in user-perceived characters.
 * A UserError says of a text that is empty, binary, not UTF-8, or has a line too long, where and what would do.
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
  if (raw.at(-1) === "") raw.pop() // the end of the last line begins no other
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
          `${grouped(maximumLength)} characters: put one thing on a line, or allow longer ones (maximumLength)`,
      )
    if (bare !== given) trimmed++
    if (line !== bare) composed++
    lines.push(line)
  }
  if (lines.length === 0) throw new UserError(`${name}: every line is blank: ${wanted}`)

  const carriageReturns = text.split(/\r\n?/).length - 1
  return { name, lines, report: { byteOrderMark, carriageReturns, blank, trimmed, composed } }
}

/** Bytes as text without its byte order mark; a UserError where it is empty or no text. */
export function readableText(
  source: Uint8Array | string,
  name: string,
): { text: string; byteOrderMark: boolean } {
  const whole = typeof source === "string" ? source : decode(source, name)
  const byteOrderMark = whole.startsWith("\uFEFF")
  const text = byteOrderMark ? whole.slice(1) : whole
  if (text === "") throw new UserError(`${name}: it is empty: ${wanted}`)
  const nul = text.indexOf("\0")
  if (nul >= 0)
    throw new UserError(
      `${name}: line ${lineNumber(text.slice(0, nul))} has a NUL character, as binary files and UTF-16 text do: ${wanted}`,
    )
  return { text, byteOrderMark }
}

/** One sentence: how many lines there are, and what was mended. */
export function describeText({ name, lines, report }: Text): string {
  const mended: string[] = []
  if (report.byteOrderMark) mended.push("a byte order mark dropped")
  if (report.carriageReturns > 0) mended.push("line ends with carriage returns read")
  if (report.blank > 0) mended.push(`${plural(report.blank, "blank line")} left out`)
  if (report.trimmed > 0) mended.push(`spaces trimmed from ${plural(report.trimmed, "line")}`)
  if (report.composed > 0) mended.push(`accents composed in ${plural(report.composed, "line")}`)
  return `${name}: ${[plural(lines.length, "line"), ...mended].join("; ")}.`
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return strictly(bytes)
  } catch {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
    if (utf16) throw new UserError(`${name}: it is UTF-16 text: save it as UTF-8`)
    throw new UserError(`${name}: line ${lineOfFault(bytes)} is not UTF-8: ${wanted}`)
  }
}

function strictly(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
}

/** The first line that does not decode. A line feed's byte is part of no other character, so bytes may be cut there. */
function lineOfFault(bytes: Uint8Array): number {
  let start = 0
  while (true) {
    const end = bytes.indexOf(10, start)
    const line = bytes.subarray(start, end < 0 ? bytes.length : end)
    try {
      strictly(line)
      start = end + 1
    } catch {
      return lineNumber(new TextDecoder().decode(bytes.subarray(0, start)))
    }
  }
}

/** The number, from 1, of the line that follows this much text. */
function lineNumber(before: string): number {
  return before.split(lineEnd).length
}

function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`
}

function grouped(count: number): string {
  return count.toLocaleString("en")
}
