/** The interactive options of a training run at the command line: progress, notices, Ctrl-C and styled text. */
import type { TrainingRequest } from "../runs/run-training.ts"
import { catchInterrupts } from "./interrupt.ts"
import { bold, dim, green, notice, visible } from "./output.ts"
import { showSampling } from "./progress.ts"
import { showLoading, showStage } from "./show-loading.ts"

export const attended = (): Omit<TrainingRequest, "given"> => ({
  loading: showLoading(),
  notice,
  interrupts: catchInterrupts,
  style: { bold, dim, green, visible },
  onProgress: showSampling(),
  onStage: showStage,
})
