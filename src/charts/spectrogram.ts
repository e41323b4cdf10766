/**
 * A spectrogram: time to the right, frequency upwards, brightness in decibels below the loudest cell. Each shade is one path of
 * horizontal strokes, which keeps the SVG small and sharp.
 */
import { cellStrokes } from "./cell-strokes.ts"
import { svgChart, svgElements } from "./svg-chart.ts"

export interface SpectrogramPlot {
  /** One power spectrum per frame, from 0 Hz to `highest`. */
  readonly frames: readonly ArrayLike<number>[]
  readonly seconds: number
  /** The frequency of the last bin, in Hz. */
  readonly highest: number
  readonly title?: string
  readonly subtitle?: string
}

/** The dynamic range shown, in decibels. */
const RANGE = 70
const DECIBELS_PER_SHADE = 5
/** The resolution of the image at most. */
const [MAX_COLUMNS, MAX_ROWS] = [320, 96]

/** The color map, from quiet to loud. */
const anchors = [
  [13, 8, 38],
  [74, 26, 107],
  [160, 44, 106],
  [232, 89, 12],
  [255, 212, 59],
  [255, 250, 220],
]

/** The spectrogram as the text of an SVG file. */
export function spectrogramSvg(plot: SpectrogramPlot): Promise<string> {
  const { frames, seconds, highest, title = "Spectrogram", subtitle } = plot
  const cells = shadesOf(frames)
  const shades = RANGE / DECIBELS_PER_SHADE
  const [columns, rows] = [cells.length, cells[0]?.length ?? 1]
  return svgChart({
    title,
    subtitle,
    legend: [0, 20, 40, 60].map((below) => ({
      name: `${-below} dB`,
      color: colorOf(1 - below / RANGE),
      mark: { width: 10 },
    })),
    height: 280,
    x: { label: "time, seconds", domain: [0, seconds] },
    y: { label: "frequency, Hz", domain: [0, highest] },
    marks: () => [
      (_index, { scales }, _values, _dimensions, { document }) => {
        const element = svgElements(document)
        const [[left, right], [bottom, top]] = [scales.x!.range!, scales.y!.range!] as number[][]
        const width = (right - left) / columns
        const height = (bottom - top) / rows
        const image = element("g", {
          "aria-label": "spectrogram",
          fill: "none",
          "shape-rendering": "crispEdges",
          transform: `translate(${left},${top + height / 2}) scale(${width},${height})`, // strokes are centered on their rows
        }) as SVGGElement
        image.append(element("rect", { y: -0.5, width: columns, height: rows, fill: colorOf(0) }))
        for (let shade = 1; shade <= shades; shade++) {
          const d = cellStrokes(columns, rows, (column, row) => cells[column][row] === shade)
          // Strokes slightly wider than their rows leave no seams.
          if (d) image.append(element("path", { d, stroke: colorOf(shade / shades), "stroke-width": 1.02 }))
        }
        return image
      },
    ],
  })
}

/** The shade of each cell, 0 below the range: columns from the left, rows from the top. */
function shadesOf(frames: SpectrogramPlot["frames"]): Uint8Array[] {
  const bins = frames[0]?.length ?? 0
  const columns = Math.min(frames.length, MAX_COLUMNS)
  const rows = Math.min(bins, MAX_ROWS)
  const powers = Array.from({ length: columns }, (_, column) =>
    Float64Array.from({ length: rows }, (_, row) => {
      let max = 0
      for (const frame of indicesIn(column, columns, frames.length))
        for (const bin of indicesIn(rows - 1 - row, rows, bins)) max = Math.max(max, frames[frame][bin])
      return max
    }),
  )
  const loudest = powers.reduce((max, column) => column.reduce((a, b) => Math.max(a, b), max), 0)
  return powers.map((column) =>
    Uint8Array.from(column, (power) => {
      const below = loudest === 0 ? Infinity : -10 * Math.log10(power / loudest)
      return below >= RANGE ? 0 : Math.ceil((RANGE - below) / DECIBELS_PER_SHADE)
    }),
  )
}

/** The indices of part `part` when `count` items are divided into `parts`. */
function* indicesIn(part: number, parts: number, count: number): Generator<number> {
  const end = Math.floor(((part + 1) * count) / parts)
  for (let k = Math.floor((part * count) / parts); k < end; k++) yield k
}

/** The color of a level from 0, the quietest, to 1. */
function colorOf(level: number): string {
  const at = level * (anchors.length - 1)
  const first = Math.min(Math.floor(at), anchors.length - 2)
  const mix = (from: number, k: number) => Math.round(from + (at - first) * (anchors[first + 1][k] - from))
  return `#${anchors[first].map((from, k) => mix(from, k).toString(16).padStart(2, "0")).join("")}`
}
