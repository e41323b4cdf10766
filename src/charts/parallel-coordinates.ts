/**
 * Parallel coordinates: an axis for each setting, the last one for the loss, and a line for each group of runs through its values, which has
 * it as `data-group`.
 * Source: Inselberg 1985, "The plane with parallel coordinates"
 */
import { opacityOf, rankColor } from "./rank-color.ts"
import { svgChart, svgElements } from "./svg-chart.ts"
import { usualExtent } from "./usual-extent.ts"
import { placed, type ValueAxis } from "./value-axis.ts"

export interface ParallelCoordinates {
  readonly axes: readonly ValueAxis[]
  readonly losses: readonly number[]
  /** The number of each group. */
  readonly groups: readonly number[]
  readonly title: string
  /** Of the last axis. */
  readonly label: string
}

const WIDTH = 960
/** The place of the values that are missing, below the axis. */
const MISSING = -0.08

/** The chart as the text of an SVG file, without a heading. */
export function parallelCoordinatesSvg({
  axes,
  losses,
  groups,
  title,
  label,
}: ParallelCoordinates): Promise<string> {
  const [, high] = usualExtent(losses)
  const last: ValueAxis = { name: label, scale: "linear", values: losses.map((loss) => Math.min(loss, high)) }
  const all = [...axes, last].map((axis) => ({ name: axis.name, ...placed(axis) }))
  const isMissing = all.some(({ places }) => places.includes(undefined))
  const byLoss = losses.map((loss, k) => ({ loss, k })).sort((a, b) => a.loss - b.loss)
  const between = WIDTH / all.length
  return svgChart({
    title,
    headed: false,
    width: WIDTH,
    height: 360,
    marginTop: 34,
    marginBottom: isMissing ? 28 : 18,
    marginLeft: between / 2,
    marginRight: between / 2,
    x: { axis: null, domain: [0, all.length - 1] },
    y: { axis: null, domain: [isMissing ? MISSING : 0, 1] },
    marks: () => [
      (_index, { x: placeX, y: placeY }, _values, _dimensions, { document }) => {
        const element = svgElements(document)
        const [x, y] = [(k: number) => placeX!(k)!, (place: number) => placeY!(place)!]
        const whole = element("g", {})
        const ofLines = element("g", { fill: "none", "stroke-opacity": opacityOf(losses.length) })
        const lines = byLoss.map(({ k }, rank) => {
          const at = all.map(
            ({ places }, axis) => `${x(axis).toFixed(1)},${y(places[k] ?? MISSING).toFixed(1)}`,
          )
          const stroke = rankColor(byLoss.length > 1 ? rank / (byLoss.length - 1) : 0)
          return element("path", {
            d: `M${at.join("L")}`,
            "data-group": groups[k],
            stroke,
            "stroke-width": 1.5,
          })
        })
        const drawAxis = ({ name, places, ticks }: (typeof all)[number], axis: number) => {
          const isLoss = axis === all.length - 1
          const above = isLoss && losses.some((loss) => loss > high)
          const marks = [
            ...ticks.filter(({ place }) => !above || place < 0.9),
            ...(places.includes(undefined) ? [{ place: MISSING, text: "–" }] : []),
            ...(above
              ? [
                  {
                    place: placed(last).places[losses.findIndex((loss) => loss >= high)]!,
                    text: `≥ ${high.toFixed(2)}`,
                  },
                ]
              : []),
          ]
          const title = {
            x: x(axis),
            y: 14,
            fill: "currentColor",
            "text-anchor": "middle",
            "font-weight": 600,
          }
          return [
            element("path", {
              d: `M${x(axis)},${y(0)}V${y(1)}`,
              stroke: "currentColor",
              "stroke-opacity": 0.5,
            }),
            element("text", title, name),
            ...marks.map(({ place, text }) =>
              element(
                "text",
                { x: x(axis) + 5, y: y(place) + (place < 0 ? 13 : 4), class: "halo", fill: "currentColor" },
                text,
              ),
            ),
          ]
        }
        // The best line is on top.
        ofLines.append(...lines.reverse())
        whole.append(ofLines, ...all.flatMap(drawAxis))
        return whole as SVGGElement
      },
    ],
  })
}
