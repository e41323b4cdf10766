/** A process that trains one trial at a time. `pool.ts` starts it. */
import type { PoolCommand, PoolMessage, PoolTask } from "./pool.ts"
import { type Outcome, trainTrial } from "./trial.ts"

// The terminal sends Ctrl-C to all its processes. The sweep tells its own when to stop.
process.on("SIGINT", () => {})
// A sweep that was killed closes the channel. What it would do with the rest is decided when it starts again.
process.on("disconnect", () => process.exit())

/** In milliseconds. */
const BETWEEN_REPORTS = 100

export default async function train({ trial, folder }: PoolTask): Promise<Outcome> {
  const stopping = new AbortController()
  const listen = (message: PoolCommand | object) => {
    if (message === "stop") stopping.abort()
  }
  process.on("message", listen)
  let told = 0
  try {
    return await trainTrial(trial, folder, {
      signal: stopping.signal,
      onProgress(progress) {
        if (performance.now() - told < BETWEEN_REPORTS) return
        told = performance.now()
        process.send?.({ progress } satisfies PoolMessage)
      },
    })
  } finally {
    process.off("message", listen)
  }
}
