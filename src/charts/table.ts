/** Tables as aligned text for a terminal, or as Markdown. */

export interface TableOptions {
  readonly markdown?: boolean
  /**
   * In characters, for text. In a wider table the words of the header are stacked; a table that is wider still is divided into several,
   * each of which begins with the first column.
   */
  readonly width?: number
  /** How many columns are aligned left; the others are aligned right. */
  readonly left?: number
  /** For text: whether rules set off the header and the last row, such as a total. */
  readonly ruled?: boolean
}

/** The first row is the header. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { markdown = false, width = Infinity, left = 1, ruled = false } = options
  const [header, ...body] = rows
  if (markdown) {
    const line = (cells: readonly string[]) =>
      `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`
    return [line(header), line(header.map((_, k) => (k < left ? "---" : "---:"))), ...body.map(line)].join(
      "\n",
    )
  }
  const all = [...header.keys()]
  const layout = (heads: readonly (readonly string[])[], gap: number) => {
    const widths = all.map((k) =>
      [...heads, ...body].reduce((max, cells) => Math.max(max, cells[k].length), 0),
    )
    const widthOf = (columns: readonly number[]) => columns.reduce((sum, k) => sum + gap + widths[k], -gap)
    return { heads, gap, widths, widthOf }
  }
  const stacked = stack(header)
  const [wide, close, closest] = [layout([header], 3), layout([header], 2), layout(stacked, 2)]
  const { heads, gap, widths, widthOf } =
    [wide, close].find(({ widthOf }) => widthOf(all) <= width) ?? closest
  const blocks: number[][] = []
  for (const column of all) {
    const block = blocks.at(-1)
    if (block && (block.length === 1 || widthOf([...block, column]) <= width)) block.push(column)
    else blocks.push(column === 0 ? [0] : [0, column])
  }
  const text = (columns: readonly number[]) => {
    const line = (cells: readonly string[]) =>
      columns
        .map((k) => (k < left ? cells[k].padEnd(widths[k]) : cells[k].padStart(widths[k])))
        .join(" ".repeat(gap))
        .trimEnd()
    const rule = ruled ? ["─".repeat(widthOf(columns))] : []
    const lines = body.map(line)
    return [
      ...heads.map(line).filter(Boolean),
      ...rule,
      ...lines.slice(0, -1),
      ...rule,
      ...lines.slice(-1),
    ].join("\n")
  }
  return blocks.map(text).join("\n\n")
}

/** The header with the words of each cell stacked, aligned at the bottom. */
function stack(header: readonly string[]): string[][] {
  const words = header.map((cell) => cell.split(" "))
  const height = Math.max(...words.map(({ length }) => length))
  return Array.from({ length: height }, (_, row) =>
    words.map((each) => each[row - height + each.length] ?? ""),
  )
}
