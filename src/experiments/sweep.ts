/** A whole sweep as a stream of events: keeps all workers busy with the trials of a study until none is left. */

import type { Study } from "./study.ts"
import type { Outcome, Trial, TrialProgress } from "./trial.ts"
import { WorkerLostError, type Workers } from "./workers.ts"

export type SweepEvent =
  | { readonly kind: "started"; readonly trial: Trial }
  | { readonly kind: "ended"; readonly trial: Trial; readonly outcome: Outcome }
  /** Its worker died; the trial will be resumed. */
  | { readonly kind: "lost"; readonly trial: Trial; readonly reason: string }

export interface SweepOptions {
  /** Makes all trials stop with a checkpoint. */
  readonly signal?: AbortSignal
  readonly onProgress?: (trial: Trial, progress: TrialProgress) => void
}

/** A trial whose workers died so often fails: it takes them with it, as one that needs too much memory does. */
const MOST_LOSSES = 5

export async function* runSweep(
  study: Study,
  workers: Workers,
  { signal, onProgress }: SweepOptions = {},
): AsyncGenerator<SweepEvent> {
  const running = new Map<string, Promise<SweepEvent & { kind: "ended" | "lost" }>>()
  const losses = new Map<string, number>()
  const train = async (trial: Trial): Promise<SweepEvent & { kind: "ended" | "lost" }> => {
    try {
      const outcome = await workers.train(trial, {
        signal,
        onProgress: (progress) => onProgress?.(trial, progress),
      })
      return { kind: "ended", trial, outcome }
    } catch (error) {
      if (!(error instanceof WorkerLostError)) throw error
      const count = (losses.get(trial.name) ?? 0) + 1
      losses.set(trial.name, count)
      if (count < MOST_LOSSES) return { kind: "lost", trial, reason: error.message }
      const problem = `its worker died ${count} times (${error.message}), as one that runs out of memory does: give a smaller model, or fewer --workers`
      return { kind: "ended", trial, outcome: { kind: "failed", problem } }
    }
  }
  for (;;) {
    while (running.size < workers.count && !signal?.aborted) {
      const trial = await study.next()
      if (!trial) break
      running.set(trial.name, train(trial))
      yield { kind: "started", trial }
    }
    if (running.size === 0) return
    const event = await Promise.race(running.values())
    running.delete(event.trial.name)
    await study.tell(event.trial, event.kind === "ended" ? event.outcome : { kind: "stopped" })
    yield event
  }
}
