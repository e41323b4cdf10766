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
  const colorOf = (name: string) =>
    names.length <= colors.length
      ? colors[names.indexOf(name)]
      : `hsl(${Math.round((360 * names.indexOf(name)) / names.length)} 65% 46%)`
  const points = series.flatMap(({ step, ratios }) =>
    names.flatMap((name) => {
      const ratio = ratios[name]
      return ratio === undefined ? [] : [{ step, ratio, name }]
    }),
  )
  return svgChart({
    title,
    subtitle: "about 1e-3 (dashed) is right; far above, the learning rate is too high, far below, too low",
    legend: names.map((name) => ({ name, color: colorOf(name) })),
    height: 360,
    x: stepAxis,
    y: { label: "log10(std of update / std of parameter)", grid: true, nice: true },
    marks: (Plot) => [
      Plot.ruleY([-3], { stroke: "currentColor", strokeDasharray: "5 4", strokeOpacity: 0.7 }),
      Plot.lineY(points, { x: "step", y: "ratio", z: "name", stroke: ({ name }) => colorOf(name) }),
      Plot.dot(points, { x: "step", y: "ratio", r: 2, fill: ({ name }) => colorOf(name) }),
    ],
  })
}
