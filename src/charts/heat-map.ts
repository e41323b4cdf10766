/**
 * A matrix as a heat map: the further a number is from 0, the more opaque its cell, blue above 0 and orange below, so that 0 is the paper,
 * white or black. Where there is room each cell has its number. Source of the counts with numbers: makemore part 1, "visualizing the
 * bigram tensor".
 */

import { visibleSymbol } from "../display/visible-symbol.ts"
import { cellStrokes } from "./cell-strokes.ts"
import { colors, type LegendEntry, svgChart, svgElements } from "./svg-chart.ts"

export interface HeatMap {
  /** (rows, columns), row-major. */
  readonly numbers: ArrayLike<number>
  readonly shape: readonly [rows: number, columns: number]
  /** The names of the rows, from the top. Default: their numbers. */
  readonly rows?: readonly string[]
  /** The names of the columns. Default: their numbers. */
  readonly columns?: readonly string[]
  readonly title?: string
}

/** A larger matrix is drawn as the means of blocks. */
const MOST_CELLS = 100
/** Of the cells, in pixels. */
const [ROOM, LARGEST] = [640, 28]
const FONT = 11
const LETTER = 0.6
const SHADES = 20
const [blue, orange] = colors

/** The heat map as the text of an SVG file. */
export function heatMapSvg(map: HeatMap): Promise<string> {
  const { title = "Heat map" } = map
  const { cells, rows, columns, block, names } = reduced(map)
  const largest = cells.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1
  const [width, height] = [columns, rows].map((count) => Math.max(4, Math.min(LARGEST, ROOM / count)))
  const left = 12 + FONT * LETTER * Math.max(1, ...names.rows.map(({ length }) => length))
  const area = { width: columns * width, height: rows * height }
  return svgChart({
    title,
    subtitle: `${map.shape.join(" × ")}${block}, from ${short(least(cells))} to ${short(most(cells))}`,
    legend: legendOf(cells, largest),
    width: Math.max(360, left + area.width + 24),
    height: area.height + 40,
    marginLeft: left,
    marginRight: Math.max(24, 360 - left - area.width),
    marginTop: 10,
    marginBottom: 30,
    x: { axis: null, domain: [0, columns] },
    y: { axis: null, domain: [0, rows] },
    marks: () => [
      (_index, { scales }, _values, _dimensions, { document }) => {
        const element = svgElements(document)
        const [[x0], [, y0]] = [scales.x!.range!, scales.y!.range!] as number[][]
        const picture = element("g", { "aria-label": "heat map" }) as SVGGElement
        const strokes = element("g", {
          "shape-rendering": "crispEdges",
          transform: `translate(${x0},${y0 + height / 2}) scale(${width},${height})`, // strokes are centered on their rows
        })
        for (const color of [blue, orange])
          for (let shade = 1; shade <= SHADES; shade++) {
            const sign = color === blue ? 1 : -1
            const shadeOf = (x: number) => Math.ceil((SHADES * sign * x) / largest)
            const d = cellStrokes(
              columns,
              rows,
              (column, row) => shadeOf(cells[row * columns + column]) === shade,
            )
            if (d) strokes.append(element("path", { d, stroke: color, opacity: shade / SHADES }))
          }
        picture.append(strokes)
        const text = (x: number, y: number, written: string, attributes: Record<string, string | number>) =>
          picture.append(
            element("text", { x, y, dy: "0.35em", fill: "currentColor", ...attributes }, written),
          )
        const numbers = cells.map(short)
        const size = Math.min(FONT, (width - 3) / (LETTER * longest(numbers)))
        if (size >= 6 && height >= size)
          for (const [k, written] of numbers.entries())
            text(x0 + ((k % columns) + 0.5) * width, y0 + (Math.floor(k / columns) + 0.5) * height, written, {
              "text-anchor": "middle",
              "font-size": size,
            })
        const every = (pixels: number, each: number) => Math.ceil(pixels / each)
        const apart = [every(FONT + 1, height), every(FONT * LETTER * longest(names.columns) + 4, width)]
        for (let row = 0; row < rows; row += apart[0])
          text(x0 - 6, y0 + (row + 0.5) * height, names.rows[row], { "text-anchor": "end" })
        for (let column = 0; column < columns; column += apart[1])
          text(x0 + (column + 0.5) * width, y0 + area.height + 12, names.columns[column], {
            "text-anchor": "middle",
          })
        return picture
      },
    ],
  })
}

/** From nothing to the largest distance from the least number. */
const shades = [" ", "░", "▒", "▓", "█"]

/** The heat map as text: a letter for each cell. */
export function heatMapText(map: HeatMap): string {
  const { title = "Heat map" } = map
  const { cells, columns, block, names } = reduced(map)
  const [low, high] = [least(cells), most(cells)]
  const shadeOf = (x: number) => shades[Math.round((4 * (x - low)) / (high - low || 1))]
  const width = longest(names.rows)
  return [
    `${title}: ${map.shape.join(" × ")}${block}, from ${short(low)} (blank) to ${short(high)} (█)`,
    "",
    ...names.rows.map((name, row) =>
      `${name.padStart(width)} ${cells
        .slice(row * columns, (row + 1) * columns)
        .map(shadeOf)
        .join("")}`.trimEnd(),
    ),
  ].join("\n")
}

/** The cells to draw: those of the matrix, or means of blocks of them. */
function reduced({ numbers, shape: [rows, columns], ...named }: HeatMap) {
  const namesOf = (count: number, names: readonly string[] = [...Array(count).keys()].map(String)) => {
    if (names.length !== count)
      throw new RangeError(`heatMap: ${names.length} names for ${count} rows or columns`)
    return names.map(visibleSymbol)
  }
  const names = { rows: namesOf(rows, named.rows), columns: namesOf(columns, named.columns) }
  const [tall, wide] = [rows, columns].map((count) => Math.ceil(count / MOST_CELLS))
  const size = { rows: Math.ceil(rows / tall), columns: Math.ceil(columns / wide) }
  const cells = Array.from({ length: size.rows * size.columns }, (_, k) => {
    const [top, left] = [tall * Math.floor(k / size.columns), wide * (k % size.columns)]
    let [sum, count] = [0, 0]
    for (let row = top; row < Math.min(rows, top + tall); row++)
      for (let column = left; column < Math.min(columns, left + wide); column++, count++)
        sum += numbers[row * columns + column]
    return sum / count
  })
  const first = (all: readonly string[], step: number) => all.filter((_, k) => k % step === 0)
  return {
    cells,
    ...size,
    block: tall * wide > 1 ? `, means of blocks of ${tall} × ${wide}` : "",
    names: { rows: first(names.rows, tall), columns: first(names.columns, wide) },
  }
}

const least = (cells: readonly number[]): number => cells.reduce((a, b) => Math.min(a, b))
const most = (cells: readonly number[]): number => cells.reduce((a, b) => Math.max(a, b))
const longest = (texts: readonly string[]): number =>
  texts.reduce((max, { length }) => Math.max(max, length), 1)

/** With three digits. */
const short = (x: number): string => (Number.isInteger(x) ? String(x) : String(Number(x.toPrecision(2))))

function legendOf(cells: readonly number[], largest: number): LegendEntry[] {
  const entry = (part: number): LegendEntry => ({
    name: short(part * largest),
    color: part < 0 ? orange : blue,
    mark: { width: 10, opacity: Math.abs(part) },
  })
  const parts = [-1, -0.5, 0.5, 1]
  return parts.filter((part) => (part < 0 ? least(cells) < 0 : most(cells) > 0)).map(entry)
}
