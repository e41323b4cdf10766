/**
 * Hands trials to workers on any machine through a queue in Redis, and takes their runs back into the sweep's folder. What was handed over
 * stays handed over if this process dies: the next one finds the trial in the queue, or its result.
 * Source: BullMQ, https://docs.bullmq.io
 */
import { setTimeout as delay } from "node:timers/promises"
import type { Job } from "bullmq"
import { diskStore } from "../runs/disk-store.ts"
import { files } from "../runs/run-files.ts"
import { version } from "../version.ts"
import { copyRun, moveRun } from "./move-run.ts"
import { filesIn, requirePortable } from "./queued-files.ts"
import { jobOf, PREFIX, QUEUE, type QueuedTrial, stopKey, storeIn } from "./queued-trial.ts"
import { addressOf, loadBullMQ, openRedis } from "./redis.ts"
import { KEPT } from "./redis-store.ts"
import type { Outcome, Trial, TrialProgress } from "./trial.ts"
import { WorkerLostError, type WorkerOptions, type Workers } from "./workers.ts"

/** In milliseconds. Redis is asked, as it does not say again what it said while there was no connection. */
const BETWEEN_QUESTIONS = 200
const BETWEEN_COUNTS = 1000

/** In seconds. */
const STOP_EXPIRES = 3600

/** For workers that start after the sweep. */
const FEWEST_WORKERS = 4

export interface QueueOptions {
  /** The name of the queue. */
  readonly name?: string
  /** How many trials to hand over at once; by default two for each worker, so that none waits for its next. */
  readonly count?: number
  readonly notice?: (sentence: string) => void
}

type TrialJob = Job<QueuedTrial, Outcome>

/** `folderOf` is the run folder of a trial, on this machine. A UserError if there is no Redis at the URL. */
export async function openQueue(
  url: string,
  folderOf: (trial: Trial) => string,
  { name = QUEUE, count, notice = () => {} }: QueueOptions = {},
): Promise<Workers> {
  const { Queue } = await loadBullMQ()
  const client = await openRedis(url, notice)
  const queue = new Queue<QueuedTrial, Outcome>(name, { connection: client, prefix: PREFIX })
  queue.on("error", () => {}) // openRedis tells of a lost connection
  const putFile = filesIn(client, name)
  let workers = await queue.getWorkersCount()
  if (workers === 0)
    notice(`no worker is there yet: start some with makewave worker --queue ${addressOf(url)}`)
  const countWorkers = async () => {
    workers = await queue.getWorkersCount()
  }
  const counting = setInterval(() => countWorkers().catch(() => {}), BETWEEN_COUNTS)

  /** The job once it has ended; undefined if it is no longer in the queue. */
  const endOf = async (id: string, { signal, onProgress }: WorkerOptions): Promise<TrialJob | undefined> => {
    let told = 0
    for (;;) {
      const job = await queue.getJob(id)
      if (!job || job.finishedOn !== undefined) return job
      const progress = job.progress as TrialProgress
      if (progress.step > told) onProgress?.(progress)
      told = progress.step
      if (signal?.aborted) {
        await client.set(stopKey(name, id), "", "EX", STOP_EXPIRES)
        await job.remove().catch(() => {}) // a worker is at it
      }
      await delay(BETWEEN_QUESTIONS)
    }
  }

  return {
    get count() {
      return count ?? 2 * Math.max(FEWEST_WORKERS, workers)
    },
    async train(trial, options = {}) {
      await requirePortable(trial.settings)
      const id = jobOf(trial)
      const store = storeIn(client, name, trial)
      const folder = diskStore(folderOf(trial))
      const before = await queue.getJob(id)
      const isKept = async () => [...(await store.list()), ...(await folder.list())].includes(files.config)
      const hasEnded = before?.finishedOn !== undefined
      if (!before || !isGood(before) || (hasEnded && !(await isKept()))) {
        await before?.remove()
        if ((await store.list()).length === 0) await copyRun(folder, store)
        await client.del(stopKey(name, id))
        const file = await putFile(trial.settings)
        const kept = { age: KEPT }
        await queue.add(
          "trial",
          { ...trial, version, file },
          { jobId: id, removeOnComplete: kept, removeOnFail: kept },
        )
      }
      const job = await endOf(id, options)
      if (job?.failedReason !== undefined) throw new WorkerLostError(reasonOf(job.failedReason))
      if (!job && !options.signal?.aborted) throw new WorkerLostError("it is no longer in the queue")
      await moveRun(store, folder)
      return job?.returnvalue ?? { kind: "stopped" }
    },
    async close() {
      clearInterval(counting)
      await queue.close()
      client.disconnect()
    },
  }
}

/** Whether a job that is in the queue need not be put there again: it has not ended, or is trained. */
const isGood = ({ finishedOn, failedReason, returnvalue }: TrialJob): boolean =>
  finishedOn === undefined || (failedReason === undefined && returnvalue.kind === "trained")

/** BullMQ says this of a job whose workers died more often than it gives it to others. */
const reasonOf = (failedReason: string): string =>
  /stalled/.test(failedReason) ? "its workers died" : failedReason
