/** The learning-rate finder's plot: loss against learning rate. Source: makemore part 2; Smith 2017, figure 3. */
import { extent, logTicks } from "./log-ticks.ts"
import { colors, svgChart } from "./svg-chart.ts"
import { type TerminalSize, terminalChart } from "./terminal-chart.ts"

export interface RateFinderPlot {
  readonly trials: readonly { readonly rate: number; readonly loss: number; readonly smoothed: number }[]
  readonly suggestion?: { readonly steepest: number; readonly tenthOfLowest: number }
  readonly title?: string
}

const formatRate = (rate: number): string => Number(rate.toPrecision(2)).toString()

/** The plot as the text of an SVG file. Losses far above the first are cut off. */
export function rateFinderPlotSvg(plot: RateFinderPlot): Promise<string> {
  const { trials, suggestion, title = "Learning-rate finder" } = plot
  const [blue, , green, purple] = colors
  const [low, high] = boundsOf(trials)
  const rates = suggestion && [
    { name: "steepest fall:", rate: suggestion.steepest, color: green },
    { name: "a tenth of the rate of the lowest loss:", rate: suggestion.tenthOfLowest, color: purple },
  ]
  const dashes = "5 4"
  const marked =
    rates?.map(({ name, rate, color }) => ({
      name: `${name} ${formatRate(rate)}`,
      rate,
      color,
      mark: { dashes },
    })) ?? []
  return svgChart({
    title,
    legend: [
      { name: "single batches", color: blue, mark: { dot: true, opacity: 0.5 } },
      { name: "smoothed", color: blue },
      ...marked,
    ],
    height: 380,
    x: {
      label: "learning rate, logarithmic",
      type: "log",
      ticks: logTicks(trials.map(({ rate }) => rate)),
      tickFormat: String,
    },
    y: { label: "loss, nats per symbol", grid: true, domain: [low, high], clamp: true },
    marks: (Plot) => [
      Plot.dot(
        trials.filter(({ loss }) => loss <= high),
        { x: "rate", y: "loss", r: 1.5, fill: blue, fillOpacity: 0.35 },
      ),
      Plot.ruleX(marked, { x: "rate", stroke: "color", strokeWidth: 1.5, strokeDasharray: dashes }),
      Plot.lineY(
        trials.filter(({ smoothed }) => smoothed <= high),
        { x: "rate", y: "smoothed", stroke: blue, strokeWidth: 2 },
      ),
    ],
  })
}

/** The smoothed curve as text. */
export function rateFinderPlotText({ trials, title }: RateFinderPlot, size?: TerminalSize): Promise<string> {
  const [, high] = boundsOf(trials)
  const points = trials
    .filter(({ smoothed }) => smoothed <= high)
    .map(({ rate, smoothed }) => ({ x: rate, y: smoothed }))
  return terminalChart([{ name: "loss, nats per symbol, smoothed", points }], {
    ...size,
    title,
    x: { label: "learning rate", log10: true, format: formatRate },
    y: { format: (loss) => loss.toFixed(2) },
  })
}

/** The range of the y axis: from the lowest batch loss to half the total improvement above the first loss. */
function boundsOf(trials: RateFinderPlot["trials"]): [number, number] {
  if (trials.length === 0) return [0, 1]
  const [low] = extent(trials.map(({ loss }) => loss))
  const [lowest] = extent(trials.map(({ smoothed }) => smoothed))
  const [{ smoothed: start }] = trials
  return [low, Math.max(start + (start - lowest) / 2, lowest + 0.5)]
}
