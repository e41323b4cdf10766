/**
 * A training's stream, written into its run as it passes: losses, validation losses, checkpoints. Whoever stops pulling it has
 * a checkpoint of the last step pulled. With patience the best numbers are kept as well, and the stream ends when the
 * validation loss has not become better for so many times.
 */
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { diagnose } from "../training/diagnostics.ts"
import type { Step, Training } from "../training/train.ts"
import { type Metrics, readMetrics } from "./metrics.ts"
import type { Run } from "./run.ts"

export interface RecordedStep extends Step {
  /** Whether it is in the metrics. */
  readonly logged: boolean
  /** After the step, where it was asked for. */
  readonly validation?: number
  readonly accuracy?: number
}

/** Of the validation part: the loss, and of a model that foretells classes how many are right. */
export interface Validation {
  readonly validation: number
  readonly accuracy?: number
}

/** `evaluate` looks at the model as it is at the moment. */
export async function* record(
  run: Run,
  model: Model,
  training: Training,
  evaluate: () => Promise<Validation>,
): AsyncGenerator<RecordedStep> {
  const { steps, logEvery, checkpointEvery, evaluateEvery, patience } = run.config.recipe
  const best = bestOf(patience === undefined ? [] : await readMetrics(run.store))
  if (patience !== undefined && best.since >= patience) return
  let last: Step | undefined
  const save = async () => {
    await training.synchronize()
    // A step's loss is from before its update.
    if (last && !model.parameters().every(({ data }) => data.every(Number.isFinite)))
      throw diverged(run, last, firstFault(model), Math.max(kept, 0))
    await run.save(model, training.state())
  }
  let taken = run.checkpoint?.training.steps ?? 0
  let kept = run.checkpoint ? taken : -1
  let failed = false
  try {
    for await (const step of training) {
      taken = step.number + 1
      last = step
      if (!Number.isFinite(step.loss))
        throw diverged(run, step, await faultIn(model, training), Math.max(kept, 0))
      const logged = step.number % logEvery === 0
      if (logged) {
        const { number, ...told } = step
        await run.log({ step: number, ...told })
      }
      let found: Validation | undefined
      if (evaluateEvery > 0 && taken % evaluateEvery === 0 && (taken < steps || patience)) {
        await training.synchronize()
        found = await evaluate()
        await run.log({ step: taken, ...found })
        if (best.hear({ step: taken, ...found }) && patience) await run.save(model, training.state(), "best")
      }
      if (taken % checkpointEvery === 0 || taken === steps) {
        await save()
        kept = taken
      }
      yield { ...step, logged, ...found }
      if (patience !== undefined && best.since >= patience) return
    }
  } catch (error) {
    failed = true
    throw error
  } finally {
    if (!failed && kept < taken) await save()
  }
}

/** The best of the validation losses heard, and how many have come since. */
function bestOf(metrics: readonly Metrics[]) {
  let least = Number.POSITIVE_INFINITY
  const best = {
    since: 0,
    /** After how many steps. */
    step: 0,
    hear({ step, validation }: Metrics): boolean {
      const better = validation !== undefined && validation < least
      if (better) Object.assign(best, { since: 0, step })
      else best.since++
      if (better) least = validation
      return better
    },
  }
  for (const each of metrics) if (each.validation !== undefined && each.train === undefined) best.hear(each)
  return best
}

/** Where the forward pass of the step pulled last first leaves the numbers. */
async function faultIn(model: Model, training: Training): Promise<string> {
  const rows = await training.takeBack()
  const already = firstFault(model)
  if (already) return already
  const { layers } = await diagnose(model, training.data, { rows })
  const layer = layers.find(({ activation }) => !Number.isFinite(activation.mean))
  return layer ? `${layer.path} (${layer.type})` : "the loss"
}

/** The first of the model's numbers that is none. */
const firstFault = (model: Model): string | undefined =>
  model.namedVariables().find(([, { data }]) => !data.every(Number.isFinite))?.[0]

const diverged = (run: Run, { number, loss, rate }: Step, where = "the loss", kept = 0): UserError =>
  new UserError(
    `step ${number}, of loss ${loss}, leads beyond all numbers, first in ${where}: the learning rate ${rate} is too high for this model, or ` +
      `the gradients want clipping (--clip-norm): begin another run; ${run.folder} is kept as it was after ${kept} steps`,
  )
