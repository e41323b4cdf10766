/**
 * Histograms of each layer's activations or gradients, stacked over one axis. Peaks at both ends mean a saturated nonlinearity;
 * widths that shrink or grow with depth mean vanishing or exploding values. Source: makemore part 3, "viz the activations".
 */
import { colors, svgChart } from "./svg-chart.ts"

export interface LayerNumbers {
  readonly name: string
  readonly numbers: ArrayLike<number>
  /** Printed beside the histogram. */
  readonly note?: string
}

export interface Histogram {
  /** The center of the bin. */
  readonly x: number
  readonly count: number
}

const BINS = 81
const ROW = 40

/** Counts in `bins` equal bins over [-limit, limit]; numbers beyond are ignored. */
export function histogram(numbers: ArrayLike<number>, limit: number, bins = BINS): Histogram[] {
  const counts = new Array<number>(bins).fill(0)
  for (let k = 0; k < numbers.length; k++) {
    const bin = Math.floor(((numbers[k] + limit) / (2 * limit)) * bins)
    if (bin >= 0 && numbers[k] <= limit) counts[Math.min(bin, bins - 1)]++
  }
  return counts.map((count, bin) => ({ x: -limit + ((bin + 0.5) * 2 * limit) / bins, count }))
}

/** The smallest limit that covers 99 % of the magnitudes in every layer. */
export function limitOf(layers: readonly LayerNumbers[]): number {
  const limits = layers.map(({ numbers }) => {
    const sizes = Float64Array.from(numbers, Math.abs).filter(Number.isFinite).sort()
    return sizes[Math.floor(0.99 * (sizes.length - 1))] ?? 0
  })
  return Math.max(...limits) || 1
}

/** The text of an SVG file. Each histogram is scaled to its fullest bin. */
export function histogramsSvg(
  layers: readonly LayerNumbers[],
  options: { title: string; subtitle?: string; label: string; color?: string },
): Promise<string> {
  const { title, subtitle, label, color = colors[0] } = options
  const limit = limitOf(layers)
  const bins = layers.flatMap(({ name, numbers }) => {
    const counted = histogram(numbers, limit)
    const fullest = Math.max(1, ...counted.map(({ count }) => count))
    return counted.map(({ x, count }) => ({ layer: name, x, height: count / fullest }))
  })
  const margin = (text: (layer: LayerNumbers) => string) =>
    16 + 6.2 * Math.max(0, ...layers.map((layer) => text(layer).length))
  return svgChart({
    title,
    subtitle,
    height: ROW * layers.length + 50,
    width: 760,
    marginLeft: margin(({ name }) => name),
    marginRight: margin(({ note = "" }) => note),
    x: { label, domain: [-limit, limit], grid: true, tickFormat: "~g", ticks: 7 },
    y: { axis: null, domain: [0, 1] },
    fy: { domain: layers.map(({ name }) => name), label: null, axis: null, padding: 0.15 },
    marks: (Plot) => [
      Plot.areaY(bins, { fy: "layer", x: "x", y: "height", fill: color, fillOpacity: 0.75, curve: "step" }),
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
      Plot.text(layers, { fy: "name", text: "name", frameAnchor: "left", textAnchor: "end", dx: -8 }),
      Plot.text(layers, { fy: "name", text: "note", frameAnchor: "right", textAnchor: "start", dx: 8 }),
    ],
  })
}
