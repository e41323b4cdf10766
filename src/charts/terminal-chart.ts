/**
 * Line charts as text, for a terminal or a log. Each series has its own stroke, so that no color is needed to tell them apart.
 * Source: https://github.com/kroitor/asciichart
 */
import type { PlotConfig } from "asciichart"
import { extent } from "./log-ticks.ts"

type AsciiChart = Omit<typeof import("asciichart"), "default">

export interface TerminalSeries {
  readonly name: string
  /** Ordered by x. */
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

export interface TerminalChartOptions {
  readonly title?: string
  readonly x: { readonly label: string; readonly format?: (x: number) => string; readonly log10?: boolean }
  readonly y: { readonly format?: (y: number) => string; readonly log10?: boolean }
  /** In characters, labels included. */
  readonly width?: number
  /** In lines, without the title and the x axis. */
  readonly height?: number
  /** Whether to use ANSI colors. */
  readonly color?: boolean
}

export type TerminalSize = Pick<TerminalChartOptions, "width" | "height" | "color">

/** asciichart's `symbols`: the axis, a line's ends, and its pieces, the fifth of which is horizontal. */
const strokes = ["┤┤╶╴─╰╭╮╯│", "┤┤••••••••", "┤┤╺╸━┗┏┓┛┃", "┤┤++++++++", "┤┤××××××××", "┤┤∘∘∘∘∘∘∘∘"]
const strokeOf = (series: number): string => strokes[series % strokes.length]

/** The chart without a final newline. Later series are drawn over earlier ones; those without points are left out. */
export async function terminalChart(
  given: readonly TerminalSeries[],
  { title, x, y, width = 80, height = 15, color = false }: TerminalChartOptions,
): Promise<string> {
  // One of its colors is named default, and without Node's rules TypeScript takes it for the default export.
  const asciichart = (await import("asciichart")).default as unknown as AsciiChart
  const series = given.filter(({ points }) => points.length > 0)
  const scale = (number: number, log10?: boolean) => (log10 ? Math.log10(number) : number)
  const unscale = (number: number, log10?: boolean) => (log10 ? 10 ** number : number)
  const scaled = series.map(({ points }) =>
    points.map((point) => ({ x: scale(point.x, x.log10), y: scale(point.y, y.log10) })),
  )
  const all = scaled.flat().filter((point) => Number.isFinite(point.y))
  const heading = title === undefined ? [] : [title, ""]
  if (all.length === 0) return [...heading, "(nothing to draw)"].join("\n")

  const [first, last] = extent(all.map((point) => point.x))
  const [min, top] = extent(all.map((point) => point.y))
  // asciichart divides by the range, so one that is only rounding error is widened, which gives a flat line.
  const flat = top - min <= 1e-9 * Math.max(Math.abs(min), Math.abs(top), 1e-99)
  const max = flat ? min + 1 : top
  const { format: formatX = String } = x
  const { format: formatY = (value: number) => value.toPrecision(3) } = y
  const label = (value: number) => formatY(unscale(value, y.log10))
  const labels = Math.max(label(min).length, label(max).length, label((min + max) / 2).length) + 1
  const columns = Math.max(2, width - labels - 1)
  const paint = [
    ...[asciichart.blue, asciichart.lightred, asciichart.green],
    ...[asciichart.magenta, asciichart.cyan, asciichart.yellow],
  ]
  const plot = (values: number[], symbols: string) =>
    asciichart
      .plot([...values, values[values.length - 1]], {
        min,
        max,
        height: height - 1,
        offset: 2,
        symbols: [...symbols] as PlotConfig["symbols"],
        format: (value) => `${label(value).padStart(labels - 1)} `,
      })
      .split("\n")
  const axis = plot([max], strokeOf(0)).map((line) => line.slice(0, labels + 1))
  const canvas = axis.map(() => Array.from({ length: columns }, () => ({ letter: " ", series: -1 })))
  for (const [k, points] of scaled.entries()) {
    const { start, values } = columnMeans(points, { first, last, columns })
    if (values.length === 0) continue
    for (const [row, line] of plot(values, strokeOf(k)).entries())
      for (const [column, letter] of Array.from(line.slice(labels + 1)).entries())
        if (letter !== " ") canvas[row][start + column] = { letter, series: k }
  }
  const colored = (text: string, k: number) =>
    color && k >= 0 ? asciichart.colored(text, paint[k % paint.length]) : text
  const lines = canvas.map((cells, row) => {
    let line = axis[row]
    for (let from = 0, to = 0; from < columns; from = to) {
      while (to < columns && cells[to].series === cells[from].series) to++
      const text = cells.slice(from, to).map(({ letter }) => letter)
      line += colored(text.join(""), cells[from].series)
    }
    return line.trimEnd()
  })
  const [from, to] = [first, last].map((value) => formatX(unscale(value, x.log10)))
  const middle = x.label.padStart(Math.floor((columns - from.length - to.length + x.label.length) / 2))
  const legend: string[][] = []
  let room = 0
  for (const [k, { name }] of series.entries()) {
    if (room < name.length + 3) {
      legend.push([])
      room = columns
    }
    legend.at(-1)!.push(`${colored(strokeOf(k)[4].repeat(2), k)} ${name}`)
    room -= name.length + 6
  }
  return [
    ...heading,
    ...lines,
    `${" ".repeat(labels)}└${"─".repeat(columns)}`,
    `${" ".repeat(labels + 1)}${from}${middle.padEnd(columns - from.length - to.length)}${to}`,
    ...legend.map((entries) => `${" ".repeat(labels + 1)}${entries.join("   ")}`),
  ].join("\n")
}

/** The mean of the points in each column from the first filled one to the last, interpolated where a column is empty. */
function columnMeans(
  points: TerminalSeries["points"],
  { first, last, columns }: { first: number; last: number; columns: number },
): { start: number; values: number[] } {
  const sums = new Float64Array(columns)
  const counts = new Float64Array(columns)
  for (const { x, y } of points) {
    if (!Number.isFinite(y)) continue
    const column = last > first ? Math.round(((x - first) / (last - first)) * (columns - 1)) : 0
    sums[column] += y
    counts[column]++
  }
  const filled = Array.from(counts.keys()).filter((column) => counts[column] > 0)
  const mean = (column: number) => sums[column] / counts[column]
  const values = filled.flatMap((column, k) => {
    const next = filled[k + 1] ?? column + 1
    const rise = next < columns && counts[next] > 0 ? (mean(next) - mean(column)) / (next - column) : 0
    return Array.from({ length: next - column }, (_, further) => mean(column) + rise * further)
  })
  return { start: filled[0] ?? 0, values }
}
