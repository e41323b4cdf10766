/** A chart of the time per symbol over the receptive field. */

import { cpus } from "node:os"
import { colors, svgChart } from "../src/charts/svg-chart.ts"
import type { Measured } from "./benchmark.ts"

const lines = [
  { name: "one position at a time, cached", cached: true, color: colors[0] },
  { name: "the whole receptive field recomputed", cached: false, color: colors[1] },
]

const grouped = (count: number): string => count.toLocaleString("en")

/** The contenders' names begin with "cached" or not, and end with the receptive field. */
export function generationChart(contenders: readonly Measured[]): Promise<string> {
  const points = contenders.map(({ name, minimum }) => ({
    cached: name.startsWith("cached"),
    field: Number(name.match(/\d+$/)![0]),
    time: minimum,
  }))
  return svgChart({
    title: "Generation with a WaveNet of 12 layers and 64 channels",
    subtitle: `one thread, ${cpus()[0].model}, fastest block of each`,
    legend: lines.map(({ name, color }) => ({ name, color })),
    height: 300,
    marginLeft: 56,
    x: {
      type: "log",
      label: "receptive field, symbols",
      grid: true,
      ticks: [...new Set(points.map(({ field }) => field))],
      tickFormat: grouped,
    },
    y: {
      type: "log",
      label: "µs per symbol",
      grid: true,
      nice: true,
      ticks: [10, 100, 1000, 10_000, 100_000],
      tickFormat: grouped,
    },
    marks: (Plot) =>
      lines.flatMap(({ cached, color }) => {
        const own = points.filter((point) => point.cached === cached)
        const options = { x: "field", y: "time" }
        return [
          Plot.line(own, { ...options, stroke: color }),
          Plot.dot(own, { ...options, fill: color, r: 3 }),
        ]
      }),
  })
}
