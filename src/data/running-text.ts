/**
 * Reads a text as one stream, from its first symbol to its last: a play, a book, a page of code. Line ends, blank lines and indentation
 * are symbols like others. `text.ts` reads lists, where each line stands for itself.
 */
import { UserError } from "../errors.ts"
import { dataSets, loadText } from "./catalog.ts"
import { problemInText } from "./composed.ts"
import { nameOfPath, readBytes, STANDARD_INPUT } from "./disk.ts"
import type { LoadOptions } from "./load-options.ts"
import { tableFormatOf } from "./table-format.ts"
import { countLineEnds, plural, readableText } from "./text.ts"
import { sentencesOf, type TokenText } from "./token-text.ts"

export interface RunningText {
  readonly name: string
  readonly text: string
  /** What was repaired, such as "carriage returns dropped". */
  readonly repaired: readonly string[]
  /** A sentence if the file looks like something else. */
  readonly hint?: string
  /** Where it is cut into tokens already; `text` has spaces between them. */
  readonly tokens?: TokenText
}

const wanted = "give a UTF-8 text file"

/** What web pages and word processors leave in a text and nobody sees. */
const unseen = /[\u00ad\u200b\u2060\ufeff]/g

/** `name` is the text's name in errors. Throws a UserError for a text that is empty, blank, binary or wrongly encoded. */
function parseRunningText(source: Uint8Array | string, { name = "the text" } = {}): RunningText {
  const { text: read, byteOrderMark } = readableText(source, name, wanted)
  const problem = problemInText(read)
  if (problem) throw new UserError(`${name} ${problem}`)
  const withLineEnds = read.replace(/\r\n?/g, "\n")
  const text = withLineEnds.replace(unseen, "").normalize("NFC")
  if (text.trim() === "") throw new UserError(`${name}: every line is blank: ${wanted} with something in it`)
  const repaired = [
    byteOrderMark && "byte order mark dropped",
    withLineEnds.length < read.length && "carriage returns dropped",
    withLineEnds.search(unseen) >= 0 && "invisible characters dropped",
  ]
  return { name, text, repaired: repaired.filter((each) => each !== false) }
}

/** Loads a file, standard input, or a data set, whose lines become a text. */
export async function loadRunningText(nameOrPath: string, options: LoadOptions = {}): Promise<RunningText> {
  const dataSet = Object.hasOwn(dataSets, nameOrPath) ? dataSets[nameOrPath] : undefined
  if (options.text || dataSet) {
    const tokens = await dataSet?.loadRunning?.(options)
    if (tokens) return { name: tokens.name, text: withSpaces(tokens), repaired: [], tokens }
    const { name, lines } = await loadText(nameOrPath, options)
    return { name, text: `${lines.join("\n")}\n`, repaired: [] }
  }
  if (nameOrPath === STANDARD_INPUT) options.onStandardInput?.()
  const bytes = options.bytes ?? (await readBytes(nameOrPath))
  const name = nameOfPath(nameOrPath)
  if (!bytes) throw new UserError(`${name}: no such file: give the path of a text file`)
  const text = parseRunningText(bytes, { name })
  return tableFormatOf(nameOrPath) ? { ...text, hint: asTable } : text
}

const asTable =
  "This table is read as it is, columns and all: for one column as a list, leave out --running and give --column."

/** Sentences on lines, and blank lines between paragraphs. */
function withSpaces(tokens: TokenText): string {
  const paragraphs = new Set(tokens.paragraphEnds)
  const lines = sentencesOf(tokens).map((line, k) =>
    paragraphs.has(tokens.sentenceEnds[k]) ? `${line}\n` : line,
  )
  return `${lines.join("\n")}\n`
}

/** One sentence: how long the text is, and what was repaired. A hint follows. `symbols` is their number, with the word for them. */
export function describeRunningText({ name, text, repaired, hint }: RunningText, symbols: string): string {
  const lines = plural(countLineEnds(text) + Number(!text.endsWith("\n")), "line")
  const parts = [`a running text of ${symbols}`, lines, ...repaired]
  return `${name}: ${parts.join("; ")}.${hint === undefined ? "" : ` ${hint}`}`
}
