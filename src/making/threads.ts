/** Measures learning curves on several worker threads at once in Node, since ONNX Runtime keeps its thread busy, and one by one in a page. */
import { node } from "../data/disk.ts"
import { UserError } from "../errors.ts"
import { type Curve, type CurveJob, learningCurve } from "./learning-curve.ts"

export interface ThreadOptions {
  /** By default as many as the machine has cores. */
  readonly threads?: number
  /** How long all of them may take together. */
  readonly milliseconds?: number
  readonly signal?: AbortSignal
  /** Receives the job and its step after each evaluation. */
  readonly onStep?: (job: number, step: number) => void
}

type Job = Omit<CurveJob, "milliseconds">

type Message = { readonly step: number } | { readonly curve: Curve } | { readonly problem: string }

/** The curves, in the order of the jobs. The time that is left is shared by the jobs that are left. */
export async function learningCurves(
  jobs: readonly Job[],
  { threads = cores(), milliseconds = Infinity, signal, onStep }: ThreadOptions = {},
): Promise<Curve[]> {
  const curves: Curve[] = []
  const count = Math.min(threads, jobs.length)
  const end = performance.now() + milliseconds
  let next = 0
  const take = async (measure: (job: CurveJob, onStep: (step: number) => void) => Promise<Curve>) => {
    while (next < jobs.length) {
      signal?.throwIfAborted()
      const job = next++
      const rounds = Math.ceil((jobs.length - job) / count)
      const milliseconds = (end - performance.now()) / rounds
      curves[job] = await measure({ ...jobs[job], milliseconds }, (step) => onStep?.(job, step))
    }
  }
  if (count < 2) await take(learningCurve)
  else await Promise.all(Array.from({ length: count }, () => onThread(take, signal)))
  return curves
}

const cores = (): number =>
  globalThis.process?.versions?.node ? node().getBuiltinModule("node:os").availableParallelism() : 1

/** Calls `use` with a function that measures on a thread of its own. */
async function onThread(
  use: (measure: (job: CurveJob, onStep: (step: number) => void) => Promise<Curve>) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const { Worker } = node().getBuiltinModule("node:worker_threads")
  // Beside this file, with the extension that it has: .ts in a checkout, .js where the package is installed.
  const worker = new Worker(new URL(import.meta.url.replace("threads", "curve-worker")))
  const failed = new Promise<never>((_, reject) => {
    worker.once("error", reject)
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true })
  })
  const measure = (job: CurveJob, onStep: (step: number) => void) =>
    new Promise<Curve>((resolve, reject) => {
      const receive = (message: Message) => {
        if ("step" in message) return onStep(message.step)
        worker.off("message", receive)
        if ("curve" in message) resolve(message.curve)
        else reject(new UserError(message.problem))
      }
      worker.on("message", receive)
      worker.postMessage(job)
    })
  try {
    await Promise.race([use(measure), failed])
  } finally {
    failed.catch(() => {})
    await worker.terminate()
  }
}
