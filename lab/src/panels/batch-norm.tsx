/**
 * Two trees from one seed: one with the BatchNorm bug of the lecture's 38:50, which keeps statistics for each position, and one without. They
 * are trained on request, as they take the processor, and end when the panel is left.
 */
import { useSignal } from "@preact/signals"
import { useEffect } from "preact/hooks"
import { useEvery } from "../every.ts"
import { presets } from "../presets.ts"
import { Term } from "../term.tsx"
import { openTrainer, type Trainer } from "../trainer/client.ts"
import type { Statistics } from "../trainer/questions/batch-norm.ts"
import { LossDuel } from "./loss-duel.tsx"
import { StatisticsStrips } from "./statistics-strips.tsx"

const STEPS = 2000
const MILLISECONDS = 500

const bugged = presets.find(({ settings }) => settings.batchNormBug)!.settings

export interface Pair<T> {
  readonly bug: T
  readonly repaired: T
}

const isOver = ({ state, step }: Trainer): boolean =>
  state.value === "failed" || (state.value === "paused" && step.value >= STEPS)

export function BatchNorm() {
  const pair = useSignal<Pair<Trainer> | undefined>(undefined)
  const found = useSignal<Pair<readonly Statistics[]> | undefined>(undefined)
  const close = () => {
    void pair.peek()?.bug.close()
    void pair.peek()?.repaired.close()
  }
  useEffect(() => close, [])

  const { bug, repaired } = pair.value ?? {}
  const isTraining = bug && repaired && !(isOver(bug) && isOver(repaired))
  const ask = async () => {
    if (!bug?.opened.peek() || !repaired?.opened.peek()) return
    try {
      const [ofBug, ofRepaired] = await Promise.all([bug.ask("batchNorm", {}), repaired.ask("batchNorm", {})])
      found.value = { bug: ofBug, repaired: ofRepaired }
    } catch {
      // One of the trainers is gone, and its failure is shown.
    }
  }
  useEvery(isTraining ? MILLISECONDS : 2 ** 30, ask, [bug, repaired, isTraining])

  const begin = () => {
    close()
    found.value = undefined
    const open = (name: string, batchNormBug: boolean) => {
      const trainer = openTrainer({ settings: { ...bugged, batchNormBug }, run: name, isPassing: true })
      trainer.train(STEPS)
      return trainer
    }
    pair.value = { bug: open("with-the-bug", true), repaired: open("without-the-bug", false) }
  }
  const failure = bug?.failure.value ?? repaired?.failure.value
  return (
    <div class="batch-norm">
      <div class="head">
        <button class="main" type="button" disabled={isTraining} onClick={begin}>
          {isTraining
            ? "Training both…"
            : pair.value
              ? "Train both again"
              : `Train both, ${STEPS.toLocaleString("en")} steps`}
        </button>
        {failure ? (
          <p role="alert">{failure.message}</p>
        ) : (
          <p>
            Two trees from one seed. <b class="bug-key">With the bug</b> of the lecture's 38:50,{" "}
            <Term name="BatchNorm" /> keeps a mean for each position, from 32 numbers a batch;{" "}
            <b class="repaired-key">without it</b>, all positions share one.
          </p>
        )}
      </div>
      {bug && repaired && <LossDuel bug={bug} repaired={repaired} steps={STEPS} />}
      {found.value && <StatisticsStrips {...found.value} />}
    </div>
  )
}
