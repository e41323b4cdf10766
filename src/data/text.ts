/**
 * Reads a text file as lines, one item per line, and cleans them: no byte order mark, no line endings, no surrounding
 * spaces, no blank lines, and accents composed (NFC). A report counts what was cleaned.
 */
import { requireBytes, UserError } from "../errors.ts"
import { isLonger, quoteStart } from "./characters.ts"
import { composed, problemInText } from "./composed.ts"
import { copiesOf } from "./copies.ts"
import { isColumnName } from "./header.ts"
import { otherFile } from "./other-files.ts"

export type Lines = {
  readonly lines: readonly string[]
  /** By name, such as "sex", one label per line. */
  readonly labels?: Readonly<Record<string, readonly string[]>>
  /** For a list whose split is known from elsewhere, which cuts it line by line. */
  readonly duplicates?: "apart"
}

export type Text = Lines & {
  readonly name: string
  readonly report: TextReport
  /** What was chosen in reading a table, such as "separated by semicolons". */
  readonly reading?: string
  /** A sentence about lines that look like something else. */
  readonly hint?: string
}

/** What is counted while lines are cleaned. */
export const nothingCleaned = {
  byteOrderMark: false,
  /** Lines that ended in CR LF or CR. */
  carriageReturns: 0,
  /** Blank lines, which are dropped. */
  blank: 0,
  /** Lines that had surrounding white space. */
  trimmed: 0,
  /** Lines with characters that nobody sees: they are dropped, or are spaces. */
  unseen: 0,
  /** Lines that were not in NFC. */
  composed: 0,
}

export type TextReport = Readonly<typeof nothingCleaned>

/** The default limit on the length of a line, in user-perceived characters. */
export const MAX_LINE_LENGTH = 1000

/** The most lines of a file: more would not fit into memory as symbols. */
const MAX_LINES = 4_000_000

const wantedLines = "give a UTF-8 text file with one item per line"

/**
 * Parses a text into lines. `name` is the text's name in errors; `maximumLineLength` is in user-perceived characters. Throws a
 * UserError with the line number if the text is empty, binary or wrongly encoded, or has a line that is too long.
 */
export function parseLines(
  source: Uint8Array | string,
  {
    name = "the text",
    maximumLineLength = MAX_LINE_LENGTH,
  }: { name?: string; maximumLineLength?: number } = {},
): Text {
  const { text, byteOrderMark } = readableText(source, name)
  const lines: string[] = []
  const report = { ...nothingCleaned, byteOrderMark }
  const separators = new Map<string, number[]>() // those of the first line: how often it has them, and the other lines
  for (const { number, content, end } of linesOf(text, name)) {
    if (end.startsWith("\r")) report.carriageReturns++
    const bare = content.trim()
    if (isLonger(bare, maximumLineLength))
      throw new UserError(
        `${name}: line ${number} (${quoteStart(bare)}) is longer than ` +
          `${maximumLineLength.toLocaleString("en")} characters: put one item on each line, ${asRunning}, or ${allowLonger}`,
      )
    const line = cleaned(content, report, `${name}: line ${number}`)
    if (line === "") continue
    lines.push(line)
    for (const [separator, pattern] of fieldEnds) {
      const counts = separators.get(separator)
      if (lines.length > 1 && (!counts || counts.length > 2)) continue
      const count = content.match(pattern)?.length ?? 0
      if (lines.length === 1 && count > 0) separators.set(separator, [count])
      else if (counts && (counts.length < 2 || counts[1] !== count)) counts.push(count)
    }
  }
  if (lines.length === 0) throw new UserError(`${name}: every line is blank: ${wantedLines}`)
  const hint = hintAt(lines, separators) ?? hintAtRunning(lines, report)
  return { name, lines, report, ...(hint && { hint }) }
}

function hintAt(
  lines: readonly string[],
  separators: ReadonlyMap<string, readonly number[]>,
): string | undefined {
  const found = fieldsIn(lines, separators)
  if (found) return `${found}: if this is a table, choose a column with --column.`
  if (lines.length > 1 && isColumnName(lines[0]))
    return `The first line, ${quoteStart(lines[0])}, looks like a heading: if it is one, delete it.`
  return undefined
}

/** Lines of so many characters on average are sentences or paragraphs; with blank lines between some of them, fewer make verses or speeches. */
const [LONG, LONG_BESIDE_BLANK] = [60, 20]

/** A list has hardly a blank line. */
const BLANK = 0.05

function hintAtRunning(lines: readonly string[], { blank }: TextReport): string | undefined {
  const mean = lines.reduce((sum, { length }) => sum + length, 0) / lines.length
  const isSpaced = blank > BLANK * lines.length && mean > LONG_BESIDE_BLANK
  if (lines.length < 3 || !(mean > LONG || isSpaced)) return undefined
  return `If this is one running text and no list, ${asRunning}.`
}

const asRunning = "train on it as a whole (--running)"

/** What ends a field, by its name. In a text a comma is followed by a space. */
const fieldEnds: readonly (readonly [string, RegExp])[] = [
  ["tab", /\t/g],
  ["comma", /,(?! )/g],
  ["semicolon", /;(?! )/g],
  ["bar", /\|/g],
]

/**
 * What makes the lines look like rows of a table. R writes row names without a name above them, and by default spaces and quotes. Of each
 * separator: how often it is in the first line, in the second, and in the first that differs from the second.
 */
function fieldsIn(
  lines: readonly string[],
  separators: ReadonlyMap<string, readonly number[]>,
): string | undefined {
  for (const [name, [first, count, other]] of separators) {
    if (count === undefined || other !== undefined) continue
    if (first === count) return `Each line has ${plural(count, name)}`
    if (first === count - 1) return `Each line but the first has ${plural(count, name)}`
  }
  const isQuoted = lines.every((line) => /^"[^"]*"( |$)/.test(line)) && /" /.test(lines.at(-1) ?? "")
  if (isQuoted) return "Each line begins with a field in quotes"
  if (/^[[{]/.test(lines[0]) && /[\]}]$/.test(lines.at(-1)!)) return "This looks like JSON"
  return undefined
}

export const allowLonger = "allow longer ones (--maximum-line-length)"

/**
 * What web pages and word processors leave in a text: soft hyphens, zero-width spaces, word joiners and byte order marks, which are
 * dropped, and no-break spaces.
 */
const unseen = /[\u00a0\u00ad\u200b\u202f\u2060\ufeff]/g

/**
 * Trims a text, composes it (NFC) and makes it free of what nobody sees, and counts in the report what that changed. `place` is its place
 * in errors.
 */
export function cleaned(
  text: string,
  report: { -readonly [K in keyof TextReport]: TextReport[K] },
  place: string,
): string {
  const problem = problemInText(text)
  if (problem) throw new UserError(`${place} ${problem}`)
  const seen = text.replace(unseen, (each) => (each === "\u00a0" || each === "\u202f" ? " " : ""))
  const bare = seen.trim()
  const line = composed(bare)
  if (bare === "") report.blank++
  else if (bare !== seen) report.trimmed++
  if (bare !== "" && seen !== text) report.unseen++
  if (line !== bare) report.composed++
  return line
}

interface Line {
  /** From 1. */
  readonly number: number
  readonly content: string
  /** CR LF, LF, CR, or "" at the end of the text. */
  readonly end: string
}

/** Yields the lines of a text, blank ones too, since an array of all might not fit. A final line ending does not start another line. */
export function* linesOf(text: string, name: string): Generator<Line> {
  const ends = /\r\n?|\n/g
  let start = 0
  for (let number = 1; start < text.length; number++) {
    requireFewLines(number, name)
    const [end] = ends.exec(text) ?? [""]
    const next = end === "" ? text.length : ends.lastIndex
    yield { number, content: text.slice(start, next - end.length), end }
    start = next
  }
}

export function requireFewLines(number: number, name: string): void {
  if (number > MAX_LINES)
    throw new UserError(`${name}: it has more than ${MAX_LINES.toLocaleString("en")} lines: give fewer`)
}

/** The number of line ends in a text, or in its first `end` characters. */
export function countLineEnds(text: string, end = text.length): number {
  let count = 0
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) count++
  }
  return count
}

/** Decodes bytes and drops the byte order mark. Throws a UserError, which ends with what is wanted, if the result is empty or not text. */
export function readableText(
  source: Uint8Array | string,
  name: string,
  wanted = wantedLines,
): { text: string; byteOrderMark: boolean } {
  if (typeof source !== "string") {
    requireBytes(name, source)
    const other = otherFile(source, wanted)
    if (other) throw new UserError(`${name}: ${other}`)
  }
  const whole = typeof source === "string" ? source : decode(source, name, wanted)
  const byteOrderMark = whole.startsWith("\uFEFF")
  const text = byteOrderMark ? whole.slice(1) : whole
  if (text === "") throw new UserError(`${name}: the text is empty: ${wanted}`)
  const nul = text.indexOf("\0")
  if (nul >= 0)
    throw new UserError(
      `${name}: line ${countLineEnds(text, nul) + 1} has a NUL character, as in binary files and in UTF-16 without a byte order mark: ${wanted}`,
    )
  return { text, byteOrderMark }
}

/** One sentence: the number of lines, how many of them occur more than once, how they were read, and what was cleaned. A hint follows. */
export function describeText({ name, lines, duplicates, report, reading, hint }: Text): string {
  const repeated = copiesOf(lines).size
  const parts = [
    plural(lines.length, "line"),
    reading,
    report.byteOrderMark && "byte order mark dropped",
    report.carriageReturns > 0 && "carriage returns dropped",
    report.blank > 0 && `${plural(report.blank, "blank line")} dropped`,
    report.trimmed > 0 && `spaces trimmed from ${plural(report.trimmed, "line")}`,
    report.unseen > 0 && `invisible characters cleaned in ${plural(report.unseen, "line")}`,
    report.composed > 0 && `accents composed in ${plural(report.composed, "line")}`,
    repeated > 0 &&
      `${plural(repeated, "line")} ${repeated === 1 ? "occurs" : "occur"} more than once` +
        (duplicates === "apart" ? ", split one by one as in the lecture" : ""),
  ]
  return `${name}: ${parts.filter(Boolean).join("; ")}.${hint === undefined ? "" : ` ${hint}`}`
}

interface Encoding {
  readonly label: "utf-8" | "utf-16le" | "utf-16be"
  /** The bytes of U+FFFD, which in a decoded text also replaces bytes that do not decode. */
  readonly replacement: readonly number[]
}

const utf8: Encoding = { label: "utf-8", replacement: [0xef, 0xbf, 0xbd] }

/** By the byte order mark, the first two bytes. Excel's "Unicode text" is UTF-16. */
const utf16 = new Map<number, Encoding>([
  [0xfffe, { label: "utf-16le", replacement: [0xfd, 0xff] }],
  [0xfeff, { label: "utf-16be", replacement: [0xff, 0xfd] }],
])

function decode(bytes: Uint8Array, name: string, wanted: string): string {
  const encoding = utf16.get(bytes[0] * 256 + bytes[1]) ?? utf8
  const decodeWith = (options: TextDecoderOptions) =>
    new TextDecoder(encoding.label, { ignoreBOM: true, ...options }).decode(bytes)
  try {
    return decodeWith({ fatal: true })
  } catch {
    const line = undecodableLine(bytes, decodeWith({}), encoding)
    throw new UserError(`${name}: line ${line} is not ${encoding === utf8 ? "UTF-8" : "UTF-16"}: ${wanted}`)
  }
}

/** The number, from 1, of the line with the first U+FFFD in the decoded text that is not in the bytes. */
function undecodableLine(bytes: Uint8Array, text: string, encoding: Encoding): number {
  const sizeOf = encoding === utf8 ? sizeInUtf8 : () => 2
  const isThere = (at: number) => encoding.replacement.every((byte, k) => bytes[at + k] === byte)
  let line = 1
  let at = 0
  for (let k = 0; k < text.length; k++) {
    const unit = text.charCodeAt(k)
    if (unit === 0xfffd && !isThere(at)) break
    if (unit === 10 || (unit === 13 && text.charCodeAt(k + 1) !== 10)) line++
    at += sizeOf(unit)
  }
  return line
}

/** The bytes that a UTF-16 unit takes in UTF-8; half of a pair takes half of four. */
const sizeInUtf8 = (unit: number): number =>
  unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3

export const plural = (count: number, noun: string): string =>
  `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`
