/** The formats of tables, and which of them a file has. `column.ts` reads them. */

/** "jsonl" is JSON Lines, or one array, of objects or texts. */
export type TableFormat = "csv" | "tsv" | "jsonl"

/** The formats by file extension. */
const formats: readonly (readonly [RegExp, TableFormat])[] = [
  [/\.csv$/i, "csv"],
  [/\.(tsv|tab)$/i, "tsv"],
  [/\.(jsonl|ndjson|json)$/i, "jsonl"],
]

/** The format by file extension; undefined for a file that is not known to be a table. */
export const tableFormatOf = (path: string): TableFormat | undefined =>
  formats.find(([extension]) => extension.test(path))?.[1]
