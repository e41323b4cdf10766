/** What a training at the command line has that others do not: somebody who watches, presses Ctrl-C, and reads in bold. */
import type { TrainingRequest } from "../runs/run-training.ts"
import { catchInterrupts } from "./interrupt.ts"
import { bold, dim, green, notice } from "./output.ts"
import { showSampling } from "./progress.ts"
import { showLoading } from "./show-loading.ts"

export const attended = (): Omit<TrainingRequest, "given"> => ({
  loading: showLoading(),
  notice,
  interrupts: catchInterrupts,
  style: { bold, dim, green },
  onProgress: showSampling(),
})
