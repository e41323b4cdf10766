/**
 * How numbers are spread in each layer, layer under layer over one axis: where they pile up at the ends a nonlinearity is stuck,
 * and where they shrink or grow from layer to layer they vanish or explode. Source: makemore part 3, "viz the activations".
 */
import { colors, svgChart } from "./svg-chart.ts"

export interface LayerNumbers {
  readonly name: string
  readonly numbers: ArrayLike<number>
  /** What is written beside the histogram. */
  readonly note?: string
}

export interface Histogram {
  /** The middle of the bin. */
  readonly x: number
  readonly count: number
}

const BINS = 81
const ROW = 40

/** Counts of `bins` equal bins from -limit to limit; what lies beyond is left out. */
export function histogram(numbers: ArrayLike<number>, limit: number, bins = BINS): Histogram[] {
  const counts = new Array<number>(bins).fill(0)
  for (let k = 0; k < numbers.length; k++) {
    const bin = Math.floor(((numbers[k] + limit) / (2 * limit)) * bins)
    if (numbers[k] === limit) counts[bins - 1]++
    else if (bin >= 0 && bin < bins) counts[bin]++
  }
  return counts.map((count, bin) => ({ x: -limit + ((bin + 0.5) * 2 * limit) / bins, count }))
}

/** The limit within which 99 % of the numbers of every layer lie. */
export function limitOf(layers: readonly LayerNumbers[]): number {
  const limits = layers.map(({ numbers }) => {
    const sizes = Float64Array.from(numbers, Math.abs).filter(Number.isFinite).sort()
    return sizes[Math.floor(0.99 * (sizes.length - 1))] ?? 0
  })
  return Math.max(...limits) || 1
}

/** The histograms as an SVG file, each as high as its fullest bin. */
export function histogramsSvg(
  layers: readonly LayerNumbers[],
  {
    title,
    subtitle,
    label,
    color = colors[0],
  }: { title: string; subtitle?: string; label: string; color?: string },
): Promise<string> {
  const limit = limitOf(layers)
  const bins = layers.flatMap(({ name, numbers }) => {
    const found = histogram(numbers, limit)
    const fullest = Math.max(1, ...found.map(({ count }) => count))
    return found.map(({ x, count }) => ({ layer: name, x, height: count / fullest }))
  })
  const longest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length))
  return svgChart({
    title,
    subtitle,
    height: ROW * layers.length + 50,
    width: 760,
    marginLeft: 16 + 6.2 * longest(layers.map(({ name }) => name)),
    marginRight: 16 + 6.2 * longest(layers.map(({ note = "" }) => note)),
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
