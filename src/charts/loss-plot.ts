/**
 * The loss curve of a run: batch losses, their means over windows, and validation losses.
 * Source: makemore part 5, cell 11, whose `view(-1, 1000).mean(1)` needs a multiple of 1,000 losses.
 */
import { colors, svgChart } from "./svg-chart.ts"
import { terminalChart } from "./terminal-chart.ts"

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
  const { window, means } = smoothed(plot)
  const [blue, orange, , , , , , grey] = colors
  const axes = { x: "step", y: "loss" }
  return svgChart({
    title,
    legend: [
      {
        name: "training, single batches",
        color: blue,
        ...(window > 1 && { mark: { opacity: 0.35, width: 4 } }),
      },
      ...(window > 1 ? [{ name: `training, mean of ${window} batches`, color: blue }] : []),
      ...(validation.length > 0 ? [{ name: "validation", color: orange }] : []),
      ...uniform.map((loss) => ({ name: `uniform guess, ln ${symbols} = ${loss.toFixed(3)}`, color: grey })),
    ],
    height: 380,
    marginLeft: 48,
    marginRight: 24,
    x: { label: "steps taken", tickFormat: (step: number) => step.toLocaleString("en"), nice: true },
    yLabel: `loss, nats per ${unit}${scale === "log10" ? ", logarithmic" : ""}`,
    y: {
      label: null,
      grid: true,
      ...(scale === "log10"
        ? { type: "log", ticks: roundNumbers([...training, ...validation]), tickFormat: String }
        : { nice: true }),
    },
    marks: (Plot) => [
      Plot.ruleY(uniform, { stroke: grey, strokeWidth: 1.5, strokeDasharray: "5 4" }),
      ...(window > 1
        ? [Plot.lineY(outline(training), { ...axes, stroke: blue, strokeOpacity: 0.35, strokeWidth: 0.75 })]
        : []),
      Plot.lineY(means, { ...axes, stroke: blue, strokeWidth: 2 }),
      Plot.lineY(validation, { ...axes, stroke: orange, strokeWidth: 2 }),
      Plot.dot(validation, { ...axes, fill: orange, r: 2.5 }),
    ],
  })
}

/** The plot as text, with the means and the validation losses. */
export function lossPlotText(
  plot: LossPlot,
  options: { width?: number; height?: number; color?: boolean } = {},
): Promise<string> {
  const { validation = [], scale, title } = plot
  const { window, means } = smoothed(plot)
  const points = (losses: readonly LossPoint[]) => losses.map(({ step, loss }) => ({ x: step, y: loss }))
  return terminalChart(
    [
      {
        name: window > 1 ? `training, mean of ${window} batches` : "training, single batches",
        points: points(means),
      },
      ...(validation.length > 0 ? [{ name: "validation", points: points(validation) }] : []),
    ],
    {
      ...options,
      title,
      x: { label: "steps taken", format: (step) => Math.round(step).toLocaleString("en") },
      y: { log10: scale === "log10", format: (loss) => loss.toFixed(3) },
    },
  )
}

function smoothed({ training, window = Math.max(1, Math.ceil(training.length / 100)) }: LossPlot) {
  return { window, means: windowMeans(training, window) }
}

/** Ticks for a logarithmic axis. */
function roundNumbers(points: readonly LossPoint[]): number[] {
  const losses = points.map(({ loss }) => loss).filter((loss) => loss > 0 && Number.isFinite(loss))
  if (losses.length === 0) return []
  const [low, high] = [losses.reduce((a, b) => Math.min(a, b)), losses.reduce((a, b) => Math.max(a, b))]
  const powers = Array.from(
    { length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, k) => Math.floor(Math.log10(low)) + k,
  )
  const steps = powers.length > 3 ? [1] : [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8]
  return powers
    .flatMap((power) => steps.map((step) => Number((step * 10 ** power).toPrecision(2))))
    .filter((tick) => tick >= low && tick <= high)
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
