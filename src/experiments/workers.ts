/**
 * The contract of what trains trials: processes of this machine (`pool.ts`), or workers anywhere that take them from a queue
 * (`queue.ts`). tests/workers.test.ts holds both to it.
 */
import type { Outcome, Trial, TrialProgress } from "./trial.ts"

export interface Workers<T extends Trial = Trial> {
  /** How many trials are worth handing over at once. */
  readonly count: number
  /**
   * Trains a trial, or resumes it where a worker left it. Rejects with a `WorkerLostError` if its worker died: the same trial may then
   * be given again, and resumes from its last checkpoint.
   */
  train(trial: T, options?: WorkerOptions): Promise<Outcome>
  /** Ends the workers. What they still train is lost since its last checkpoint. */
  close(): Promise<void>
}

export interface WorkerOptions {
  /** Makes the trial stop with a checkpoint. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: TrialProgress) => void
}

export class WorkerLostError extends Error {
  override readonly name = "WorkerLostError"
}
