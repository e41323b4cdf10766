/** What all charts of losses by step share: the axis of the losses in an SVG, and the chart in the terminal. */
import { logTicks } from "./log-ticks.ts"
import { stepAxis } from "./svg-chart.ts"
import { type TerminalSize, terminalChart } from "./terminal-chart.ts"

export interface LossPoint {
  readonly step: number
  /** In nats. */
  readonly loss: number
}

export interface LossScale {
  readonly scale?: "linear" | "log10"
  /** What is predicted. Default: "symbol". */
  readonly unit?: string
  readonly title?: string
}

/** `losses` are all that are drawn; the ticks of a logarithmic axis depend on them. */
export const lossAxis = (
  losses: readonly number[],
  { scale, unit = "symbol" }: Pick<LossScale, "scale" | "unit">,
) => ({
  label: `loss, nats per ${unit}${scale === "log10" ? ", logarithmic" : ""}`,
  grid: true,
  ...(scale === "log10"
    ? { type: "log" as const, ticks: logTicks(losses), tickFormat: String }
    : { nice: true }),
})

export const lossesText = (
  curves: readonly { readonly name: string; readonly losses: readonly LossPoint[] }[],
  { scale, title }: Pick<LossScale, "scale" | "title">,
  size?: TerminalSize,
): Promise<string> =>
  terminalChart(
    curves.map(({ name, losses }) => ({
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
