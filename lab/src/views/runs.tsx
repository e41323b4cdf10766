/** The view of runs: a table of all, the curves of those that are drawn, and two side by side. */
import { useComputed, useSignal } from "@preact/signals"
import { useEffect } from "preact/hooks"
import { openRun } from "../open-run.ts"
import { type Board, openBoard } from "../runs/board.ts"
import { sources } from "../runs/sources.ts"
import { Term } from "../term.tsx"
import { CurveTable } from "./runs/curve-table.tsx"
import { LossChart } from "./runs/loss-chart.tsx"
import { RunPair } from "./runs/run-pair.tsx"
import { RunsTable } from "./runs/runs-table.tsx"

/** It stays when another view is shown, so that nothing is fetched again. */
const board = openBoard(sources)

export function RunsView() {
  useEffect(() => board.watch(), [])
  const pair = useSignal<readonly string[]>([])
  const lit = useSignal<string | undefined>(undefined)
  const smoothing = useSignal(0.8)
  const failure = useSignal("")
  const present = useComputed(() => pair.value.filter((key) => board.runs.value.has(key)))
  const drawn = useComputed(() => [...board.drawn.value].map(([key, color]) => ({ key, color })))

  /** Shows the sentence of what fails. */
  const attempt = (act: Promise<void>) => {
    failure.value = ""
    act.catch((error: Error) => {
      failure.value = error.message
    })
  }

  const inPair = (key: string) => {
    const others = present.value.filter((each) => each !== key)
    pair.value = others.length < present.value.length ? others : [...others.slice(-1), key]
  }

  return (
    <main class={present.value.length === 2 ? "runs with-pair" : "runs"}>
      <section class="runs-curves" aria-labelledby="runs-curves-title">
        <div class="runs-head">
          <h2 id="runs-curves-title">
            <Term name="loss">Losses</Term> of batches, <Term name="smoothed loss">smoothed</Term>; dots:{" "}
            <Term name="validation" />
          </h2>
          <span class="runs-lit" aria-hidden="true">
            {lit.value === undefined ? "" : nameOf(board, lit.value)}
          </span>
          <label>
            smoothing
            <input
              type="range"
              min="0"
              max="0.99"
              step="0.01"
              value={smoothing}
              onInput={({ currentTarget }) => {
                smoothing.value = currentTarget.valueAsNumber
              }}
            />
          </label>
        </div>
        <LossChart board={board} shown={drawn} lit={lit} smoothing={smoothing} />
        <CurveTable board={board} shown={drawn} />
      </section>
      <section class="runs-list" aria-labelledby="runs-list-title">
        <Lost board={board} />
        <RunsTable
          board={board}
          pair={present}
          lit={lit}
          onPair={inPair}
          attempt={attempt}
          onOpen={({ source, now }) => attempt(openRun(source, now.run))}
        />
        <p role="status">{failure}</p>
      </section>
      {present.value.length === 2 && (
        <RunPair
          board={board}
          keys={present.value}
          onClose={() => {
            pair.value = []
          }}
        />
      )}
    </main>
  )
}

/** Says that the server of the disk's runs has gone. */
function Lost({ board }: { board: Board }) {
  const isLost = [...board.lost.value].some(({ place }) => place === "disk")
  return isLost ? (
    <p role="alert">
      makewave lab does not answer: this is how things last stood. Start it again, and this page catches up.
    </p>
  ) : null
}

const nameOf = (board: Board, key: string): string => board.runs.value.get(key)?.value.now.run ?? ""
