/**
 * Where the symbols lie in the space that they are embedded in, on paper: the space itself where it has two dimensions, else the
 * plane along which the symbols differ most. Source: makemore part 2, "visualizing the embedding".
 */
import { principalComponents } from "./principal-components.ts"
import { colors, svgChart } from "./svg-chart.ts"

export interface EmbeddingMap {
  /** (V, E), row after row. */
  readonly numbers: ArrayLike<number>
  /** V names, one a row. */
  readonly symbols: readonly string[]
  readonly title?: string
}

/** The map as an SVG file. */
export async function embeddingMapSvg({
  numbers,
  symbols,
  title = "Embedding",
}: EmbeddingMap): Promise<string> {
  const E = numbers.length / symbols.length
  if (!Number.isInteger(E) || E < 1)
    throw new RangeError(
      `embeddingMapSvg: ${numbers.length} numbers are no rows of ${symbols.length} symbols`,
    )
  const rows = symbols.map((_, v) => Array.from({ length: E }, (_, e) => numbers[v * E + e]))
  const { points, labels, subtitle } = plane(rows)
  const places = points.map(([x, y], v) => ({ x, y, symbol: symbols[v] }))
  const crowded = symbols.length > 150
  const [blue] = colors
  return svgChart({
    title,
    subtitle,
    width: 640,
    height: 560,
    inset: 20,
    grid: true,
    marginLeft: 48,
    marginRight: 24,
    yLabel: labels[1],
    x: { label: labels[0], nice: true },
    y: { label: null, nice: true },
    marks: (Plot) => [
      ...(crowded ? [] : [Plot.dot(places, { x: "x", y: "y", r: 11, fill: blue })]),
      Plot.text(places, {
        x: "x",
        y: "y",
        text: "symbol",
        fontSize: crowded ? 10 : 13,
        fontWeight: crowded ? 400 : 600,
        fill: crowded ? "currentColor" : "white",
      }),
    ],
  })
}

function plane(rows: readonly (readonly number[])[]): {
  points: readonly (readonly number[])[]
  labels: [string, string]
  subtitle: string
} {
  const E = rows[0].length
  if (E <= 2)
    return {
      points: rows.map(([x, y = 0]) => [x, y]),
      labels: ["first number", E === 2 ? "second number" : ""],
      subtitle: E === 2 ? "the two numbers of each symbol" : "the one number of each symbol",
    }
  const { points, explained } = principalComponents(rows, 2)
  const percent = explained.map((part) => `${(100 * part).toFixed(1)} %`)
  return {
    points,
    labels: ["first principal component", "second principal component"],
    subtitle: `${E} numbers a symbol, seen along the two directions that have most of their variance: ${percent.join(" and ")}`,
  }
}
