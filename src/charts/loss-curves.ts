/** The loss curves of several runs in one chart: of each its training losses, faint, and its validation losses. */
import { type LossPoint, type LossScale, lossAxis, lossesText } from "./loss-axis.ts"
import { colors, faint, stepAxis, svgChart } from "./svg-chart.ts"
import type { TerminalSize } from "./terminal-chart.ts"

export interface LossCurve {
  readonly name: string
  /** Means of batch losses. */
  readonly training: readonly LossPoint[]
  readonly validation?: readonly LossPoint[]
}

/** Where there are more curves than colors, those of one color have lines of their own. */
const dashes = [undefined, "6 3", "2 3"]

/** The chart as the text of an SVG file. */
export function lossCurvesSvg(
  curves: readonly LossCurve[],
  { scale, unit, title = "Loss" }: LossScale = {},
): Promise<string> {
  const styled = curves.map((curve, k) => ({
    ...curve,
    color: colors[k % colors.length],
    dashes: dashes[Math.floor(k / colors.length) % dashes.length],
  }))
  const hasValidation = curves.some(({ validation = [] }) => validation.length > 0)
  const losses = curves.flatMap(({ training, validation = [] }) =>
    [...training, ...validation].map(({ loss }) => loss),
  )
  const axes = { x: "step", y: "loss" }
  return svgChart({
    title,
    ...(hasValidation && { subtitle: "faint: training, means of batches; with dots: validation" }),
    legend: styled.map(({ name, color, dashes }) => ({ name, color, ...(dashes && { mark: { dashes } }) })),
    height: 380,
    x: stepAxis,
    y: lossAxis(losses, { scale, unit }),
    marks: (Plot) =>
      styled.flatMap(({ training, validation = [], color, dashes }) => [
        Plot.lineY(training, {
          ...axes,
          ...{ stroke: color, strokeWidth: 2, strokeDasharray: dashes },
          strokeOpacity: hasValidation ? faint.opacity : 1,
        }),
        Plot.lineY(validation, { ...axes, stroke: color, strokeWidth: 2, strokeDasharray: dashes }),
        Plot.dot(validation, { ...axes, fill: color, r: 2.5 }),
      ]),
  })
}

/** The chart as text, with the training losses. */
export function lossCurvesText(
  curves: readonly LossCurve[],
  options: LossScale = {},
  size?: TerminalSize,
): Promise<string> {
  return lossesText(
    curves.map(({ name, training }) => ({ name, losses: training })),
    options,
    size,
  )
}
