/** Tables as aligned text for a terminal, or as Markdown. */

/** The first row is the header. The first column is aligned left, the others right. */
export function table(rows: readonly (readonly string[])[], { markdown = false } = {}): string {
  const [header, ...body] = rows
  if (markdown) {
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`
    return [line(header), line(header.map((_, k) => (k === 0 ? "---" : "---:"))), ...body.map(line)].join(
      "\n",
    )
  }
  const widths = header.map((_, column) => Math.max(...rows.map((cells) => cells[column].length)))
  return rows
    .map((cells) =>
      cells
        .map((cell, k) => (k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k])))
        .join("   ")
        .trimEnd(),
    )
    .join("\n")
}
