/** A worker thread that measures learning curves, one at a time. `threads.ts` starts it in Node. */
import { node } from "../data/disk.ts"
import { UserError } from "../errors.ts"
import { type CurveJob, learningCurve } from "./learning-curve.ts"

const port = node().getBuiltinModule("node:worker_threads").parentPort!

port.on("message", async (job: CurveJob) => {
  try {
    port.postMessage({ curve: await learningCurve(job, (step) => port.postMessage({ step })) })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    port.postMessage({ problem: error.message })
  }
})
