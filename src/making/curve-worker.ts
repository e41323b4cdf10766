/** A worker thread that measures learning curves, one at a time. `threads.ts` starts it in Node. */
import { node } from "../data/disk.ts"
import { UserError } from "../errors.ts"
import { type CurveJob, learningCurve } from "./learning-curve.ts"

const port = node().getBuiltinModule("node:worker_threads").parentPort!
const stopping = new AbortController()

port.on("message", async (job: CurveJob | "stop") => {
  if (job === "stop") return stopping.abort()
  const { signal } = stopping
  try {
    const curve = await learningCurve(job, { signal, onStep: (step) => port.postMessage({ step }) })
    port.postMessage({ curve })
  } catch (error) {
    if (signal.aborted) port.postMessage({ problem: "stopped" })
    else if (error instanceof UserError) port.postMessage({ problem: error.message })
    else throw error
  }
})
