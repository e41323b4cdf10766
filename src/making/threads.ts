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

/** The curves, in the order of the jobs. The time that is left is shared by the jobs that are left. The first fault ends all of them. */
export async function learningCurves(
  jobs: readonly Job[],
  { threads = cores(), milliseconds = Infinity, signal, onStep }: ThreadOptions = {},
): Promise<Curve[]> {
  const curves: Curve[] = []
  const count = Math.min(threads, jobs.length)
  const end = performance.now() + milliseconds
  const failure = new AbortController()
  const either = AbortSignal.any(signal ? [signal, failure.signal] : [failure.signal])
  let next = 0
  const take = async (measure: Measure) => {
    while (next < jobs.length) {
      either.throwIfAborted()
      const job = next++
      const rounds = Math.ceil((jobs.length - job) / count)
      const milliseconds = (end - performance.now()) / rounds
      curves[job] = await measure({ ...jobs[job], milliseconds }, (step) => onStep?.(job, step))
    }
  }
  if (count < 2 || !isInNode) await take((job, onStep) => learningCurve(job, { onStep, signal }))
  else {
    const ends = Array.from({ length: count }, () =>
      onThread(take, either).catch((error) => failure.abort(error)),
    )
    await Promise.all(ends)
    either.throwIfAborted()
  }
  return curves
}

type Measure = (job: CurveJob, onStep: (step: number) => void) => Promise<Curve>

const isInNode = globalThis.process?.versions?.node !== undefined

const cores = (): number => (isInNode ? node().getBuiltinModule("node:os").availableParallelism() : 1)

/** Calls `use` with a function that measures on a thread of its own, which ends with it. */
async function onThread(use: (measure: Measure) => Promise<void>, signal: AbortSignal): Promise<void> {
  const { Worker } = node().getBuiltinModule("node:worker_threads")
  // Beside this file, with the extension that it has: .ts in a checkout, .js where the package is installed.
  const file = new URL(import.meta.url.replace(/threads(?=\.\w+$)/, "curve-worker"))
  const worker = new Worker(file, { execArgv: [] }) // --input-type, of a program given with --eval, is refused for a file
  // Only asked to stop: a thread that is terminated while ONNX Runtime runs takes the process with it.
  const stop = () => worker.postMessage("stop")
  signal.addEventListener("abort", stop, { once: true })
  const failed = new Promise<never>((_, reject) => worker.once("error", reject))
  const measure: Measure = (job, onStep) =>
    new Promise<Curve>((resolve, reject) => {
      const receive = (message: Message) => {
        if ("step" in message) return onStep(message.step)
        worker.off("message", receive)
        if ("curve" in message) resolve(message.curve)
        else reject(signal.aborted ? signal.reason : new UserError(message.problem))
      }
      worker.on("message", receive)
      worker.postMessage(job)
    })
  try {
    await Promise.race([use(measure), failed])
  } finally {
    failed.catch(() => {})
    signal.removeEventListener("abort", stop)
    await worker.terminate()
  }
}
