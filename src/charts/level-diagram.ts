/**
 * The levels of a network as rows of nodes, each with lines to the nodes that it is computed from. Those that one node of the top
 * depends on are filled. Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, figures 2 and 3.
 */
import { colors, svgChart } from "./svg-chart.ts"

export interface LevelDiagram {
  /** The inputs, which stand below the lowest level. */
  readonly symbols: readonly string[]
  /** From the lowest up: for each node of a level the nodes of the level below that it reads; of the lowest level, the symbols. */
  readonly levels: readonly (readonly (readonly number[])[])[]
  /** The node of the top level that is followed down. Default: the last. */
  readonly of?: number
  readonly title?: string
}

interface Node {
  /** Above the last symbol that it depends on. */
  readonly x: number
  /** 0 for symbols. */
  readonly level: number
  /** Whether the node at the top depends on it. */
  filled: boolean
  readonly reads: readonly Node[]
}

/** The nodes of each level, the symbols first. Throws a RangeError where a node reads what there is not. */
function laidOut({ symbols, levels, of = (levels.at(-1)?.length ?? 0) - 1 }: LevelDiagram): Node[][] {
  const rows: Node[][] = [symbols.map((_, x) => ({ x, level: 0, filled: false, reads: [] }))]
  for (const [k, level] of levels.entries())
    rows.push(
      level.map((reads, node) => {
        const below = reads.map((index) => rows[k][index])
        if (below.length === 0 || below.includes(undefined as never))
          throw new RangeError(
            `levelDiagram: node ${node} of level ${k + 1} reads ${reads.join(", ") || "nothing"}: ` +
              `give nodes from 0 to ${rows[k].length - 1}`,
          )
        return { x: Math.max(...below.map(({ x }) => x)), level: k + 1, filled: false, reads: below }
      }),
    )
  const fill = (node?: Node) => {
    if (!node || node.filled) return
    node.filled = true
    node.reads.forEach(fill)
  }
  fill(rows.at(-1)![of])
  return rows
}

/** The diagram as the text of an SVG file. */
export function levelDiagramSvg(diagram: LevelDiagram): Promise<string> {
  const { symbols, levels, title = "Levels" } = diagram
  const nodes = laidOut(diagram).flat()
  const links = nodes.flatMap((to) => to.reads.map((from) => ({ from, to, filled: to.filled })))
  const [blue] = colors
  const grey = colors.at(-1)!
  const color = ({ filled }: { filled: boolean }) => (filled ? blue : grey)
  return svgChart({
    title,
    height: 70 + 70 * levels.length,
    marginLeft: 64,
    x: { axis: null, domain: [0, symbols.length - 1], inset: 12 },
    y: { axis: null, domain: [0, levels.length], inset: 12 },
    marks: (Plot) => [
      // What is followed is drawn last, over the rest.
      ...[false, true].map((filled) =>
        Plot.link(
          links.filter((link) => link.filled === filled),
          {
            x1: ({ from }) => from.x,
            y1: ({ from }) => from.level,
            x2: ({ to }) => to.x,
            y2: ({ to }) => to.level,
            stroke: color,
            strokeWidth: filled ? 2 : 1,
            strokeOpacity: filled ? 1 : 0.5,
          },
        ),
      ),
      Plot.dot(
        nodes.filter(({ level }) => level > 0),
        {
          x: "x",
          y: "level",
          r: 6,
          stroke: color,
          fill: color,
          fillOpacity: ({ filled }) => (filled ? 1 : 0.25),
        },
      ),
      Plot.text(symbols, {
        x: (_, k) => k,
        y: 0,
        text: (symbol) => symbol,
        dy: 14,
        fontSize: 14,
      }),
      Plot.text(
        levels.map((_, k) => k + 1),
        { x: 0, y: (level) => level, text: (level) => `level ${level}`, dx: -20, textAnchor: "end" },
      ),
    ],
  })
}

/** The diagram as text: ● for what the node at the top depends on, ○ for the other nodes. */
export function levelDiagramText(diagram: LevelDiagram): string {
  const { symbols, title } = diagram
  const [, ...levels] = laidOut(diagram)
  const rows = levels.map((nodes, k) => {
    const marks = symbols.map(() => " ")
    for (const { x, filled } of nodes) if (marks[x] !== "●") marks[x] = filled ? "●" : "○"
    return [`level ${k + 1}`, ...marks]
  })
  const lines = [...rows.reverse(), ["symbols", ...symbols]].map(([name, ...cells]) =>
    [name.padEnd(8), ...cells.map((cell) => ` ${cell} `)].join("").trimEnd(),
  )
  return [...(title === undefined ? [] : [title, ""]), ...lines].join("\n")
}
