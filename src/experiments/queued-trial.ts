/**
 * What both sides of a queue know: the trial as it travels, and where in Redis it and its run are. `queue.ts` hands trials over and takes
 * their runs back; `take-trials.ts` takes trials, and `pool-worker.ts` trains them.
 */
import type { Redis } from "ioredis"
import type { LoadOptions } from "../data/load-options.ts"
import { redisStore } from "./redis-store.ts"
import type { Trial } from "./trial.ts"

/** The name of a queue that is given none. */
export const QUEUE = "sweeps"

/** The names of all keys begin with it. */
export const PREFIX = "makewave"

export interface QueuedTrial extends Trial {
  /** Of makewave, which workers must have too. */
  readonly version: string
  /** The SHA-256 of the bytes of its data, if that is a file. */
  readonly file?: string
}

/** A run in Redis. */
export interface QueuedRun {
  readonly url: string
  /** The name of the queue. */
  readonly queue: string
  readonly trial: QueuedTrial
}

/** A trial is a job for each rung. */
export const jobOf = ({ name, until }: Trial): string => `${name}-${until ?? "end"}`

export const storeIn = (client: Redis, queue: string, { name }: Trial) =>
  redisStore(client, `${PREFIX}:${queue}:run:${name}`)

/** A key that is there while a job is to stop with a checkpoint. */
export const stopKey = (queue: string, job: string): string => `${PREFIX}:${queue}:stop:${job}`

export const fileKey = (queue: string, sha256: string): string => `${PREFIX}:${queue}:file:${sha256}`

/** What a worker needs to load the data of a trial, which it may have no file of. */
export async function loadingOf(client: Redis, queue: string, { file }: QueuedTrial): Promise<LoadOptions> {
  if (file === undefined) return {}
  const bytes = await client.getBuffer(fileKey(queue, file))
  if (bytes === null) throw new Error("its data is no longer in Redis")
  return { bytes: new Uint8Array(bytes) }
}
