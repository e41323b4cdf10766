/** A whole training, from a recipe or a run's folder to samples, as a stream of events, for commands, pages and sweeps. */
import type { LoadOptions } from "../data/load-options.ts"
import { requireOptions, UserError } from "../errors.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import type { Training } from "../training/training.ts"
import type { Corpus, OnStage, Results, SampleRequest, Style } from "./corpora/corpus.ts"
import { kindOf, openCorpus, type Prepared, prepare } from "./corpora/index.ts"
import { storeOf } from "./disk-store.ts"
import { freshFolder } from "./fresh-folder.ts"
import { Interrupted } from "./interrupted.ts"
import { learnerOf } from "./learners/index.ts"
import type { BeginOptions, Fit, Learned } from "./learners/learner.ts"
import { openData, requireSameData } from "./open-data.ts"
import { reopenOrigin } from "./origin.ts"
import { ownModels } from "./own-models.ts"
import { type Recipe, runtimeOf } from "./recipe.ts"
import type { RecordedProgress, RecordOptions, Validation } from "./record.ts"
import { Run } from "./run.ts"
import { withPath } from "./run-config.ts"
import type { Settings } from "./settings.ts"
import type { Store } from "./store.ts"

export interface TrainingRequest {
  readonly given: Settings
  /** The run's folder on the disk, or another store; by default runs/MODEL-DATA-TIME. */
  readonly out?: Store | string
  /** The folder or store of a run to resume. */
  readonly resume?: Store | string
  /** A file for the ONNX model of the training step. */
  readonly onnx?: string
  /** The maximum number of steps between two reports of progress, or a function that is asked before each; by default those of a quarter of a second. */
  readonly every?: RecordOptions["every"]
  /** Asked at each report of progress: whether to keep a checkpoint now, besides those that are due. */
  readonly keeps?: RecordOptions["keeps"]
  /** Turns the learning rate of the schedule into the one to train with, so that it can be changed by hand. The metrics have what it was. */
  readonly rate?: BeginOptions["rate"]
  /** Pauses the training after so many steps in all, if the recipe has more: a run that can be resumed, and its validation loss. */
  readonly until?: number
  /** The row of the lecture's performance log with this recipe. */
  readonly lecture?: number
  /** Leaves out the loss of the training part and the samples, which may take longer than a short training. */
  readonly brief?: boolean
  readonly loading?: LoadOptions
  readonly notice?: (sentence: string) => void
  /** Called when the training begins; aborting its `signal` ends the training with a checkpoint. */
  readonly interrupts?: () => { readonly signal: AbortSignal; release(): void }
  readonly style?: Style
  readonly onProgress?: SampleRequest["onProgress"]
  readonly onStage?: OnStage
}

const requestNames = [
  ...["given", "out", "resume", "onnx", "every", "keeps", "rate", "until", "lecture", "brief"],
  ...["loading", "notice", "interrupts", "style", "onProgress", "onStage"],
]

export type TrainingEvent =
  | {
      readonly kind: "begun"
      readonly run: Run
      readonly model: Learned
      /** Of a network, alone or in a mixture. */
      readonly training?: Training
      readonly corpus: Corpus
      readonly taken: number
    }
  | { readonly kind: "progress"; readonly progress: RecordedProgress }
  | {
      readonly kind: "trained"
      /** The number of steps in all. */
      readonly steps: number
      readonly seconds: number
      readonly stepsPerSecond: number
    }
  /** The last event of a brief training. Here and below there is no validation loss without a validation part. */
  | ({ readonly kind: "validated" } & Partial<Validation>)
  | ({ readonly kind: "evaluated"; readonly train: number } & Partial<Validation>)
  | { readonly kind: "sampled"; readonly results: Results }

export async function* runTraining(request: TrainingRequest): AsyncGenerator<TrainingEvent> {
  requireOptions("runTraining", request, requestNames)
  const { given, out, resume, onnx, lecture, loading, notice } = request
  const resumed = resume === undefined ? undefined : await Run.resume(resume, given)
  let run = resumed
  try {
    const { recipe, corpus, origin, members, because }: Prepared = resumed
      ? await open(resumed, given, loading)
      : await prepare(given, loading)
    const runtime = runtimeOf(recipe, notice)
    const known = run?.config.teacher
    const { onStage } = request
    const { openTeacher } = recipe.teacher === undefined ? {} : await import("./teacher.ts")
    const teacher = await openTeacher?.(recipe, { corpus, known, runtime, notice, onStage })
    const fit = await learnerOf(recipe).begin(recipe, corpus, {
      checkpoint: resumed?.checkpoint,
      origin,
      teach: teacher?.teach,
      members,
      onnx,
      rate: request.rate,
      runtime,
      onStage,
    })
    // The recipe is known to be valid from here on, so a folder may be created or changed.
    if (resumed) await resumed.goOn(notice)
    const store = storeOf(resume ?? out ?? (await freshFolder(recipe)))
    run ??= await Run.create(store, {
      recipe,
      data: withPath(store.name, { lines: corpus.size, sha256: corpus.sha256 }, recipe.data),
      vocabulary: corpus.vocabulary.toJSON(),
      parameters: fit.model.parameterCount,
      modelFile: ownModels.get(recipe.model)?.record,
      condition: corpus.condition,
      classes: corpus.classes,
      from: origin?.record,
      teacher: teacher?.record,
      members: members?.records,
      ...(lecture !== undefined && { lecture }),
      ...(because !== undefined && { because }),
    })
    yield* trainIn(run, fit, corpus, { ...request, runtime })
  } finally {
    await run?.close()
  }
}

async function* trainIn(
  run: Run,
  fit: Fit,
  corpus: Corpus,
  {
    every,
    keeps,
    until,
    brief,
    interrupts,
    style = plain,
    onProgress,
    runtime,
  }: TrainingRequest & { runtime: RuntimeOptions },
): AsyncGenerator<TrainingEvent> {
  const { model, training, generator, taken } = fit
  yield { kind: "begun", run, model, training, corpus, taken }
  const interruption = interrupts?.()
  const signal = interruption?.signal
  let steps = taken
  try {
    run.startClock(fit.seconds)
    const begin = performance.now()
    for await (const progress of fit.steps?.(run, { every, keeps, until, signal }) ?? []) {
      steps = progress.step
      yield { kind: "progress", progress }
      if (signal?.aborted) break
    }
    signal?.throwIfAborted()
    const seconds = (fit.seconds ?? 0) + (performance.now() - begin) / 1000
    yield { kind: "trained", steps, seconds, stepsPerSecond: (steps - taken) / seconds }
    await fit.settle(run, signal)

    const train = brief ? undefined : await fit.trainLoss(signal)
    const found = await fit.validate?.(signal)
    signal?.throwIfAborted()
    for (const [part, loss] of Object.entries({ training: train, validation: found?.validation }))
      if (loss !== undefined && !Number.isFinite(loss))
        throw new UserError(
          `the ${part} loss after ${steps.toLocaleString("en")} steps is ${loss}: the learning rate ${run.config.recipe.learningRate} is too high ` +
            `for this model, or its gradients need clipping (--clip-norm): start a new run; ${run.folder} is kept without this loss`,
        )
    const isPaused = steps === until && steps < run.config.recipe.steps
    await run.log({ step: steps, train, ...found, ...(!isPaused && { seconds: run.seconds }) })
    if (train === undefined) return yield { kind: "validated", ...found }
    yield { kind: "evaluated", train, ...found }

    const { folder, config } = run
    const { vocabulary, condition, classes } = corpus
    const trained = { folder, config, model, vocabulary, condition, classes, steps }
    const check = () => signal?.throwIfAborted()
    const reportProgress = (...progress: [made: number, wanted: number]) => {
      check()
      onProgress?.(...progress)
    }
    const options = { corpus, generator, style, runtime, onProgress: reportProgress, check }
    yield { kind: "sampled", results: await kindOf(config.recipe).finish(run, trained, options) }
  } catch (error) {
    throw signal?.aborted && error === signal.reason ? new Interrupted(run, steps) : error
  } finally {
    interruption?.release()
  }
}

const same = (text: string): string => text
const plain: Style = { bold: same, dim: same, green: same, visible: same }

async function open(run: Run, given: Settings, loading?: LoadOptions) {
  const opened = (recipe: Recipe) => openCorpus(recipe, loading)
  const { text, bytes, sounds } = loading ?? {}
  const corpus = await (text || bytes || sounds ? opened(run.config.recipe) : openData(run, opened, given))
  const { whole } = kindOf(run.config.recipe).words
  requireSameData(run, corpus, { data: given.data, whole })
  // A checkpoint has all that was taken.
  const origin = run.checkpoint ? undefined : await reopenOrigin(run)
  const { reopenMembers } = run.config.members ? await import("./members.ts") : {}
  return { recipe: run.config.recipe, corpus, origin, members: await reopenMembers?.(run) }
}
