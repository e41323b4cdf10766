/** The error that a training ends with when a loss is NaN or infinite. */
import { UserError } from "../errors.ts"
import type { TrainingProgress } from "./training-state.ts"

/** A loss that is not finite. The module and the training are as they were before its step. */
export class DivergenceError extends UserError {
  /** The number of steps taken before it. */
  readonly step: number
  readonly loss: number
  readonly rate: number
  /** The rows of the data that the step read. */
  readonly rows: Int32Array
  /** The steps since the previous pull, without this one. */
  readonly before: Pick<TrainingProgress, "losses" | "rates" | "reports">

  constructor({ step, loss, rate, rows, before }: Omit<DivergenceError, keyof Error>) {
    super(
      `train: the loss after ${step} steps is ${loss}, at a learning rate of ${Number(rate.toPrecision(4))}: lower the rate, or clip the gradients (clipNorm)`,
    )
    this.step = step
    this.loss = loss
    this.rate = rate
    this.rows = rows
    this.before = before
  }
}
