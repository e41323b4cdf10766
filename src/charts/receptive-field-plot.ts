/**
 * How a network joins its context, level by level: a node for each place at which a layer computes something, and a line from each node
 * to those that it reads. What the last node of the top level depends on stands out.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, figures 2 and 3.
 */
import { colors, svgChart } from "./svg-chart.ts"

export interface ReceptiveFieldPlot {
  /** From the symbols up, as `receptiveFields` finds them in a model. */
  readonly levels: readonly {
    readonly channels: number
    /** For each node the positions whose symbols can change it. */
    readonly sees: readonly (readonly number[])[]
    /** For each node the nodes of the level below that can change it. */
    readonly reads: readonly (readonly number[])[]
  }[]
  /** The symbol at each position. */
  readonly symbols: readonly string[]
  readonly title?: string
}

interface Node {
  readonly level: number
  readonly x: number
  /** The nodes below that it reads. */
  readonly reads: readonly Node[]
  /** The symbols that it sees. */
  readonly seen: string
}

const average = (numbers: readonly number[]): number =>
  numbers.reduce((sum, each) => sum + each, 0) / numbers.length

/** The nodes of each level, the symbols below them. A node stands at its position, or in the middle of what it sees. */
function nodesOf({ levels, symbols }: ReceptiveFieldPlot): Node[][] {
  const rows: Node[][] = [symbols.map((seen, x) => ({ level: 0, x, reads: [], seen }))]
  for (const [k, { sees, reads }] of levels.entries())
    rows.push(
      sees.map((positions, node) => ({
        level: k + 1,
        x: sees.length === symbols.length ? node : average(positions),
        reads: reads[node].map((below) => rows[k][below]),
        seen: positions.map((position) => symbols[position]).join(""),
      })),
    )
  return rows
}

/** What the last node of the top level is computed from, itself included. */
function ancestry(rows: readonly (readonly Node[])[]): ReadonlySet<Node> {
  const found = new Set(rows.at(-1)!.slice(-1))
  for (const node of found) for (const below of node.reads) found.add(below)
  return found
}

/** The plot as the text of an SVG file. */
export function receptiveFieldPlotSvg(plot: ReceptiveFieldPlot): Promise<string> {
  const { levels, symbols, title = "Receptive field" } = plot
  const rows = nodesOf(plot)
  const isShown = ancestry(rows)
  const [blue] = colors
  const nodes = rows.slice(1).flat()
  const links = nodes.flatMap((to) => to.reads.map((from) => ({ from, to })))
  const between = (isStrong: boolean) =>
    links.filter(({ from, to }) => (isShown.has(to) && isShown.has(from)) === isStrong)
  const ends = {
    x1: ({ from }: (typeof links)[number]) => from.x,
    y1: ({ from }: (typeof links)[number]) => from.level || 0.25, // above the symbol
    x2: ({ to }: (typeof links)[number]) => to.x,
    y2: ({ to }: (typeof links)[number]) => to.level,
  }
  const names = levels.map(({ channels, sees: { length } }, k) => ({
    level: k + 1,
    name: `${length} × ${channels}`,
  }))
  return svgChart({
    title,
    subtitle: "At the left the nodes of each level, × the numbers that each of them has",
    width: Math.max(360, 120 + 64 * symbols.length),
    height: 60 + 64 * levels.length,
    marginLeft: 96,
    marginBottom: 12,
    x: { axis: null, domain: [-0.5, symbols.length - 0.5] },
    y: { axis: null, domain: [-0.3, levels.length + 0.3] },
    marks: (Plot) => [
      Plot.link(between(false), { ...ends, stroke: "currentColor", strokeOpacity: 0.2 }),
      Plot.link(between(true), { ...ends, stroke: blue, strokeWidth: 1.5 }),
      Plot.dot(nodes, {
        ...{ x: "x", y: "level", r: 6, stroke: blue },
        fill: (node: Node) => (isShown.has(node) ? blue : "none"),
      }),
      Plot.text(rows[0], { x: "x", y: "level", text: "seen", fontSize: 15, dy: 4 }),
      Plot.text(names, { y: "level", text: "name", frameAnchor: "left", dx: -84, textAnchor: "start" }),
    ],
  })
}

/** Characters for a position. */
const COLUMN = 4

/** The plot as text: for each node that the last one depends on the symbols that it sees, in the middle of their columns. */
export function receptiveFieldPlotText(plot: ReceptiveFieldPlot): string {
  const rows = nodesOf(plot)
  const isShown = ancestry(rows)
  // The embeddings see a symbol each, and the row of symbols says so.
  const [first, ...others] = rows
  const above = others[0]?.every(({ reads }) => reads.length === 1) ? others.slice(1) : others
  const lines = [first, ...above].map((nodes, k) => {
    const name = (k === 0 ? "symbols" : `level ${k}`).padEnd(9)
    return nodes
      .filter((node) => isShown.has(node))
      .reduce((line, { x, seen }) => {
        const start = Math.round((x + 0.5) * COLUMN - (seen.length + 2) / 2)
        return `${line.padEnd(name.length + start)}[${seen}]`
      }, name)
  })
  return [...(plot.title === undefined ? [] : [plot.title, ""]), ...lines].join("\n")
}
