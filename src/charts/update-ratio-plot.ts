/**
 * How large a training's updates are beside the numbers that they change, over its steps: about a thousandth where the learning
 * rate is right. Source: makemore part 4, "viz: update:data ratios over time".
 */
import { colors, svgChart } from "./svg-chart.ts"

export interface UpdateRatios {
  readonly step: number
  /** log10 of update to data by parameter; those without one are left out of the picture. */
  readonly ratios: Readonly<Record<string, number | undefined>>
}

/** The ratios as an SVG file. */
export function updateRatioPlotSvg(
  series: readonly UpdateRatios[],
  { title = "Updates beside the numbers that they change" } = {},
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
    subtitle: "the dashed line, a thousandth, is about right; above it steps are rash, below it slow",
    legend: names.map((name) => ({ name, color: colorOf(name) })),
    height: 360,
    marginLeft: 48,
    marginRight: 24,
    yLabel: "log10 of update to data, by their standard deviations",
    x: { label: "steps taken", tickFormat: (step: number) => step.toLocaleString("en"), nice: true },
    y: { label: null, grid: true, nice: true },
    marks: (Plot) => [
      Plot.ruleY([-3], { stroke: "currentColor", strokeDasharray: "5 4", strokeOpacity: 0.7 }),
      Plot.lineY(points, { x: "step", y: "ratio", z: "name", stroke: ({ name }) => colorOf(name) }),
      Plot.dot(points, { x: "step", y: "ratio", r: 2, fill: ({ name }) => colorOf(name) }),
    ],
  })
}
