/** The state of a training, and the progress that it reports. */
import type { BatchesState } from "../data/batches.ts"
import type { StateDict } from "../nn/module.ts"
import type { GeneratorState } from "../random/torch.ts"
import type { TrainedGroup } from "./parameter-groups.ts"

/** Everything that a training needs to resume exactly, besides the module's parameters and buffers. */
export interface TrainingState {
  /** How many steps have been taken. */
  readonly steps: number
  readonly generator: GeneratorState
  readonly batches: BatchesState
  /** The optimizers' moments, by the moment's name, then the parameter's. */
  readonly moments: Readonly<Record<string, StateDict>>
  /** The moving averages of the parameters, with `ema`. */
  readonly averages?: StateDict
}

/** Refuses the moments of another optimizer or of another module. */
export function checkMoments(
  moments: TrainingState["moments"],
  groups: readonly Pick<TrainedGroup, "optimizer" | "parameters">[],
): void {
  const list = (names: Iterable<string>) => [...new Set(names)].sort().join(", ") || "none"
  const kept = list(Object.keys(moments))
  const own = list(groups.flatMap(({ optimizer }) => optimizer.moments))
  if (kept !== own)
    throw new RangeError(
      `train: from is the state of another optimizer: its moments are ${kept}, and this one's ${own}`,
    )
  for (const { optimizer, parameters } of groups)
    for (const [name, { data }] of parameters)
      for (const moment of optimizer.moments) {
        const { length } = moments[moment][name]?.data ?? data
        if (length !== data.length)
          throw new RangeError(
            `train: from is the state of another module: ${name} has ${length} numbers there, and here ${data.length}`,
          )
      }
}

/** The series cover the steps since the previous pull. */
export interface TrainingProgress {
  /** How many steps have been taken. */
  readonly step: number
  /** The loss of the last step: of its batch, before its update. */
  readonly loss: number
  /** The learning rate of the last step, outside of groups. */
  readonly rate: number
  readonly losses: Float32Array
  readonly rates: Float64Array
  /** Whatever else the loss reports, by name. */
  readonly reports: Readonly<Record<string, Float32Array>>
}
