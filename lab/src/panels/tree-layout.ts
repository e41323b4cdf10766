/** Where the nodes of the picture stand, which lines join them, and what a node sees and is seen by. */
import { visibleSymbol } from "../../../src/display/visible-symbol.ts"
import type { Geometry } from "../trainer/questions/geometry.ts"
import type { Look } from "../trainer/questions/look.ts"

type Level = Geometry["levels"][number]

/** A node by its level, counted from the symbols up, and its place there. */
export interface Place {
  readonly level: number
  readonly node: number
}

export interface Box extends Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** The numbers of the node; undefined where the sequence has not begun. */
  readonly values?: Float32Array
  readonly label: string
}

export interface Edge {
  readonly from: Place
  readonly to: Place
}

export interface Row {
  readonly name: string
  readonly y: number
  /** The largest magnitude of its numbers: each row has a scale of its own. */
  readonly scale: number
  readonly nodes: readonly Box[]
}

export interface Layout {
  readonly rows: readonly Row[]
  /** Lines that are always drawn. Where each node reads nearly all others there are none. */
  readonly edges: readonly Edge[]
  /** The symbols under the columns, "" where the sequence has not begun. */
  readonly symbols: readonly string[]
  readonly columns: readonly number[]
  /** What the levels are made of, without those that have another pace than the symbols. */
  readonly levels: Geometry["levels"]
  /** The position of the first column. */
  readonly first: number
  /** The width left of the columns, for the names of the rows; 0 where there is no room. */
  readonly gutter: number
}

/** Space for the names of the rows, where there is room. */
const GUTTER = 104

/** The columns of a short sequence. */
const FEWEST = 8

/** More lines than this for each node of a row would be a thicket. */
const FEW = 3

const words: Readonly<Record<string, string>> = {
  Embedding: "embedding",
  Tanh: "tanh",
  Sequential: "tanh",
  Block: "block",
  JointRNNCell: "state",
  JointGRUCell: "state",
  JointLSTMCell: "state",
}

/** Without the first nodes. */
function cropped(level: Level, count: number): Level {
  if (count === 0) return level
  const crop = (all: readonly (readonly number[])[]) =>
    all.slice(count).map((each) => each.map((k) => k - count).filter((k) => k >= 0))
  return { ...level, sees: crop(level.sees), reads: crop(level.reads) }
}

/** What a node of the level is, and how many numbers it has. */
function nameOf({ type, path, dilation, channels }: Level): string {
  return `${dilation === undefined ? (words[type] ?? path) : `dilation ${dilation}`} · ${channels}`
}

/** @param space The size of the picture, and the top of the rows and of the symbols. */
export function layOut(
  { levels: all, positions }: Geometry,
  { ids, layers }: Look,
  { symbols, reads }: { readonly symbols: readonly string[]; readonly reads: "windows" | "sequences" },
  space: { readonly width: number; readonly top: number; readonly bottom: number },
): Layout {
  const left = space.width > 520 ? GUTTER : 0
  // The last columns of a sequence: a node sees as much in them as it can.
  const count = reads === "windows" ? positions : Math.min(positions, Math.max(FEWEST, ids.length))
  const without = positions - count
  const slot = (space.width - left) / count
  const columns = Array.from({ length: count }, (_, k) => left + (k + 0.5) * slot)
  const first = reads === "windows" ? 0 : ids.length - count
  const isOnPace = ({ sees }: Level) => reads === "windows" || sees.length === positions
  const levels = all.flatMap((level, k) => {
    if (!isOnPace(level)) return []
    return [cropped(k === 0 || isOnPace(all[k - 1]) ? level : { ...level, reads: level.sees }, without)]
  })
  const pitch = (space.bottom - space.top) / Math.max(1, levels.length)
  const height = Math.max(4, Math.min(26, pitch * 0.56))
  const rows = levels.map((level, k): Row => {
    const { path, channels, sees } = level
    const found = layers.findLast((layer) => layer.path === path && layer.shape.length > 1)
    const share = (space.width - left) / sees.length
    const width = Math.min(share - Math.min(8, share / 5), 240)
    const y = space.bottom - (k + 0.5) * pitch - height / 2
    const name = nameOf(level)
    const nodes = sees.map((_, node): Box => {
      const at = reads === "windows" ? node : node + first
      const values = at < 0 ? undefined : found?.values.subarray(at * channels, (at + 1) * channels)
      const x = left + (node + 0.5) * share - width / 2
      return { level: k, node, x, y, width, height, label: name, ...(values?.length && { values }) }
    })
    const scale = Array.from(found?.values ?? []).reduce(
      (most, value) => Math.max(most, Math.abs(value)),
      1e-12,
    )
    return { name, y: y + height / 2, scale, nodes }
  })
  return {
    rows,
    edges: levels.flatMap((_, level) => (level === 0 ? [] : edgesOf(levels, level))),
    symbols: columns.map((_, k) => (ids[k + first] === undefined ? "" : shown(symbols[ids[k + first]]))),
    ...{ columns, levels, first, gutter: left },
  }
}

/** A longer symbol, a word, is cut, as it would lie over its neighbours. */
const LONGEST = 10

export function shown(symbol: string): string {
  const visible = visibleSymbol(symbol)
  return visible.length > LONGEST ? `${visible.slice(0, LONGEST - 1)}…` : visible
}

function edgesOf(levels: Geometry["levels"], level: number): Edge[] {
  const { reads, isState } = levels[level]
  const joined = (from: Place, node: number): Edge => ({ from, to: { level, node } })
  if (isState)
    return reads.flatMap((_, node) => [
      joined({ level: level - 1, node }, node),
      ...(node > 0 ? [joined({ level, node: node - 1 }, node)] : []),
    ])
  if (reads.flat().length > FEW * reads.length && reads.length > 1) return []
  return reads.flatMap((below, node) => below.map((each) => joined({ level: level - 1, node: each }, node)))
}

/** The nodes of each level that a node sees, itself included, and those that see it. */
export function relatives(levels: Geometry["levels"], { level, node }: Place) {
  const sees = levels.map(() => new Set<number>())
  const seenBy = levels.map(() => new Set<number>())
  sees[level].add(node)
  seenBy[level].add(node)
  const spread = (k: number) => {
    // A state is computed from all before it.
    if (!levels[k].isState) return
    for (let each = 0; each < Math.max(...sees[k]); each++) sees[k].add(each)
  }
  spread(level)
  for (let k = level; k > 0; k--) {
    for (const each of sees[k]) for (const below of levels[k].reads[each]) sees[k - 1].add(below)
    if (sees[k - 1].size > 0) spread(k - 1)
  }
  if (levels[level].isState)
    for (let each = node; each < levels[level].reads.length; each++) seenBy[level].add(each)
  for (let k = level + 1; k < levels.length; k++)
    for (const [each, below] of levels[k].reads.entries())
      if (below.some((one) => seenBy[k - 1].has(one))) seenBy[k].add(each)
  return { sees, seenBy, positions: new Set(levels[level].sees[node]) }
}
