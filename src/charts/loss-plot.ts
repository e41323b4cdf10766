/**
 * The loss curve of a run: means of losses over windows, the middle half of the losses in each, and validation losses.
 * Source: makemore part 5, cell 11, whose `view(-1, 1000).mean(1)` needs a multiple of 1,000 losses.
 */
import { type LossPoint, type LossScale, lossAxis, lossesText } from "./loss-axis.ts"
import { colors, faint, stepAxis, svgChart } from "./svg-chart.ts"
import type { TerminalSize } from "./terminal-chart.ts"

export interface LossPlot extends LossScale {
  /** Losses of batches, or means of some. */
  readonly training: readonly LossPoint[]
  /** How many batches each of them is the mean of. Default: 1. */
  readonly batches?: number
  readonly validation?: readonly LossPoint[]
  /** Losses per point. Default: a hundredth of them. */
  readonly window?: number
  /** The size of the vocabulary, if the loss of a uniform guess is to be drawn. */
  readonly symbols?: number
  readonly subtitle?: string
  /** Where the axis of the steps ends. Default: at the last point. */
  readonly steps?: number
}

/** Means over consecutive windows of `size` points, the last of which may be shorter. */
export const windowMeans = (points: readonly LossPoint[], size: number): LossPoint[] =>
  windowsOf(points, size).map((window) => ({ step: mean(window, "step"), loss: mean(window, "loss") }))

function windowsOf(points: readonly LossPoint[], size: number): LossPoint[][] {
  if (!Number.isInteger(size) || size < 1)
    throw new RangeError(`windowMeans: windows of ${size} points: give a whole number of at least 1`)
  return Array.from({ length: Math.ceil(points.length / size) }, (_, k) =>
    points.slice(k * size, (k + 1) * size),
  )
}

const mean = (points: readonly LossPoint[], key: keyof LossPoint): number =>
  points.reduce((sum, point) => sum + point[key], 0) / points.length

/** Between its quartiles lies the middle half of a window. Single batches would hide how their mean falls. */
function middleHalf(window: readonly LossPoint[]) {
  const losses = window.map(({ loss }) => loss).sort((a, b) => a - b)
  const quartile = (part: number) => losses[Math.round(part * (losses.length - 1))]
  return { step: mean(window, "step"), low: quartile(0.25), high: quartile(0.75) }
}

/** The plot as the text of an SVG file. */
export function lossPlotSvg(plot: LossPlot): Promise<string> {
  const { training, validation = [], scale, unit, symbols, title = "Loss", subtitle, steps } = plot
  const uniform = symbols === undefined ? [] : [Math.log(symbols)]
  const { windows, means, name } = smoothed(plot)
  const band = windows.length < training.length ? windows.map(middleHalf) : []
  const [blue, orange] = colors
  const grey = colors.at(-1)!
  const axes = { x: "step", y: "loss" }
  const losses = [...means, ...validation]
    .map(({ loss }) => loss)
    .concat(band.flatMap(({ low, high }) => [low, high]))
  return svgChart({
    title,
    subtitle,
    legend: [
      { name, color: blue },
      ...(band.length > 0 ? [{ name: "the middle half of them", color: blue, mark: faint }] : []),
      ...(validation.length > 0 ? [{ name: "validation", color: orange }] : []),
      ...uniform.map((loss) => ({ name: `uniform guess, ln ${symbols} = ${loss.toFixed(3)}`, color: grey })),
    ],
    height: 380,
    x: { ...stepAxis, ...(steps !== undefined && { domain: [0, steps] }) },
    y: lossAxis(losses, { scale, unit }),
    marks: (Plot) => [
      Plot.ruleY(uniform, { stroke: grey, strokeWidth: 1.5, strokeDasharray: "5 4" }),
      Plot.areaY(band, { x: "step", y1: "low", y2: "high", fill: blue, fillOpacity: 0.2 }),
      Plot.lineY(means, { ...axes, stroke: blue, strokeWidth: 2 }),
      Plot.lineY(validation, { ...axes, stroke: orange, strokeWidth: 2 }),
      Plot.dot(validation, { ...axes, fill: orange, r: 2.5 }),
    ],
  })
}

/** The plot as text, with the means and the validation losses. */
export function lossPlotText(plot: LossPlot, size?: TerminalSize): Promise<string> {
  const { validation = [] } = plot
  const { means, name } = smoothed(plot)
  const curves = [
    { name, losses: means },
    { name: "validation", losses: validation },
  ]
  return lossesText(curves, plot, size)
}

export const defaultWindow = (losses: number): number => Math.max(1, Math.ceil(losses / 100))

function smoothed({ training, batches = 1, window = defaultWindow(training.length) }: LossPlot) {
  const meant = (batches * window).toLocaleString("en")
  const name = batches * window > 1 ? `training, mean of ${meant} batches` : "training, single batches"
  return { name, windows: windowsOf(training, window), means: windowMeans(training, window) }
}
