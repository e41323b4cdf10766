/**
 * What data there is: the known data sets by name, and every other word is the path of a file of the user's own.
 * A new data set is a new entry in the table.
 */

import { UserError } from "../errors.ts"
import { parseColumn } from "./column.ts"
import { readBytes } from "./disk.ts"
import type { LoadOptions } from "./load-options.ts"
import { isMakemoreNames, loadMakemoreNames, withSex } from "./makemore-names.ts"
import { loadLanguages, loadNames } from "./names.ts"
import { nearest } from "./nearest.ts"
import { parseLines, type Text } from "./text.ts"

export type DataSet = {
  /** One line for a list of data sets. */
  readonly description: string
  readonly load: (options: LoadOptions) => Promise<Text>
}

export const dataSets: Readonly<Record<string, DataSet>> = {
  names: {
    description: "32,513 English first names with their sex; the default, nothing to download",
    load: loadNames,
  },
  languages: {
    description: "85,296 first names of six languages with their sex and language; nothing to download",
    load: loadLanguages,
  },
  "makemore-names": {
    description:
      "makemore's names.txt, 32,033 first names with their sex: the lecture's data; downloaded once",
    load: loadMakemoreNames,
  },
}

/** The text of a known data set, or of a file. To read a file that is called as a data set is, write ./names */
export async function loadText(nameOrPath: string, options: LoadOptions = {}): Promise<Text> {
  const { column, labelColumns, maximumLength } = options
  if (Object.hasOwn(dataSets, nameOrPath)) {
    if (column !== undefined)
      throw new UserError(`--column ${column}: ${nameOrPath} is a data set and no table: leave it out`)
    return dataSets[nameOrPath].load(options)
  }
  const bytes = await readBytes(nameOrPath)
  if (!bytes) throw new UserError(notFound(nameOrPath))
  const how = { name: nameOrPath, maximumLength }
  if (column !== undefined) return parseColumn(bytes, column, { ...how, labelColumns })
  const text = parseLines(bytes, how)
  return (await isMakemoreNames(bytes)) ? withSex(text) : text
}

function notFound(nameOrPath: string): string {
  const names = Object.keys(dataSets)
  const meant = nearest(nameOrPath, names)
  const question = meant ? `Did you mean ${meant}? ` : ""
  const known = meant ? [meant, ...names.filter((name) => name !== meant)] : names
  return (
    `${nameOrPath || '""'}: no such file, and no data set of this name. ${question}` +
    `Give the path of a text file, one thing a line, or a data set: ${known.join(", ")}`
  )
}
