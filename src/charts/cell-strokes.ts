/** The cells of a grid as an SVG path, which keeps a picture of many cells small and sharp. */

/** The horizontal runs of the cells that are drawn, one unit per cell. */
export function cellStrokes(
  columns: number,
  rows: number,
  isDrawn: (column: number, row: number) => boolean,
): string {
  let d = ""
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      if (!isDrawn(column, row)) continue
      const start = column
      while (column + 1 < columns && isDrawn(column + 1, row)) column++
      d += `M${start},${row}h${column + 1 - start}`
    }
  return d
}
