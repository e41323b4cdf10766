/** Two runs side by side: in which settings they differ, their losses, both curves, and what they make. */
import { useSignal } from "@preact/signals"
import { differingSettings, valueText } from "../../../../src/experiments/differing-settings.ts"
import type { RunRow } from "../../../../src/experiments/run-row.ts"
import type { Board } from "../../runs/board.ts"
import { columns } from "./columns.ts"
import { LossChart } from "./loss-chart.tsx"

interface RunPairProps {
  readonly board: Board
  readonly keys: readonly string[]
  readonly onClose: () => void
}

export function RunPair({ board, keys, onClose }: RunPairProps) {
  const smoothing = useSignal(0.8)
  const shown = useSignal(keys.map((key, color) => ({ key, color })))
  if (
    shown
      .peek()
      .map(({ key }) => key)
      .join("\n") !== keys.join("\n")
  )
    shown.value = keys.map((key, color) => ({ key, color }))
  const runs = keys.map((key) => board.runs.value.get(key)!.value)
  const rows = runs.flatMap(({ now }) => ("recipe" in now ? [now] : []))
  if (rows.length < 2) return null
  const differing = Object.entries(differingSettings(rows.map(({ recipe }) => recipe)))
  const figures = ["state", "parameters", "steps", "train", "validation", "seconds"]

  return (
    <section class="run-pair" aria-labelledby="run-pair-title">
      <div class="runs-head">
        <h2 id="run-pair-title">Two runs side by side</h2>
        <button type="button" onClick={onClose}>
          close
        </button>
      </div>
      <table>
        <thead>
          <tr>
            <td />
            {rows.map(({ run }, k) => (
              <th key={keys[k]} scope="col" class={`curve-color-${k}`}>
                {run}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {figures.map((name) => (
            <Figures key={name} name={name} values={rows.map((row, k) => columns[name].text(row, runs[k]))} />
          ))}
        </tbody>
        <tbody>
          {differing.map(([name, values]) => (
            <Figures
              key={name}
              name={name}
              values={values.map((value) => (value === null ? "none" : valueText(value)))}
            />
          ))}
        </tbody>
      </table>
      {differing.length === 0 && <p>Their settings are the same.</p>}
      <LossChart board={board} shown={shown} smoothing={smoothing} />
      <div class="pair-samples">
        {rows.map((row, k) => (
          <Samples key={keys[k]} board={board} of={keys[k]} row={row} />
        ))}
      </div>
    </section>
  )
}

function Figures({ name, values }: { name: string; values: readonly string[] }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      {values.map((value, k) => (
        <td key={k}>{value || "–"}</td>
      ))}
    </tr>
  )
}

function Samples({ board, of, row }: { board: Board; of: string; row: RunRow }) {
  const text = board.samplesOf(of).value
  const lines = text?.split("\n").filter((line) => line !== "")
  return (
    <div>
      <h3>What {row.run} makes</h3>
      {lines === undefined ? (
        <p>…</p>
      ) : lines.length === 0 ? (
        <p>No samples yet: they are drawn when the training ends.</p>
      ) : row.recipe.running ? (
        <p class="passage">{text}</p>
      ) : (
        <ol>
          {lines.map((line, k) => (
            <li key={k}>{line.replace("\t", ", ")}</li>
          ))}
        </ol>
      )}
    </div>
  )
}
