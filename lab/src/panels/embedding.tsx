/** The symbols as points: their first two numbers, or the two directions in which all of them differ most; and which lie nearest to which. */
import { useSignal } from "@preact/signals"
import { useMemo, useRef } from "preact/hooks"
import { trainer } from "../session.ts"
import { Term } from "../term.tsx"
import type { EmbeddingRows } from "../trainer/questions/embedding.ts"
import { shown } from "./tree-layout.ts"
import { useAnswer } from "./use-answer.ts"
import { useSize } from "./use-size.ts"

const NEAREST = 5

const views = ["principal components", "first two numbers"] as const

export function Embedding() {
  const { answer, problem } = useAnswer("embedding", {})
  if (!answer) return <p class="nothing">{problem}</p>
  if (answer.width === 0)
    return <p class="nothing">This network has no embedding: it is a table of logits.</p>
  return <Plane {...answer} />
}

const isVowel = (symbol: string): boolean =>
  /^[aeiouy]$/.test(symbol.normalize("NFD").toLowerCase().slice(0, 1))

function Plane({ ids, numbers, width: D, components, explained, step }: EmbeddingRows) {
  const all = trainer.value?.opened.value?.symbols ?? []
  const symbols = ids.map((id) => shown(all[id] ?? "blank"))
  const many =
    symbols.length < all.length
      ? `the ${symbols.length} most frequent symbols of ${all.length.toLocaleString("en")}`
      : `${symbols.length} symbols`
  const nameOf = (row: number) => (ids[row] === 0 ? "the end" : symbols[row])
  const viewed = useSignal<(typeof views)[number]>(views[0])
  const chosen = useSignal<number | undefined>(undefined)
  const [ref, { width, height }] = useSize()
  const before = useRef<Float32Array | undefined>(undefined)
  const isOfComponents = viewed.value === views[0]
  const points = useMemo(() => {
    if (!isOfComponents)
      return Float32Array.from({ length: 2 * symbols.length }, (_, k) => numbers[(k >> 1) * D + (k % 2)] ?? 0)
    // A component may as well point the other way: it stays the way it was.
    const signs = [0, 1].map((axis) => {
      const same = components.reduce(
        (sum, x, k) => sum + (k % 2 === axis ? x * (before.current?.[k] ?? 0) : 0),
        0,
      )
      return same < 0 ? -1 : 1
    })
    before.current = components.map((x, k) => x * signs[k % 2])
    return before.current
  }, [numbers, components, isOfComponents])
  const place = placer(points, { width, height })
  const at = chosen.value
  const near = at === undefined ? [] : nearest(numbers, D, at)
  return (
    <div class="embedding">
      <div class="picture" ref={ref}>
        {width > 0 && (
          <svg width={width} height={height} aria-hidden="true">
            {at !== undefined &&
              near.map(({ id }) => {
                const [a, b] = [place(at), place(id)]
                return <line key={id} x1={a.x} y1={a.y} x2={b.x} y2={b.y} />
              })}
          </svg>
        )}
        {width > 0 &&
          symbols.map((symbol, id) => {
            const { x, y } = place(id)
            const kind = id === at ? "marked" : near.some((each) => each.id === id) ? "near" : ""
            const choose = () => {
              chosen.value = id
            }
            return (
              <button
                key={id}
                type="button"
                class={`point ${isVowel(symbol) ? "vowel" : ""} ${kind}`}
                style={{ transform: `translate(${x}px, ${y}px)` }}
                aria-label={nameOf(id)}
                onMouseEnter={choose}
                onFocus={choose}
              >
                {symbol}
              </button>
            )
          })}
      </div>
      <div class="aside">
        <label class="wide">
          <span>
            The <Term name="embedding" /> in two dimensions
          </span>
          <select
            value={viewed.value}
            onChange={({ currentTarget }) => {
              viewed.value = currentTarget.value as (typeof views)[number]
            }}
          >
            {views.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <p>
          {isOfComponents
            ? `They hold ${Math.round(100 * explained)} % of how ${many}, of ${D} numbers each, differ.`
            : `2 of the ${D} numbers of each of ${many}.`}{" "}
          After {step.toLocaleString("en")} steps. <b class="vowel">Vowels</b> are marked.
        </p>
        <label>
          nearest to
          <select
            class="fits"
            value={at ?? ""}
            onChange={({ currentTarget: { value } }) => {
              chosen.value = value === "" ? undefined : Number(value)
            }}
          >
            <option value="">choose</option>
            {symbols.map((_, id) => (
              <option key={id} value={id}>
                {nameOf(id)}
              </option>
            ))}
          </select>
        </label>
        {near.length > 0 ? (
          <ol>
            {near.map(({ id, distance }) => (
              <li key={id}>
                <b class={isVowel(symbols[id]) ? "vowel" : ""}>{symbols[id]}</b> {distance.toFixed(2)} away
              </li>
            ))}
          </ol>
        ) : (
          <p>Point at a symbol, or choose one, to see which lie nearest in all {D} dimensions.</p>
        )}
      </div>
    </div>
  )
}

/** From points to pixels, both axes with one scale. */
function placer(
  points: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
) {
  const extent = [0, 1].map((axis) => {
    const along = points.filter((_, k) => k % 2 === axis)
    return [Math.min(...along), Math.max(...along)]
  })
  const [spanX, spanY] = extent.map(([least, most]) => most - least || 1)
  const scale = Math.min((width - 36) / spanX, (height - 36) / spanY)
  const center = (axis: number) => (extent[axis][0] + extent[axis][1]) / 2
  return (id: number) => ({
    x: width / 2 + scale * (points[2 * id] - center(0)),
    y: height / 2 - scale * (points[2 * id + 1] - center(1)),
  })
}

/** By Euclidean distance in all dimensions. */
function nearest(numbers: Float32Array, D: number, at: number) {
  return Array.from({ length: numbers.length / D }, (_, id) => {
    let squares = 0
    for (let d = 0; d < D; d++) squares += (numbers[id * D + d] - numbers[at * D + d]) ** 2
    return { id, distance: Math.sqrt(squares) }
  })
    .filter(({ id }) => id !== at)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, NEAREST)
}
