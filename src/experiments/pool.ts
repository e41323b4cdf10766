/** Trains trials in processes of this machine, each on one thread, as many at once as there are cores. Their runs are folders on its disk. */
import { availableParallelism } from "node:os"
import { Tinypool } from "tinypool"
import type { Trial, TrialProgress } from "./trial.ts"
import { WorkerLostError, type Workers } from "./workers.ts"

/** What a process is asked to do. */
export interface PoolTask {
  readonly trial: Trial
  readonly folder: string
}

/** What a process tells meanwhile. */
export interface PoolMessage {
  readonly progress: TrialProgress
}

/** What a process is told meanwhile. */
export type PoolCommand = "stop"

/** Words that tinypool's error has for a process that died. */
const LOST = /exited unexpectedly|terminating worker/i

/** `folderOf` is the run folder of a trial. */
export function openPool(
  folderOf: (trial: Trial) => string,
  { count = availableParallelism() }: { count?: number } = {},
): Workers {
  const pool = new Tinypool({
    runtime: "child_process",
    // Beside this file, with the extension that it has: .ts in a checkout, .js where the package is installed.
    filename: new URL(import.meta.url.replace(/pool(?=\.\w+$)/, "pool-worker")).href,
    minThreads: count,
    maxThreads: count,
    execArgv: [],
  })
  pool.on("error", () => {}) // an idle process died; another one starts when there is a trial for it
  return {
    count,
    async train(trial, { signal, onProgress } = {}) {
      let stop = () => {}
      const channel = {
        onMessage: (listener: (message: unknown) => void) => {
          stop = () => listener("stop" satisfies PoolCommand)
        },
        postMessage: ({ progress }: PoolMessage) => onProgress?.(progress),
      }
      const onAbort = () => stop()
      signal?.addEventListener("abort", onAbort, { once: true })
      try {
        const task: PoolTask = { trial, folder: folderOf(trial) }
        return await pool.run(task, { channel })
      } catch (error) {
        throw LOST.test((error as Error).message) ? new WorkerLostError((error as Error).message) : error
      } finally {
        signal?.removeEventListener("abort", onAbort)
      }
    },
    close: () => pool.destroy(),
  }
}
