/**
 * A worker of a queue: takes one trial after another, trains them in processes of this machine, and tells the queue how they end. While it
 * trains one it renews its claim. That of a worker that died expires, and another takes its trial up from the last checkpoint.
 * Source: BullMQ, https://docs.bullmq.io/guide/workers/stalled-jobs
 */
import { once } from "node:events"
import type { Job } from "bullmq"
import type { Redis } from "ioredis"
import { UserError } from "../errors.ts"
import { version } from "../version.ts"
import { openPool } from "./pool.ts"
import { PREFIX, QUEUE, type QueuedTrial, stopKey } from "./queued-trial.ts"
import { loadBullMQ, openRedis } from "./redis.ts"
import type { Outcome, TrialProgress } from "./trial.ts"

/** In milliseconds. The trial of a dead worker is taken up after the sum of these at the latest. */
const CLAIM_EXPIRES = 10_000
const BETWEEN_LOOKS_FOR_THE_DEAD = 5000
const BETWEEN_REPORTS = 500

export type WorkerEvent =
  | { readonly kind: "taken"; readonly trial: QueuedTrial }
  | { readonly kind: "progress"; readonly trial: QueuedTrial; readonly progress: TrialProgress }
  | { readonly kind: "ended"; readonly trial: QueuedTrial; readonly outcome: Outcome }
  /** Its process died, or the queue gave it to another worker. */
  | { readonly kind: "lost"; readonly trial: QueuedTrial; readonly reason: string }

export interface TakeOptions {
  /** The name of the queue. */
  readonly name?: string
  /** The number of trials to train at once; by default one a core. */
  readonly count?: number
  /** Ends after so many seconds without a trial; by default never. */
  readonly idle?: number
  /** Makes the trials stop with a checkpoint, and gives them back for others. */
  readonly signal: AbortSignal
  readonly notice?: (sentence: string) => void
  readonly onEvent?: (event: WorkerEvent) => void
}

type TrialJob = Job<QueuedTrial, Outcome>

/** Takes trials until it is stopped. */
export async function takeTrials(
  url: string,
  { name = QUEUE, count, idle = Infinity, signal, notice = () => {}, onEvent = () => {} }: TakeOptions,
): Promise<void> {
  const { Worker, WaitingError } = await loadBullMQ()
  const client = await openRedis(url, notice)
  const pool = openPool<QueuedTrial>((trial) => ({ url, queue: name, trial }), { count })
  const failing = new AbortController()
  const idleness = watchIdleness(idle)
  const ending = AbortSignal.any([signal, failing.signal, idleness.signal])
  /** Gives a trial back for another worker. */
  const giveBack = async (job: TrialJob, token: string): Promise<never> => {
    await job.moveToWait(token)
    throw new WaitingError()
  }
  const train = async (job: TrialJob, token: string, claim: AbortSignal): Promise<Outcome> => {
    const trial = job.data
    if (trial.version !== version) {
      failing.abort(
        new UserError(
          `the sweep is of makewave ${trial.version}, and this worker of ${version}: install the same`,
        ),
      )
      return giveBack(job, token)
    }
    onEvent({ kind: "taken", trial })
    idleness.begin()
    const reports = reportOn(client, name, job)
    try {
      const outcome = await pool.train(trial, {
        signal: AbortSignal.any([ending, reports.stop, claim]),
        onProgress(progress) {
          reports.progress = progress
          onEvent({ kind: "progress", trial, progress })
        },
      })
      if (claim.aborted)
        throw new Error("another worker has it, as this one did not reach Redis for too long")
      onEvent({ kind: "ended", trial, outcome })
      if (outcome.kind === "stopped" && !reports.stop.aborted) return await giveBack(job, token)
      return outcome
    } catch (error) {
      if (!(error instanceof WaitingError)) onEvent({ kind: "lost", trial, reason: (error as Error).message })
      throw error
    } finally {
      reports.end()
      idleness.end()
    }
  }
  const options = {
    connection: client,
    prefix: PREFIX,
    lockDuration: CLAIM_EXPIRES,
    stalledInterval: BETWEEN_LOOKS_FOR_THE_DEAD,
  }
  // One for each trial at once, so that a sweep can count them.
  const workers = Array.from({ length: pool.count }, () => {
    // BullMQ gives both to a function that takes them.
    const worker = new Worker<QueuedTrial, Outcome>(
      name,
      (job, token, claim) => train(job, token!, claim!),
      options,
    )
    worker.on("lockRenewalFailed", (jobs) => {
      for (const job of jobs) worker.cancelJob(job)
    })
    worker.on("error", () => {}) // openRedis tells of a lost connection, and a lost trial is the other worker's
    return worker
  })
  try {
    if (!ending.aborted) await once(ending, "abort")
    await Promise.all(workers.map((worker) => worker.close()))
    if (failing.signal.aborted) throw failing.signal.reason
  } finally {
    idleness.stop()
    await pool.close()
    client.disconnect()
  }
}

/** A signal that is aborted once there was nothing to do for so many seconds. */
function watchIdleness(seconds: number) {
  const controller = new AbortController()
  const wait = () => (seconds === Infinity ? undefined : setTimeout(() => controller.abort(), 1000 * seconds))
  let working = 0
  let timer = wait()
  return {
    signal: controller.signal,
    begin() {
      working++
      clearTimeout(timer)
    },
    end() {
      working--
      if (working === 0) timer = wait()
    },
    stop: () => clearTimeout(timer),
  }
}

/** Tells the queue now and then how far a trial is, and asks whether it is to stop. */
function reportOn(client: Redis, queue: string, job: TrialJob) {
  const stopping = new AbortController()
  let told: TrialProgress | undefined
  const reports = {
    progress: undefined as TrialProgress | undefined,
    stop: stopping.signal,
    end: () => clearInterval(timer),
  }
  const report = async () => {
    if (await client.exists(stopKey(queue, job.id!))) stopping.abort()
    if (reports.progress === told) return
    told = reports.progress
    await job.updateProgress({ ...told })
  }
  const timer = setInterval(() => report().catch(() => {}), BETWEEN_REPORTS)
  return reports
}
