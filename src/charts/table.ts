/** Rows of cells as a table to read: aligned text for a terminal, or Markdown. */

/** The first row is the head. The first column stands to the left, numbers in the others to the right. */
export function table(rows: readonly (readonly string[])[], { markdown = false } = {}): string {
  const [head, ...body] = rows
  if (markdown) {
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`
    return [line(head), line(head.map((_, k) => (k === 0 ? "---" : "---:"))), ...body.map(line)].join("\n")
  }
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column].length)))
  return rows
    .map((cells) =>
      cells
        .map((cell, k) => (k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k])))
        .join("   ")
        .trimEnd(),
    )
    .join("\n")
}
