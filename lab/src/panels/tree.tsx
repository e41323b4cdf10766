/**
 * The network as a tree, or as the stack, the chain or the attention that it is: each node as cells of its numbers for the context that was
 * typed, and which symbols and nodes it sees. The picture of what sees what stands still; only the numbers are asked for again.
 */
import { useSignal } from "@preact/signals"
import { useMemo } from "preact/hooks"
import { trainer } from "../session.ts"
import type { Geometry } from "../trainer/questions/geometry.ts"
import type { Look } from "../trainer/questions/look.ts"
import { attentionOf, type Reading } from "./attention.ts"
import { Cells } from "./cells.tsx"
import { useNewestLook } from "./newest-look.ts"
import { NextSymbol, NextSymbolTable } from "./next-symbol.tsx"
import { type Layout, layOut, type Place, relatives } from "./tree-layout.ts"
import { useOnce } from "./use-once.ts"
import { useSize } from "./use-size.ts"

/** The positions that are drawn of a sequence, and the most of a window. */
const POSITIONS = 16
const MOST = 64

export function Tree() {
  const opened = trainer.value?.opened.value
  const isTooWide = opened?.reads === "windows" && opened.contextLength > MOST
  const geometry = useOnce("geometry", { positions: POSITIONS }, isTooWide)
  const { look, problem } = useNewestLook()
  if (!opened) return <p class="nothing">Preparing the training…</p>
  if (isTooWide)
    return (
      <p class="nothing">
        A tree of {opened.contextLength} symbols is too wide to draw: Layers and Activations show it in
        figures.
      </p>
    )
  if (!look || !geometry.answer)
    return <p class="nothing">{problem || geometry.problem || "Looking at the network…"}</p>
  return <Picture look={look} geometry={geometry.answer} />
}

function Picture({ look, geometry }: { look: Look; geometry: Geometry }) {
  const { symbols, reads, isEndless } = trainer.value!.opened.value!
  const [ref, { width, height }] = useSize()
  const hovered = useSignal<Place | undefined>(undefined)
  const focused = useSignal<Place | undefined>(undefined)
  const head = useSignal(-1)

  const chance = Math.max(52, Math.min(84, height * 0.2))
  const space = { width, top: chance + 8, bottom: height - 22 }
  const layout = useMemo(
    () => layOut(geometry, look, { symbols, reads }, space),
    [geometry, look, width, height],
  )

  const { rows, levels, first, columns } = layout
  const isThere = (place?: Place) =>
    place && rows[place.level]?.nodes[place.node]?.values ? place : undefined
  // Of a sequence, the node that the next symbol is predicted from; a window's last node sees everything.
  const last = { level: rows.length - 1, node: (rows.at(-1)?.nodes.length ?? 0) - 1 }
  const active = isThere(hovered.value) ?? isThere(focused.value)
  const marked = active ?? (reads === "sequences" ? isThere(last) : undefined)
  const lit = marked && relatives(levels, marked)
  const reading =
    marked &&
    attentionOf(look, { path: levels[marked.level].path, node: marked.node, first, head: head.value })
  const tabbable = isThere(focused.value) ?? isThere(last)
  const center = ({ level, node }: Place) => {
    const { x, y, width, height } = rows[level].nodes[node]
    return { x: x + width / 2, top: y, bottom: y + height }
  }

  const move = (event: KeyboardEvent, from: Place) => {
    const to = neighbour(layout, from, event.key)
    if (!to) return
    event.preventDefault()
    const next = document.getElementById(`node-${to.level}-${to.node}`)
    next?.focus()
  }

  const heads = look.attention[0]?.shape[1] ?? 0
  const top = rows.at(-1)?.nodes.at(-1)
  return (
    <div class="tree">
      <div class="picture" ref={ref}>
        <Cells rows={rows} />
        {width > 0 && (
          <div aria-hidden="true">
            <NextSymbol {...look} {...{ symbols, isEndless, width }} height={chance} />
          </div>
        )}
        {width > 0 && (
          <div
            role="tree"
            aria-label="The nodes of the network, from the symbols up"
            onMouseLeave={() => {
              hovered.value = undefined
            }}
          >
            <svg width={width} height={height} role="presentation">
              {top && <path class="edge out" d={`M${top.x + top.width / 2} ${top.y} V${chance + 2}`} />}
              {layout.edges.map(({ from, to }) => {
                if (!isThere(from) || !isThere(to)) return null
                const isSeen = lit?.sees[from.level].has(from.node) && lit.sees[to.level].has(to.node)
                const isSeeing = lit?.seenBy[from.level].has(from.node) && lit.seenBy[to.level].has(to.node)
                const kind = isSeen ? "edge sees" : isSeeing ? "edge seen-by" : "edge"
                return (
                  <path
                    key={`${from.level} ${from.node} ${to.level} ${to.node}`}
                    class={kind}
                    d={curve(from, to, center)}
                  />
                )
              })}
              {marked && reading && (
                <Reads reading={reading} marked={marked} center={center} isThere={isThere} />
              )}
              {rows.map(({ name, y, nodes }, level) => (
                <g key={levels[level].path}>
                  {layout.gutter > 0 && (
                    <text class="name" x={layout.gutter - 8} y={y + 4}>
                      {name}
                    </text>
                  )}
                  {nodes.map((box) => {
                    const place = { level, node: box.node }
                    const isMarked = marked?.level === level && marked.node === box.node
                    const kind = isMarked
                      ? "marked"
                      : lit?.sees[level].has(box.node)
                        ? "sees"
                        : lit?.seenBy[level].has(box.node)
                          ? "seen-by"
                          : ""
                    const shape = (
                      <rect
                        x={box.x}
                        y={box.y}
                        width={box.width}
                        height={box.height}
                        rx={Math.min(4, box.height / 4)}
                      />
                    )
                    if (!box.values)
                      return (
                        <g key={box.node} class="node before">
                          {shape}
                        </g>
                      )
                    return (
                      <g
                        key={box.node}
                        id={`node-${level}-${box.node}`}
                        class={`node ${kind}${active && kind === "" ? " dim" : ""}`}
                        role="treeitem"
                        aria-label={nodeLabel(layout, place, reads)}
                        tabIndex={tabbable?.level === level && tabbable.node === box.node ? 0 : -1}
                        onMouseEnter={() => {
                          hovered.value = place
                        }}
                        onFocus={() => {
                          focused.value = place
                          hovered.value = undefined
                        }}
                        onBlur={() => {
                          focused.value = undefined
                        }}
                        onKeyDown={(event) => move(event, place)}
                      >
                        {shape}
                      </g>
                    )
                  })}
                </g>
              ))}
              {layout.symbols.map((symbol, k) => (
                <text
                  key={k}
                  class={lit?.positions.has(k) && symbol !== "" ? "symbol sees" : "symbol"}
                  x={columns[k]}
                  y={height - 6}
                >
                  {symbol}
                </text>
              ))}
            </svg>
          </div>
        )}
      </div>
      <div class="caption">
        <p>{active ? nodeLabel(layout, active, reads) : <Legend look={look} />}</p>
        {heads > 0 && (
          <label class="heads">
            attention
            <select
              class="fits"
              value={head.value}
              onChange={({ currentTarget }) => (head.value = Number(currentTarget.value))}
            >
              <option value={-1}>mean of {heads} heads</option>
              {Array.from({ length: heads }, (_, k) => (
                <option key={k} value={k}>
                  head {k + 1}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <NextSymbolTable probabilities={look.probabilities} {...{ symbols, isEndless }} />
    </div>
  )
}

function Legend({ look: { missing, unknown, ids } }: { look: Look }) {
  const { isEndless, symbols } = trainer.value!.opened.value!
  const data = isEndless ? "The text does not have" : "No line of the list has"
  if (missing.length > 0)
    return (
      <>
        {data} “{missing.join("")}”: it is left out.
      </>
    )
  if (unknown !== undefined && ids.includes(unknown))
    return (
      <>
        {data} one of the words: it is read as {symbols[unknown]}.
      </>
    )
  return (
    <>
      Point at a node, or use the arrow keys: <b class="sees">what it sees</b>,{" "}
      <b class="seen-by">what sees it</b>.
    </>
  )
}

/** What a node reads of the level below by attention: the stronger, the thicker. */
function Reads(props: {
  reading: Reading
  marked: Place
  center: (place: Place) => Center
  isThere: (place: Place) => Place | undefined
}) {
  const { reading, marked, center, isThere } = props
  return (
    <g class="reads">
      {reading.map((weight, node) => {
        const from = isThere({ level: marked.level - 1, node })
        if (!from || weight < 0.005) return null
        return (
          <path
            key={node}
            d={curve(from, marked, center)}
            stroke-width={1 + 7 * weight}
            opacity={0.25 + 0.75 * weight}
          />
        )
      })}
    </g>
  )
}

interface Center {
  readonly x: number
  readonly top: number
  readonly bottom: number
}

/** From a node to one above it, or to the next one in a row. */
function curve(from: Place, to: Place, center: (place: Place) => Center): string {
  const [a, b] = [center(from), center(to)]
  if (from.level === to.level) return `M${a.x} ${(a.top + a.bottom) / 2} H${b.x}`
  const middle = (a.top + b.bottom) / 2
  return `M${a.x} ${a.top} C${a.x} ${middle} ${b.x} ${middle} ${b.x} ${b.bottom}`
}

/** "tanh, node 2 of 4, sees “m a”" */
function nodeLabel({ rows, levels, symbols, first }: Layout, { level, node }: Place, reads: string): string {
  const { channels, sees } = levels[level]
  const seen = sees[node].filter((k) => symbols[k] !== "").map((k) => symbols[k])
  const { name, nodes } = rows[level]
  const place = reads === "windows" ? `node ${node + 1} of ${nodes.length}` : `position ${node + first + 1}`
  const sight = seen.length === 1 ? `sees “${seen[0]}”` : `sees ${seen.length} symbols, “${seen.join("")}”`
  return `${name.split(" · ")[0]}, ${place}: ${sight}; ${channels} numbers, the row's up to ±${rows[level].scale.toPrecision(2)}`
}

/** The node that an arrow key leads to. */
function neighbour({ rows }: Layout, { level, node }: Place, key: string): Place | undefined {
  const across = { ArrowLeft: -1, ArrowRight: 1 }[key]
  const along = { ArrowDown: -1, ArrowUp: 1 }[key]
  const isThere = (at: number, k: number) => rows[at]?.nodes[k]?.values !== undefined
  if (across !== undefined) return isThere(level, node + across) ? { level, node: node + across } : undefined
  if (along === undefined || !rows[level + along]) return undefined
  const nodes = rows[level + along].nodes.filter(({ node }) => isThere(level + along, node))
  const here = rows[level].nodes[node]
  const distance = (k: number) => Math.abs(nodes[k].x + nodes[k].width / 2 - here.x - here.width / 2)
  const nearest = nodes.reduce((best, _, k) => (distance(k) < distance(best) ? k : best), 0)
  return nodes[nearest] && { level: level + along, node: nodes[nearest].node }
}
