/**
 * Update-to-data ratios over the steps of a run: about 1e-3 at a good learning rate.
 * Source: makemore part 4, "viz: update:data ratios over time".
 */
import { colors, stepAxis, svgChart } from "./svg-chart.ts"

export interface UpdateRatios {
  readonly step: number
  /** log10(std(update) / std(parameter)) by parameter; undefined ones are not drawn. */
  readonly ratios: Readonly<Record<string, number | undefined>>
}

/** The ratios as the text of an SVG file. */
export function updateRatioPlotSvg(
  series: readonly UpdateRatios[],
  { title = "Update-to-data ratios" } = {},
): Promise<string> {
  const names = [...new Set(series.flatMap(({ ratios }) => Object.keys(ratios)))]
  const hue = (k: number) => `hsl(${Math.round((360 * k) / names.length)} 65% 46%)`
  const legend = names.map((name, k) => ({ name, color: names.length <= colors.length ? colors[k] : hue(k) }))
  const points = series.flatMap(({ step, ratios }) =>
    legend.map((line) => ({ ...line, step, ratio: ratios[line.name] })),
  )
  const drawn = points.filter(({ ratio }) => ratio !== undefined)
  return svgChart({
    title,
    subtitle: "about 1e-3 (dashed) is right; far above, the learning rate is too high, far below, too low",
    legend,
    height: 360,
    x: stepAxis,
    y: { label: "log10(std of update / std of parameter)", grid: true, nice: true },
    marks: (Plot) => [
      Plot.ruleY([-3], { stroke: "currentColor", strokeDasharray: "5 4", strokeOpacity: 0.7 }),
      Plot.lineY(drawn, { x: "step", y: "ratio", z: "name", stroke: "color" }),
      Plot.dot(drawn, { x: "step", y: "ratio", r: 2, fill: "color" }),
    ],
  })
}
