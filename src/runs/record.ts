/**
 * Records a training in its run: losses, validation losses, checkpoints. Ending the stream early leaves a checkpoint of the last step.
 * With patience the best checkpoint is kept as well, and the stream ends when the validation loss has not improved that many times in a
 * row.
 */
import { UserError } from "../errors.ts"
import { nonFinite } from "../nn/finite.ts"
import { DivergenceError } from "../training/divergence.ts"
import { openPace } from "../training/pace.ts"
import type { Training } from "../training/training.ts"
import type { TrainingProgress } from "../training/training-state.ts"
import { type MemberLoss, type Metrics, readMetrics } from "./metrics.ts"
import type { Run } from "./run.ts"

export interface RecordedProgress extends TrainingProgress, Partial<Validation> {
  /** The lines that were added to the metrics. */
  readonly logged: readonly Metrics[]
}

/** What is measured on the validation part. */
export interface Validation {
  /** The loss. */
  readonly validation: number
  /** With classes, the fraction of the rows that are classified correctly. */
  readonly accuracy?: number
  /** Of a mixture, the weight of the network, 0 to 1, and the losses of the network and of the counts alone. */
  readonly networkWeight?: number
  readonly networkAlone?: number
  readonly countsAlone?: number
  /** Of an ensemble. */
  readonly members?: readonly MemberLoss[]
}

export interface RecordOptions {
  /** Measures the model as it is when called. Absent without a validation part. */
  readonly evaluate?: (signal?: AbortSignal) => Promise<Validation>
  /** The maximum number of steps a pull takes, or a function that is asked before each; by default those of a quarter of a second. */
  readonly every?: number | (() => number)
  /** Asked after each pull: whether to keep a checkpoint now, besides those that are due. */
  readonly keeps?: () => boolean
  /** Takes no more than so many steps in all. */
  readonly until?: number
  /** Cuts an evaluation short. A resumed run makes up for it. */
  readonly signal?: AbortSignal
}

export async function* record(
  run: Run,
  training: Training,
  { evaluate, every, keeps, until = Infinity, signal }: RecordOptions,
): AsyncGenerator<RecordedProgress> {
  const { steps, checkpointEvery, evaluateEvery, patience } = run.config.recipe
  const { module } = training
  const isDue = (step: number) =>
    evaluate !== undefined &&
    evaluateEvery > 0 &&
    step % evaluateEvery === 0 &&
    (step < steps || patience !== undefined)
  const resumesAtDue = training.step > 0 && isDue(training.step)
  const metrics = patience !== undefined || resumesAtDue ? await readMetrics(run.store) : []
  const validations = metrics.flatMap(({ train, validation }) =>
    train === undefined && validation !== undefined ? [validation] : [],
  )
  const isOver = () => patience !== undefined && sinceBest(validations) >= patience
  if (isOver()) return
  let kept = run.checkpoint ? training.step : -1
  let failed = false
  let last: TrainingProgress | undefined
  const save = async () => {
    // The loss is from before the update, which may have made parameters infinite.
    const where = nonFinite(module)?.name
    if (last && where) throw diverged(run, last, where, kept)
    await run.save(module, training.state())
    kept = training.step
  }
  /** Undefined if the signal cuts it short. */
  const validate = async (progress: Pick<TrainingProgress, "step" | "loss" | "rate">) => {
    const found = await evaluate?.(signal).catch((error) => {
      if (!signal?.aborted) throw error
    })
    if (!found) return undefined
    if (!Number.isFinite(found.validation))
      throw diverged(run, progress, nonFinite(module)?.name ?? "the validation loss", kept)
    await run.log({ step: progress.step, ...found })
    validations.push(found.validation)
    if (patience && sinceBest(validations) === 0) await run.save(module, training.state(), "best")
    return found
  }
  const pace = openPace()
  try {
    const { step } = training
    if (resumesAtDue && !metrics.some((each) => each.step === step && each.validation !== undefined)) {
      const lastLogged = metrics.findLast(({ loss }) => loss !== undefined)
      const found = await validate({ loss: Number.NaN, rate: Number.NaN, ...lastLogged, step })
      if (!found) return
      await save()
    }
    const end = Math.min(steps, until)
    while (training.step < end) {
      const first = training.step
      const next = [checkpointEvery, evaluateEvery]
        .filter((every) => every > 0)
        .map((every) => every * (Math.floor(first / every) + 1))
      const most = typeof every === "function" ? every() : (every ?? pace.atOnce)
      const to = Math.min(end, first + most, ...next)
      const progress = await pace.time(to - first, () => training.advance(to))
      const { step } = progress
      last = progress
      const logged = await run.logLosses(progress)
      const found = isDue(step) ? await validate(progress) : undefined
      if (step % checkpointEvery === 0 || step === end || keeps?.()) await save()
      yield { ...progress, logged, ...found }
      if (isOver()) return
    }
  } catch (error) {
    failed = true
    if (!(error instanceof DivergenceError)) throw error
    await run.logLosses({ step: error.step, ...error.before })
    throw diverged(run, error, await faultIn(training, error.rows), kept)
  } finally {
    if (!failed && kept < training.step) await save()
  }
}

/** How many losses follow the lowest. */
const sinceBest = (losses: readonly number[]): number =>
  losses.length - 1 - losses.reduce((best, loss, k) => (loss < losses[best] ? k : best), 0)

/** Where the forward pass on these rows first gives a value that is not finite. */
async function faultIn({ module, data, loss }: Training, rows: Int32Array): Promise<string> {
  const already = nonFinite(module)?.name
  if (already) return already
  const { diagnose } = await import("../training/diagnostics.ts")
  const { layers } = await diagnose(module, data, { rows, loss })
  const layer = layers.find(({ activation }) => !Number.isFinite(activation.mean))
  return layer ? `${layer.path} (${layer.type})` : "the loss"
}

const diverged = (
  { folder }: Run,
  { step, loss, rate }: Pick<TrainingProgress, "step" | "loss" | "rate">,
  where: string,
  kept: number,
): UserError =>
  new UserError(
    `step ${step}, of loss ${loss}, gave a non-finite value, first in ${where}: the learning rate ${rate} is too high for this model, ` +
      `or its gradients need clipping (--clip-norm): start a new run; ${folder} is kept as it was after ${Math.max(kept, 0)} steps`,
  )
