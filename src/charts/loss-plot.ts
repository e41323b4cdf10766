/**
 * The loss curve of a run: batch losses, their means over windows, and validation losses.
 * Source: makemore part 5, cell 11, whose `view(-1, 1000).mean(1)` needs a multiple of 1,000 losses.
 */
import { logTicks } from "./log-ticks.ts"
import { colors, faint, stepAxis, svgChart } from "./svg-chart.ts"
import { type TerminalSize, terminalChart } from "./terminal-chart.ts"

export interface LossPoint {
  readonly step: number
  /** In nats. */
  readonly loss: number
}

export interface LossPlot {
  /** Batch losses. */
  readonly training: readonly LossPoint[]
  readonly validation?: readonly LossPoint[]
  /** Batch losses per mean. Default: a hundredth of them. */
  readonly window?: number
  readonly scale?: "linear" | "log10"
  /** What is predicted. Default: "symbol". */
  readonly unit?: string
  /** The size of the vocabulary, if the loss of a uniform guess is to be drawn. */
  readonly symbols?: number
  readonly title?: string
}

/** Means over consecutive windows of `size` points, the last of which may be shorter. */
export function windowMeans(points: readonly LossPoint[], size: number): LossPoint[] {
  if (!Number.isInteger(size) || size < 1)
    throw new RangeError(`windowMeans: windows of ${size} points: give a whole number of at least 1`)
  return Array.from({ length: Math.ceil(points.length / size) }, (_, k) => {
    const window = points.slice(k * size, (k + 1) * size)
    const mean = (key: keyof LossPoint) => window.reduce((sum, point) => sum + point[key], 0) / window.length
    return { step: mean("step"), loss: mean("loss") }
  })
}

/** The plot as the text of an SVG file. */
export function lossPlotSvg(plot: LossPlot): Promise<string> {
  const { training, validation = [], scale = "linear", unit = "symbol", symbols, title = "Loss" } = plot
  const uniform = symbols === undefined ? [] : [Math.log(symbols)]
  const { averaged, means, name } = smoothed(plot)
  const [blue, orange, , , , , , grey] = colors
  const axes = { x: "step", y: "loss" }
  return svgChart({
    title,
    legend: [
      ...(averaged ? [{ name: SINGLE, color: blue, mark: faint }] : []),
      { name, color: blue },
      ...(validation.length > 0 ? [{ name: "validation", color: orange }] : []),
      ...uniform.map((loss) => ({ name: `uniform guess, ln ${symbols} = ${loss.toFixed(3)}`, color: grey })),
    ],
    height: 380,
    x: stepAxis,
    y: {
      label: `loss, nats per ${unit}${scale === "log10" ? ", logarithmic" : ""}`,
      grid: true,
      ...(scale === "log10"
        ? {
            type: "log",
            ticks: logTicks([...training, ...validation].map(({ loss }) => loss)),
            tickFormat: String,
          }
        : { nice: true }),
    },
    marks: (Plot) => [
      Plot.ruleY(uniform, { stroke: grey, strokeWidth: 1.5, strokeDasharray: "5 4" }),
      ...(averaged
        ? [Plot.lineY(outline(training), { ...axes, stroke: blue, strokeOpacity: 0.35, strokeWidth: 0.75 })]
        : []),
      Plot.lineY(means, { ...axes, stroke: blue, strokeWidth: 2 }),
      Plot.lineY(validation, { ...axes, stroke: orange, strokeWidth: 2 }),
      Plot.dot(validation, { ...axes, fill: orange, r: 2.5 }),
    ],
  })
}

/** The plot as text, with the means and the validation losses. */
export function lossPlotText(plot: LossPlot, size?: TerminalSize): Promise<string> {
  const { validation = [], scale, title } = plot
  const { means, name } = smoothed(plot)
  return terminalChart(
    Object.entries({ [name]: means, validation }).map(([name, losses]) => ({
      name,
      points: losses.map(({ step, loss }) => ({ x: step, y: loss })),
    })),
    {
      ...size,
      title,
      x: { label: stepAxis.label, format: (step) => stepAxis.tickFormat(Math.round(step)) },
      y: { log10: scale === "log10", format: (loss) => loss.toFixed(3) },
    },
  )
}

const SINGLE = "training, single batches"

export const defaultWindow = (losses: number): number => Math.max(1, Math.ceil(losses / 100))

function smoothed({ training, window = defaultWindow(training.length) }: LossPlot) {
  const averaged = window > 1
  const name = averaged ? `training, mean of ${window} batches` : SINGLE
  return { averaged, name, means: windowMeans(training, window) }
}

/** Thins out very many points to what is visible: the lowest and the highest in each of a thousand stretches, in order. */
function outline(points: readonly LossPoint[]): readonly LossPoint[] {
  if (points.length <= 2000) return points
  const stretch = Math.ceil(points.length / 1000)
  return Array.from({ length: Math.ceil(points.length / stretch) }, (_, k) => {
    const part = points.slice(k * stretch, (k + 1) * stretch)
    const low = part.reduce((a, b) => (b.loss < a.loss ? b : a))
    const high = part.reduce((a, b) => (b.loss > a.loss ? b : a))
    return low.step < high.step ? [low, high] : [high, low]
  }).flat()
}
