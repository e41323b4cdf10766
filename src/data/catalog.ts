/** The built-in data sets by name; any other name is the path of a user's file. To add a data set, add an entry to the table. */
import { requireOptions, UserError } from "../errors.ts"
import { nameOfPath, readBytes, STANDARD_INPUT } from "./disk.ts"
import { type LoadOptions, loadOptions } from "./load-options.ts"
import { asInTheLecture, isMakemoreNames, loadMakemoreNames } from "./makemore-names.ts"
import { loadLanguages, loadNames } from "./names.ts"
import { nearest } from "./nearest.ts"
import { tableFormatOf } from "./table-format.ts"
import { parseLines, type Text } from "./text.ts"
import type { TokenText } from "./token-text.ts"

export type DataSet = {
  /** One line for a list of data sets. */
  readonly description: string
  /** Its lines, where it is a list. */
  readonly load?: (options: LoadOptions) => Promise<Text>
  /** Its tokens, where it is one running text. */
  readonly loadRunning?: (options: LoadOptions) => Promise<TokenText>
}

export const dataSets: Readonly<Record<string, DataSet>> = {
  names: {
    description: "32,513 English first names labelled by sex; the default, included",
    load: loadNames,
  },
  languages: {
    description: "85,296 first names in six languages, labelled by sex and language; included",
    load: loadLanguages,
  },
  "makemore-names": {
    description:
      "makemore's names.txt, the lecture's data: 32,033 first names labelled by sex; downloaded once",
    load: loadMakemoreNames,
  },
  brown: {
    description:
      "the Brown corpus, 1,161,192 words of American English, a text for --running --tokens words; downloaded once",
    // Few want it, and a page fetches only what it needs.
    loadRunning: async (options) => (await import("./brown.ts")).loadBrown(options),
  },
}

/**
 * Loads a data set by name, or a file: a table (by its extension, or if a column is asked for), or a text. A file with the name of a
 * data set needs a path, such as ./names
 */
export async function loadText(nameOrPath: string, options: LoadOptions = {}): Promise<Text> {
  requireOptions("loadText", options, loadOptions)
  if (options.text) return options.text
  const { column, noHeader, labelColumns, maximumLineLength, onStandardInput } = options
  if (Object.hasOwn(dataSets, nameOrPath)) {
    for (const [flag, given] of [
      ["--column", column],
      ["--no-header", noHeader],
    ])
      if (given) throw new UserError(`${flag}: ${nameOrPath} is a data set, not a table: leave it out`)
    const { load } = dataSets[nameOrPath]
    if (!load) throw new UserError(`${nameOrPath}: it is one running text and no list: give --running`)
    return load(options)
  }
  if (nameOrPath === STANDARD_INPUT) onStandardInput?.()
  const bytes = options.bytes ?? (await readBytes(nameOrPath))
  if (!bytes) throw new UserError(notFound(nameOrPath))
  const how = { name: nameOfPath(nameOrPath), maximumLineLength }
  if (column !== undefined || tableFormatOf(nameOrPath)) {
    const { parseColumn } = await import("./column.ts")
    return parseColumn(bytes, column, { ...how, labelColumns, noHeader })
  }
  if (noHeader)
    throw new UserError(
      `--no-header: ${nameOrPath} is read as lines, not as a table: leave it out, or give --column 1`,
    )
  const text = parseLines(bytes, how)
  return (await isMakemoreNames(bytes)) ? asInTheLecture(text) : text
}

function notFound(nameOrPath: string): string {
  const names = Object.keys(dataSets)
  const meant = nearest(nameOrPath, names)
  const question = meant ? `Did you mean ${meant}? ` : ""
  const known = meant ? [meant, ...names.filter((name) => name !== meant)] : names
  return (
    `${nameOfPath(nameOrPath)}: no such file or data set. ${question}` +
    `Give the path of a text file with one item per line, or a data set: ${known.join(", ")}`
  )
}
