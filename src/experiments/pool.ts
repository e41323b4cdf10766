/**
 * Trains trials in processes of this machine, each on one thread, as many at once as there are cores. Their runs are folders on its disk,
 * or in Redis for those of a queue.
 */
import { availableParallelism } from "node:os"
import { Tinypool } from "tinypool"
import type { QueuedRun } from "./queued-trial.ts"
import type { Trial, TrialProgress } from "./trial.ts"
import { WorkerLostError, type Workers } from "./workers.ts"

/** What a process is asked to do. */
export interface PoolTask {
  readonly trial: Trial
  readonly place: string | QueuedRun
}

/** What a process tells when it begins, and meanwhile. */
export interface PoolMessage {
  readonly progress?: TrialProgress
}

/** What a process is told meanwhile. */
export type PoolCommand = "stop"

/** Whether an error is that a process died: tinypool's own, or those of talking to one that just did. */
const isLost = ({ message, code = "" }: NodeJS.ErrnoException): boolean =>
  /exited unexpectedly|terminating worker/i.test(message) ||
  ["EPIPE", "ECONNRESET", "ERR_IPC_CHANNEL_CLOSED"].includes(code)

/** `placeOf` is the run folder of a trial, or its place in Redis. */
export function openPool<T extends Trial>(
  placeOf: (trial: T) => PoolTask["place"],
  { count = availableParallelism() }: { count?: number } = {},
): Workers<T> {
  const pool = new Tinypool({
    runtime: "child_process",
    // Beside this file, with the extension that it has: .ts in a checkout, .js where the package is installed.
    filename: new URL(import.meta.url.replace(/pool(?=\.\w+$)/, "pool-worker")).href,
    minThreads: count,
    maxThreads: count,
    execArgv: [],
    env: { ...process.env } as Record<string, string>, // tinypool passes none on by itself
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
        postMessage({ progress }: PoolMessage) {
          if (signal?.aborted) stop() // a process that had not begun did not hear it
          if (progress) onProgress?.(progress)
        },
      }
      const onAbort = () => stop()
      signal?.addEventListener("abort", onAbort, { once: true })
      try {
        const task: PoolTask = { trial, place: placeOf(trial) }
        return await pool.run(task, { channel })
      } catch (error) {
        throw isLost(error as Error) ? new WorkerLostError((error as Error).message) : error
      } finally {
        signal?.removeEventListener("abort", onAbort)
      }
    },
    close: () => pool.destroy(),
  }
}
