/**
 * A training's stream, written into its run as it passes: losses, validation losses, checkpoints. Whoever stops pulling it has
 * a checkpoint of the last step pulled.
 */
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import type { Run } from "./run.ts"
import type { Step, Training } from "./train.ts"

export interface RecordedStep extends Step {
  /** Whether it is in the metrics. */
  readonly logged: boolean
  /** After the step, where it was asked for. */
  readonly validation?: number
}

/** `evaluate` gives the model's validation loss as it is at the moment. */
export async function* record(
  run: Run,
  model: Model,
  training: Training,
  evaluate: () => Promise<number>,
): AsyncGenerator<RecordedStep> {
  const { steps, logEvery, checkpointEvery, evaluateEvery } = run.config.recipe
  let last: Step | undefined
  const save = async () => {
    await training.synchronize()
    // A step's loss is from before its update.
    if (last && !model.parameters().every(({ data }) => data.every(Number.isFinite)))
      throw diverged(run, last, Math.max(kept, 0))
    await run.save(model, training.state())
  }
  let taken = run.checkpoint?.training.steps ?? 0
  let kept = run.checkpoint ? taken : -1
  let failed = false
  try {
    for await (const step of training) {
      taken = step.number + 1
      last = step
      if (!Number.isFinite(step.loss)) throw diverged(run, step, Math.max(kept, 0))
      const logged = step.number % logEvery === 0
      if (logged) await run.log({ step: step.number, loss: step.loss, rate: step.rate })
      let validation: number | undefined
      if (evaluateEvery > 0 && taken % evaluateEvery === 0 && taken < steps) {
        await training.synchronize()
        validation = await evaluate()
        await run.log({ step: taken, validation })
      }
      if (taken % checkpointEvery === 0 || taken === steps) {
        await save()
        kept = taken
      }
      yield { ...step, logged, validation }
    }
  } catch (error) {
    failed = true
    throw error
  } finally {
    if (!failed && kept < taken) await save()
  }
}

const diverged = (run: Run, { number, loss, rate }: Step, kept: number): UserError =>
  new UserError(
    `step ${number}, of loss ${loss}, leads beyond all numbers: the learning rate ${rate} is too high for this model, or ` +
      `the gradients want clipping (--clip-norm): begin another run; ${run.folder} is kept as it was after ${kept} steps`,
  )
