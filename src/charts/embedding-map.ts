/**
 * A map of the symbols in embedding space: the embedding itself if it has two dimensions, else its first two principal
 * components. A symbol is drawn at its point, or beside it with a line to it if another is in the way; levels are points colored by
 * their value. Source: makemore part 2, "visualizing the embedding".
 */

import { visibleSymbol } from "../display/visible-symbol.ts"
import { type Box, layOut, type Point } from "./label-layout.ts"
import { principalComponents } from "./principal-components.ts"
import { colors, svgChart, svgElements } from "./svg-chart.ts"

export interface EmbeddingMap {
  /** (V, E), row-major. */
  readonly numbers: ArrayLike<number>
  /** V names, one per row. */
  readonly symbols: readonly string[]
  readonly title?: string
}

/** The size of a letter, in pixels, and that of words, which need more room. */
const SIZE = 15
const SIZE_OF_WORDS = 11
/** With more symbols than this, letters have no disc behind them. Words have none. */
const CROWD = 100
const [blue] = colors

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
  const places = points.map(([x, y = 0]) => ({ x, y }))
  const values = valuesOf(symbols)
  const areWords = symbols.some((symbol) => visibleSymbol(symbol).length > 3)
  const size = values || !areWords ? SIZE : SIZE_OF_WORDS
  return svgChart({
    title,
    subtitle,
    width: 640,
    height: 560,
    inset: 20,
    grid: true,
    x: { label: labels[0], domain: extent(places.map(({ x }) => x)), nice: true },
    y: { label: labels[1], domain: extent(places.map(({ y }) => y)), nice: true },
    legend:
      values && [0, 1 / 4, 1 / 2, 3 / 4, 1].map((part) => legendEntry(Math.round(part * highest(values)))),
    marks: () => [
      (_index, scales, _values, _dimensions, { document }) => {
        const [[left, right], [bottom, top]] = [
          scales.scales.x!.range!,
          scales.scales.y!.range!,
        ] as number[][]
        const at = places.map(({ x, y }) => ({ x: scales.x!(x), y: scales.y!(y) }))
        const frame = { left: left - 20, right: right + 20, top: top - 20, bottom: bottom + 20 }
        const element = svgElements(document)
        const group = element("g", {
          "aria-label": "text",
          "text-anchor": "middle",
          "font-size": size,
          "font-weight": 600,
        })
        group.append(
          ...(values
            ? drawLevels(element, at, values, frame)
            : drawSymbols(element, at, symbols, { frame, size })),
        )
        return group as SVGGElement
      },
    ],
  })

  function legendEntry(value: number) {
    return { name: String(value), color: colorOf(value / highest(values!)), mark: { width: 10 } }
  }
}

/** From the least number to the greatest; wider if they are equal. */
function extent(numbers: readonly number[]): [number, number] {
  const [least, most] = [Math.min, Math.max].map((pick) => numbers.reduce((a, b) => pick(a, b)))
  return least < most ? [least, most] : [least - 1, most + 1]
}

type CreateElement = ReturnType<typeof svgElements>

/** Each letter or word at its point, or beside it with a line to it, or only a point where there is no room. */
function drawSymbols(
  element: CreateElement,
  at: readonly Point[],
  symbols: readonly string[],
  { frame, size }: { frame: Box; size: number },
): SVGElement[] {
  const texts = symbols.map(visibleSymbol)
  const centers = layOut(at, texts, { size, frame })
  const circle = ({ x, y }: Point, attributes: Record<string, number>) =>
    element("circle", { cx: x, cy: y, fill: blue, ...attributes })
  const discs =
    size < SIZE || at.length > CROWD ? [] : at.map((point) => circle(point, { r: 10, "fill-opacity": 0.14 }))
  const alone = at.flatMap((point, v) =>
    centers[v] === point ? [] : [named(circle(point, { r: 2 }), symbols[v])],
  )
  const lines = at.flatMap(({ x, y }, v) => {
    const center = centers[v]
    if (!center || center === at[v]) return []
    return [element("path", { d: `M${x},${y}L${center.x},${center.y}`, stroke: blue, "stroke-opacity": 0.6 })]
  })
  const letters = centers.flatMap((center, v) =>
    center ? [textAt(element, center, texts[v], { fill: blue })] : [],
  )
  return [...discs, ...lines, ...alone, ...letters]

  function named(dot: SVGElement, symbol: string): SVGElement {
    dot.append(element("title", {}, symbol))
    return dot
  }
}

/** A point for each level, colored by its value. Some levels are named, as on a ruler. */
function drawLevels(
  element: CreateElement,
  at: readonly Point[],
  values: readonly number[],
  frame: Box,
): SVGElement[] {
  const most = highest(values)
  const apart = 2 ** Math.ceil(Math.log2(most)) / 8
  const ruler = values.map((_, v) => v).filter((v) => values[v] % apart === 0 || values[v] === most)
  const centers = layOut(
    ruler.map((v) => at[v]),
    ruler.map((v) => String(values[v])),
    { size: SIZE, frame },
  )
  const dots = at.map(({ x, y }, v) =>
    element("circle", { cx: x, cy: y, r: 4, fill: colorOf(values[v] / most) }),
  )
  const names = centers.flatMap((center, k) =>
    center
      ? [textAt(element, center, String(values[ruler[k]]), { fill: "currentColor", class: "halo" })]
      : [],
  )
  return [...dots, ...names]
}

const textAt = (element: CreateElement, { x, y }: Point, text: string, attributes: Record<string, string>) =>
  element("text", { transform: `translate(${x},${y})`, dy: "0.35em", ...attributes }, text)

const highest = (values: readonly number[]): number => values.reduce((max, value) => Math.max(max, value), 0)

/** The value of each symbol of a large vocabulary of numbers, in which the stop is 0; undefined for any other vocabulary. */
function valuesOf(symbols: readonly string[]): number[] | undefined {
  const values = symbols.map((symbol) => (/^\d+$/.test(symbol) ? Number(symbol) : undefined))
  const others = values.filter((value) => value === undefined).length
  return symbols.length > 60 && others <= 1 ? values.map((value) => value ?? 0) : undefined
}

/** From the lowest level to the highest; legible on white and on black, as all colors of charts. */
const anchors = [colors[0], colors[3], colors[4], colors[1]].map((color) =>
  [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)),
)

/** The color of a level from 0, the lowest, to 1. */
function colorOf(level: number): string {
  const at = level * (anchors.length - 1)
  const first = Math.min(Math.floor(at), anchors.length - 2)
  const mix = (from: number, k: number) => Math.round(from + (at - first) * (anchors[first + 1][k] - from))
  return `#${anchors[first].map((from, k) => mix(from, k).toString(16).padStart(2, "0")).join("")}`
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
