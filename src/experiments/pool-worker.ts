/** A process that trains one trial at a time. `pool.ts` starts it. */
import type { Redis } from "ioredis"
import type { PoolCommand, PoolMessage, PoolTask } from "./pool.ts"
import { type Outcome, trainTrial } from "./trial.ts"

// The terminal sends Ctrl-C to all its processes. The sweep tells its own when to stop.
process.on("SIGINT", () => {})
// A sweep that was killed closes the channel. What it would do with the rest is decided when it starts again.
process.on("disconnect", () => process.exit())

/** In milliseconds. */
const BETWEEN_REPORTS = 100

export default async function train({ trial, place }: PoolTask): Promise<Outcome> {
  const stopping = new AbortController()
  const listen = (message: PoolCommand | object) => {
    if (message === "stop") stopping.abort()
  }
  process.on("message", listen)
  process.send?.({} satisfies PoolMessage)
  let told = 0
  try {
    const { store, loading } = typeof place === "string" ? { store: place } : await openQueued(place)
    return await trainTrial(trial, store, {
      loading,
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

/** Opened for the first trial of a queue, and kept. */
let connection: Promise<Redis> | undefined

async function openQueued({ url, queue, trial }: Exclude<PoolTask["place"], string>) {
  const { loadingOf, storeIn } = await import("./queued-trial.ts")
  const { openRedis } = await import("./redis.ts")
  connection ??= openRedis(url).catch((error) => {
    connection = undefined
    throw error
  })
  const client = await connection
  return { store: storeIn(client, queue, trial), loading: await loadingOf(client, queue, trial) }
}
