/** The curves of the drawn runs as a table, for those who do not see the chart: a few points of each, evenly spaced. */
import { type ReadonlySignal, useSignal } from "@preact/signals"
import type { Board } from "../../runs/board.ts"
import { type Losses, thinned } from "../../runs/curve.ts"
import type { ShownRun } from "./loss-chart.tsx"

/** Points of a curve. */
const MOST = 12

export function CurveTable({ board, shown }: { board: Board; shown: ReadonlySignal<readonly ShownRun[]> }) {
  const isOpen = useSignal(false)
  return (
    <details
      class="curve-table"
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open
      }}
    >
      <summary>The curves as a table</summary>
      {isOpen.value && (
        <table>
          <thead>
            <tr>
              <th scope="col">run</th>
              <th scope="col">loss of</th>
              <th scope="col">at steps</th>
            </tr>
          </thead>
          <tbody>
            {shown.value.map(({ key }) => (
              <CurveRows key={key} board={board} of={key} />
            ))}
          </tbody>
        </table>
      )}
    </details>
  )
}

function CurveRows({ board, of }: { board: Board; of: string }) {
  const { curve, version } = board.curveOf(of)
  version.value // it grows in place
  const name = board.runs.value.get(of)?.value.now.run
  const kinds: [string, Losses][] = [
    ["batches", curve.batches],
    ["validation", curve.validation],
  ]
  return (
    <>
      {kinds.map(([kind, losses]) => (
        <tr key={kind}>
          <th scope="row">{name}</th>
          <td>{kind}</td>
          <td>{pointsText(losses)}</td>
        </tr>
      ))}
    </>
  )
}

function pointsText(all: Losses): string {
  const { steps, losses } = thinned(all, MOST)
  return (
    steps.map((step, k) => `${step.toLocaleString("en")}: ${losses[k].toFixed(3)}`).join(", ") || "none yet"
  )
}
