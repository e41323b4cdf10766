/**
 * A map of the symbols in embedding space: the embedding itself if it has two dimensions, else its first two principal
 * components. Source: makemore part 2, "visualizing the embedding".
 */
import { principalComponents } from "./principal-components.ts"
import { colors, svgChart } from "./svg-chart.ts"

export interface EmbeddingMap {
  /** (V, E), row-major. */
  readonly numbers: ArrayLike<number>
  /** V names, one per row. */
  readonly symbols: readonly string[]
  readonly title?: string
}

/** The map as the text of an SVG file. */
export async function embeddingMapSvg(map: EmbeddingMap): Promise<string> {
  const { numbers, symbols, title = "Embedding" } = map
  const E = numbers.length / symbols.length
  if (!Number.isInteger(E) || E < 1)
    throw new RangeError(
      `embeddingMapSvg: ${numbers.length} numbers do not divide into ${symbols.length} rows, one per symbol`,
    )
  const rows = symbols.map((_, v) => Array.from({ length: E }, (_, e) => numbers[v * E + e]))
  const { points, labels, subtitle } = project(rows)
  const places = points.map(([x, y = 0], v) => ({ x, y, symbol: symbols[v] }))
  const crowded = symbols.length > 150
  const [blue] = colors
  return svgChart({
    title,
    subtitle,
    width: 640,
    height: 560,
    inset: 20,
    grid: true,
    x: { label: labels[0], nice: true },
    y: { label: labels[1], nice: true },
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

/** The rows (V, E) in two dimensions -> points (V, 1 or 2), labels of the axes, and a subtitle. */
function project(rows: readonly (readonly number[])[]) {
  const E = rows[0].length
  if (E <= 2)
    return {
      points: rows,
      labels: ["first dimension", E === 2 ? "second dimension" : ""],
      subtitle: E === 2 ? "both dimensions" : "the only dimension",
    }
  const { points, explained } = principalComponents(rows, 2)
  const [first, second] = explained.map((part) => `${(100 * part).toFixed(1)} %`)
  return {
    points,
    labels: ["first principal component", "second principal component"],
    subtitle: `${E} dimensions, projected onto the two with the most variance: ${first} and ${second}`,
  }
}
