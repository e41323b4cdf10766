/** The time of a symbol by how far the network looks back, as a picture. */

import { cpus } from "node:os"
import { colors, svgChart } from "../src/charts/svg-chart.ts"
import type { Measured } from "./benchmark.ts"

const lines = [
  { name: "one position at a time, from what is kept", cached: true, color: colors[0] },
  { name: "all that it looks back on read anew", cached: false, color: colors[1] },
]

/** Contenders whose names begin with "cached" or not, and end with how far they look back. */
export function generationChart(contenders: readonly Measured[]): Promise<string> {
  const points = contenders.map(({ name, minimum }) => ({
    cached: name.startsWith("cached"),
    field: Number(name.match(/\d+$/)![0]),
    time: minimum,
  }))
  return svgChart({
    title: "A symbol of a WaveNet of 12 layers with 64 channels",
    subtitle: `one thread, ${cpus()[0].model}, the fastest block of each`,
    legend: lines.map(({ name, color }) => ({ name, color })),
    yLabel: "µs a symbol",
    height: 300,
    x: { type: "log", label: "symbols that it looks back on", grid: true },
    y: { type: "log", label: null, grid: true },
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
