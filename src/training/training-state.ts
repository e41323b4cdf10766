/** What a training remembers between steps, beside the model's own numbers. A checkpoint is both. */
import type { BatchesState } from "../data/batches.ts"
import type { StateDict } from "../nn/module.ts"
import type { GeneratorState } from "../random/torch.ts"
import { AVERAGE, momentName } from "./step.ts"

/** All that a training needs, beside the model's own numbers, to go on as if it had never stopped. */
export interface TrainingState {
  /** How many steps have been taken. */
  readonly steps: number
  readonly generator: GeneratorState
  readonly batches: BatchesState
  /** The optimizer's moments, and the moving averages if there are any, by `MOMENT of PARAMETER`. */
  readonly moments: StateDict
}

/** The averages among the moments, by the names of their parameters. */
export function averagesIn(moments: StateDict): StateDict {
  const start = momentName(AVERAGE, "")
  return Object.fromEntries(
    Object.entries(moments).flatMap(([key, value]) =>
      key.startsWith(start) ? [[key.slice(start.length), value]] : [],
    ),
  )
}
