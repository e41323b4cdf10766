/** The running statistics of each BatchNorm as strips of cells, a cell a channel: a strip for each position, or one for all. */
import { useSignal } from "@preact/signals"
import { useMemo } from "preact/hooks"
import type { Statistics } from "../trainer/questions/batch-norm.ts"
import type { Pair } from "./batch-norm.tsx"
import { type CellRow, Cells } from "./cells.tsx"
import { Switch } from "./switch.tsx"
import { useSize } from "./use-size.ts"

const shown = ["means", "deviations"] as const
const kinds = ["bug", "repaired"] as const
const titles: Pair<string> = { bug: "with the bug, by position", repaired: "without, pooled" }
const GUTTER = 128
const TITLE = 20

export function StatisticsStrips(all: Pair<readonly Statistics[]>) {
  const kind = useSignal<(typeof shown)[number]>("means")
  const [ref, { width, height }] = useSize()
  const { bug, repaired } = all
  const { rows, labels } = useMemo(
    () => layOut({ bug, repaired }, kind.value, { width, height }),
    [bug, repaired, kind.value, width, height],
  )
  return (
    <div class="statistics">
      <div class="head">
        <Switch legend="Running statistics" choices={shown} chosen={kind} />
        <p>{sentence(bug[0], kind.value)}</p>
      </div>
      <div class="strips" ref={ref}>
        <Cells rows={rows} />
        <svg width={width} height={height} aria-hidden="true">
          {labels.map(({ text, y, kind }) => (
            <text key={`${kind} ${text}`} x="0" y={y} class={`strip-name ${kind}`}>
              {text}
            </text>
          ))}
        </svg>
      </div>
    </div>
  )
}

/** How much the positions of the first layer differ: what the bug learns of each on its own. */
function sentence(first: Statistics | undefined, kind: (typeof shown)[number]): string {
  if (!first) return ""
  const { channels: C, [kind]: numbers } = first
  const P = numbers.length / C
  let sum = 0
  for (let c = 0; c < C; c++) {
    const ofPositions = Array.from({ length: P }, (_, p) => numbers[p * C + c])
    const mean = ofPositions.reduce((a, b) => a + b) / P
    sum += Math.sqrt(ofPositions.reduce((squares, x) => squares + (x - mean) ** 2, 0) / P)
  }
  return `In layer 1 the ${kind} of the ${P} positions lie ${(sum / C).toFixed(2)} apart, on average.`
}

interface Label {
  readonly text: string
  readonly y: number
  readonly kind: string
}

function layOut(
  all: Pair<readonly Statistics[]>,
  kind: (typeof shown)[number],
  { width, height }: { readonly width: number; readonly height: number },
): { readonly rows: CellRow[]; readonly labels: Label[] } {
  const strips = kinds.flatMap((which) =>
    all[which].flatMap(({ channels, [kind]: numbers }, layer) => {
      const positions = numbers.length / channels
      return Array.from({ length: positions }, (_, p) => ({
        ...{ which, layer },
        values: numbers.subarray(p * channels, (p + 1) * channels),
        text: positions > 1 ? `layer ${layer + 1}, node ${p + 1}` : `layer ${layer + 1}`,
      }))
    }),
  )
  const gaps = kinds.reduce((sum, which) => sum + Math.max(0, all[which].length - 1), 0)
  const pitch = Math.max(6, Math.min(24, (height - 2 * TITLE - 4 * gaps) / Math.max(1, strips.length)))
  const labels: Label[] = []
  const rows: CellRow[] = []
  let y = 0
  for (const which of kinds) {
    labels.push({ text: titles[which], y: y + TITLE / 2, kind: `${which}-title` })
    y += TITLE
    for (let layer = 0; layer < all[which].length; layer++) {
      const own = strips.filter((strip) => strip.which === which && strip.layer === layer)
      // A layer has one scale in both networks, so that they can be compared.
      const both = kinds.flatMap((each) => Array.from(all[each][layer]?.[kind] ?? []))
      const scale = both.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12)
      const nodes = own.map(({ values, text }) => {
        labels.push({ text, y: y + pitch / 2, kind: which })
        const box = { x: GUTTER, y: y + 1, width: width - GUTTER, height: pitch - 2, values }
        y += pitch
        return box
      })
      rows.push({ scale, nodes, lines: 1 })
      y += 4
    }
  }
  return { rows, labels }
}
