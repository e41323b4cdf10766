/** The loss against one setting: a dot for each group of runs, which has it as `data-group`, with the interval of its loss. */
import { opacityOf, rankColor } from "./rank-color.ts"
import { svgChart, svgElements } from "./svg-chart.ts"
import { usualExtent } from "./usual-extent.ts"
import { placed, type ValueAxis } from "./value-axis.ts"

export interface ScatterPlot {
  readonly axis: ValueAxis
  readonly losses: readonly number[]
  readonly intervals: readonly (readonly [number, number] | undefined)[]
  /** The number of each group. */
  readonly groups: readonly number[]
  readonly title: string
  /** Of the y axis. */
  readonly label: string
}

/** The chart as the text of an SVG file, without a heading. Losses far above the others are drawn as rings at the upper edge. */
export function scatterPlotSvg({
  axis,
  losses,
  intervals,
  groups,
  title,
  label,
}: ScatterPlot): Promise<string> {
  const { places, ticks } = placed(axis)
  const [low, high] = usualExtent(losses)
  const margin = 0.06 * (high - low)
  const domain = [low - margin, high + margin]
  const order = losses.toSorted((a, b) => a - b)
  return svgChart({
    title,
    headed: false,
    width: 400,
    height: 240,
    marginRight: 14,
    x: {
      label: axis.name,
      labelArrow: false,
      domain: [0, 1],
      ticks: ticks.map(({ place }) => place),
      tickFormat: (place: number) => ticks.find((tick) => tick.place === place)?.text ?? "",
    },
    y: { label, grid: true, ticks: 4, domain },
    marks: () => [
      (_index, { x, y }, _values, _dimensions, { document }) => {
        const element = svgElements(document)
        const whole = element("g", { "fill-opacity": opacityOf(losses.length) })
        const at = (loss: number) => y!(Math.min(domain[1], Math.max(domain[0], loss)))!.toFixed(1)
        const dots = losses.flatMap((loss, k) => {
          const place = places[k]
          if (place === undefined) return []
          const cx = x!(place)!.toFixed(1)
          const color = rankColor(order.length > 1 ? order.indexOf(loss) / (order.length - 1) : 0)
          const interval = intervals[k]
          const shown: Record<string, string | number> =
            loss > high ? { fill: "none", stroke: color, "stroke-width": 1.5 } : { fill: color }
          return [
            ...(interval
              ? [
                  element("path", {
                    d: `M${cx},${at(interval[0])}V${at(interval[1])}`,
                    stroke: color,
                    "stroke-opacity": 0.5,
                    "data-group": groups[k],
                  }),
                ]
              : []),
            element("circle", {
              cx,
              cy: at(Math.min(loss, high)),
              r: 3.5,
              "data-group": groups[k],
              ...shown,
            }),
          ]
        })
        whole.append(...dots)
        return whole as SVGGElement
      },
    ],
  })
}
