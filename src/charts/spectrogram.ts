/**
 * A sound as a picture: time to the right, frequency upwards, and the louder the brighter, in decibels below the loudest. Each shade is
 * one path of strokes along the time, so that the picture stays small and sharp.
 */
import { svgChart } from "./svg-chart.ts"

export interface SpectrogramPlot {
  /** Powers by time and frequency, each row from 0 Hz to `highest`. */
  readonly frames: readonly ArrayLike<number>[]
  readonly seconds: number
  /** The frequency of the last number of a row, in Hz. */
  readonly highest: number
  readonly title?: string
  readonly subtitle?: string
}

/** How far below the loudest the picture reaches. */
const DEPTH = 70
const DECIBELS_A_SHADE = 5
/** No more rows and columns than can be told apart. */
const [MOST_COLUMNS, MOST_ROWS] = [320, 96]

/** The colours of the shades, from the quietest to the loudest; what is quieter is the darkest. */
const anchors = [
  [13, 8, 38],
  [74, 26, 107],
  [160, 44, 106],
  [232, 89, 12],
  [255, 212, 59],
  [255, 250, 220],
]

/** The picture as an SVG file. */
export function spectrogramSvg({
  frames,
  seconds,
  highest,
  title = "Spectrogram",
  subtitle,
}: SpectrogramPlot): Promise<string> {
  const cells = shadesOf(frames)
  const shades = DEPTH / DECIBELS_A_SHADE
  const [columns, rows] = [cells.length, cells[0]?.length ?? 1]
  const background = colorOf(0)
  return svgChart({
    title,
    subtitle,
    legend: [0, 20, 40, 60].map((below) => ({
      name: below === 0 ? "the loudest" : `-${below} dB`,
      color: colorOf(1 - below / DEPTH),
      mark: { width: 10 },
    })),
    height: 280,
    marginLeft: 48,
    marginRight: 24,
    yLabel: "frequency, Hz",
    x: { label: "time, seconds", domain: [0, seconds] },
    y: { label: null, domain: [0, highest] },
    marks: () => [
      (_index, { scales }, _values, _dimensions, { document }) => {
        const made = (name: string, attributes: Record<string, string | number>) => {
          const element = document.createElementNS("http://www.w3.org/2000/svg", name)
          for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
          return element
        }
        const [[left, right], [bottom, top]] = [scales.x!.range!, scales.y!.range!] as number[][]
        const across = (right - left) / columns
        const up = (bottom - top) / rows
        const picture = made("g", {
          "aria-label": "spectrogram",
          fill: "none",
          "shape-rendering": "crispEdges",
          transform: `translate(${left},${top + up / 2}) scale(${across},${up})`, // a stroke lies on the middle of its row
        }) as SVGGElement
        picture.append(made("rect", { y: -0.5, width: columns, height: rows, fill: background }))
        for (let shade = 1; shade <= shades; shade++) {
          const d = strokesOf(cells, shade)
          // A stroke a little wider than its row leaves no seam.
          if (d) picture.append(made("path", { d, stroke: colorOf(shade / shades), "stroke-width": 1.02 }))
        }
        return picture
      },
    ],
  })
}

/** The shade of each cell, 0 for nothing: by column from the left, by row from the top. */
function shadesOf(frames: SpectrogramPlot["frames"]): Uint8Array[] {
  const bins = frames[0]?.length ?? 0
  const columns = Math.min(frames.length, MOST_COLUMNS)
  const rows = Math.min(bins, MOST_ROWS)
  const powers = Array.from({ length: columns }, (_, column) =>
    Float64Array.from({ length: rows }, (_, row) => {
      let most = 0
      for (const frame of between(column, columns, frames.length))
        for (const bin of between(rows - 1 - row, rows, bins)) most = Math.max(most, frames[frame][bin])
      return most
    }),
  )
  const loudest = powers.reduce((most, column) => column.reduce((a, b) => Math.max(a, b), most), 0)
  return powers.map((column) =>
    Uint8Array.from(column, (power) => {
      const below = loudest === 0 ? Infinity : -10 * Math.log10(power / loudest)
      return below >= DEPTH ? 0 : Math.ceil((DEPTH - below) / DECIBELS_A_SHADE)
    }),
  )
}

/** What of `all` falls into the part with this number, of so many parts. */
function* between(part: number, parts: number, all: number): Generator<number> {
  const end = Math.floor(((part + 1) * all) / parts)
  for (let k = Math.floor((part * all) / parts); k < end; k++) yield k
}

/** The runs of cells of a shade as a path, a unit to a cell. */
function strokesOf(cells: readonly Uint8Array[], shade: number): string {
  let d = ""
  for (let row = 0; row < (cells[0]?.length ?? 0); row++)
    for (let column = 0; column < cells.length; column++) {
      if (cells[column][row] !== shade) continue
      const start = column
      while (cells[column + 1]?.[row] === shade) column++
      d += `M${start},${row}h${column + 1 - start}`
    }
  return d
}

/** From 0, the quietest, to 1. */
function colorOf(part: number): string {
  const at = part * (anchors.length - 1)
  const first = Math.min(Math.floor(at), anchors.length - 2)
  const mixed = anchors[first].map((from, k) =>
    Math.round(from + (at - first) * (anchors[first + 1][k] - from)),
  )
  return `#${mixed.map((each) => each.toString(16).padStart(2, "0")).join("")}`
}
