/**
 * The curves of many runs in one chart: some in colors, and behind them all others in grey. A single point is a dot. Each path or dot has its
 * group as `data-group`, by which the page around the chart finds it.
 */
import { extent } from "./log-ticks.ts"
import type { LossPoint } from "./loss-axis.ts"
import { windowMeans } from "./loss-plot.ts"
import { stepAxis, svgChart, svgElements } from "./svg-chart.ts"

export interface GroupCurve {
  readonly group: number
  /** Absent for the others. */
  readonly color?: string
  readonly points: readonly LossPoint[]
}

export interface GroupedCurves {
  /** Later ones are drawn over earlier ones. */
  readonly curves: readonly GroupCurve[]
  readonly title: string
  /** Of the y axis. */
  readonly label: string
}

/** Points of a curve, at most. */
const POINTS = 60

/** The radius of a dot, in pixels. */
const DOT = 3.5

/** The chart as the text of an SVG file, without a heading. */
export function groupedCurvesSvg({ curves, title, label }: GroupedCurves): Promise<string> {
  const drawn = curves.map(({ points, ...curve }) => ({
    ...curve,
    points: points.length > POINTS ? windowMeans(points, Math.ceil(points.length / POINTS)) : points,
  }))
  const [, last] = extent(drawn.flatMap(({ points }) => points.map(({ step }) => step)))
  const domain = shownOf(drawn)
  return svgChart({
    title,
    headed: false,
    width: 480,
    height: 300,
    x: { ...stepAxis, ticks: 4, domain: [0, last] },
    y: { label, grid: true, ticks: 5, domain },
    marks: () => [
      (
        _index,
        { x, y },
        _values,
        { marginLeft, marginTop, marginRight, marginBottom, width, height },
        { document },
      ) => {
        const element = svgElements(document)
        const box = [
          marginLeft,
          marginTop,
          width - marginLeft - marginRight + DOT, // a dot may be at the last step
          height - marginTop - marginBottom,
        ]
        // An svg of its own cuts off what is above the axis.
        const frame = element("svg", {
          ...{ x: box[0], y: box[1], width: box[2], height: box[3], viewBox: box.join(" ") },
          ...{ fill: "none", "stroke-linejoin": "round" },
        })
        for (const { points, color, group } of drawn) {
          if (points.length === 1) {
            const [{ step, loss }] = points
            const dot: Record<string, string | number> =
              color === undefined
                ? { class: "other", fill: "#868e96", "fill-opacity": 0.45 }
                : { fill: color }
            frame.append(
              element("circle", {
                cx: x!(step)!.toFixed(1),
                cy: y!(loss)!.toFixed(1),
                r: DOT,
                "data-group": group,
                ...dot,
              }),
            )
            continue
          }
          const at = points.map(({ step, loss }) => `${x!(step)!.toFixed(1)},${y!(loss)!.toFixed(1)}`)
          const stroke: Record<string, string | number> =
            color === undefined ? { class: "other" } : { stroke: color, "stroke-width": 2 }
          frame.append(element("path", { d: `M${at.join("L")}`, "data-group": group, ...stroke }))
        }
        return frame as SVGSVGElement
      },
    ],
  })
}

/** From the lowest loss to where the colored curves are after a tenth of their points: the fall from the start would squeeze the rest. */
function shownOf(curves: GroupedCurves["curves"]): [number, number] {
  const colored = curves.filter(({ color }) => color !== undefined)
  const shown = (colored.length > 0 ? colored : curves).map(({ points }) => points.map(({ loss }) => loss))
  const [low] = extent(shown.flat())
  const [, high] = extent(
    shown.flatMap((losses) => losses.slice(Math.min(losses.length - 1, Math.ceil(losses.length / 10)))),
  )
  const margin = 0.05 * (high - low) || 0.01
  return [low - margin, high + margin]
}
