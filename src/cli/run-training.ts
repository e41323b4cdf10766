/**
 * A whole training, from a recipe or a run's folder to samples, as a stream of what happens. The commands that train print
 * it, each in its way. After Ctrl-C it ends in `Interrupted`, with everything kept.
 */
import { mkdir, writeFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { Generator } from "../random/torch.ts"
import { diskError } from "../runs/atomic-file.ts"
import type { Checkpoint } from "../runs/checkpoint.ts"
import {
  countOf,
  modelFor,
  type PreparedData,
  type PreparedText,
  prepare,
  prepareData,
  rowsOf,
} from "../runs/prepare.ts"
import { fewerToTrain, type PreparedSound } from "../runs/prepare-sound.ts"
import { createOptimizer, createSchedule, isCounted, type Recipe } from "../runs/recipe.ts"
import { type RecordedProgress, record, type Validation } from "../runs/record.ts"
import { Run, readRun } from "../runs/run.ts"
import type { Settings } from "../runs/settings.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { sampleByLabel } from "../sampling/by-label.ts"
import { openSampler } from "../sampling/sample.ts"
import { evaluate, evaluateClasses } from "../training/evaluate.ts"
import { train } from "../training/train.ts"
import { Interrupted } from "./ending.ts"
import { catchInterrupts } from "./interrupt.ts"
import { commandLine, grouped, notice } from "./output.ts"
import { countIn } from "./run-counting.ts"
import { writeSounds } from "./sample-sound.ts"
import { showLoading } from "./show-loading.ts"
import type { WrittenSound } from "./write-sound.ts"

export interface TrainingRequest {
  readonly given: Settings
  /** The run's folder; one with a name that says what and when, where it is not given. */
  readonly out?: string
  /** The folder of a run to go on with. */
  readonly resume?: string
  /** A file for the ONNX model of the training step. */
  readonly onnx?: string
  /** At most so many steps lie between two reports of progress; by default those of a quarter of a second. */
  readonly every?: number
  /** The row of the lecture's performance log that the recipe is. */
  readonly lecture?: number
}

export type TrainingEvent =
  | {
      readonly kind: "begun"
      readonly run: Run
      readonly model: { readonly parameterCount: number }
      readonly data: PreparedData
      readonly taken: number
    }
  | { readonly kind: "progress"; readonly progress: RecordedProgress }
  | {
      readonly kind: "trained"
      /** How many have been taken in all. */
      readonly steps: number
      readonly seconds: number
      readonly stepsPerSecond: number
    }
  | ({ readonly kind: "evaluated"; readonly train: number } & Validation)
  | {
      readonly kind: "sampled"
      readonly samples: readonly string[]
      /** What each was asked to be, of a model that goes by labels. */
      readonly sampleLabels?: readonly string[]
    }
  | { readonly kind: "sounded"; readonly sounds: readonly WrittenSound[] }

/** How many things a run makes at its end. */
export const SAMPLES = 20

export async function* runTraining(request: TrainingRequest): AsyncGenerator<TrainingEvent> {
  const { given, out, resume, onnx, every, lecture } = request
  const resumed = resume === undefined ? undefined : await Run.resume(resume, given)
  let run = resumed
  try {
    const loading = showLoading()
    const { recipe, data } = resumed
      ? { recipe: resumed.config.recipe, data: await prepareData(resumed.config.recipe, loading) }
      : await prepare(given, loading)
    if (resumed && data.sha256 !== resumed.config.data.sha256)
      throw new UserError(
        `${resumed.config.recipe.data}: these are not the ${"clips" in data ? "sounds" : "lines"} that ${resumed.folder} began with ` +
          `(${grouped(resumed.config.data.lines)}, and others): give it back as it was, or begin a run in another folder`,
      )
    if (isCounted(recipe) && onnx !== undefined)
      throw new UserError(
        `--onnx: the model ${recipe.model} is counted, and has no training step: leave it out`,
      )
    const prepared = isCounted(recipe)
      ? undefined
      : await prepareTraining(recipe, data, resumed?.checkpoint, onnx)
    // Only now that nothing more can be wrong with the recipe there is a folder, or another file in it.
    if (resumed) await resumed.goOn()
    run ??= await Run.create(out ?? (await freshFolder(recipe)), {
      recipe,
      data: { lines: countOf(data), sha256: data.sha256 },
      vocabulary: data.vocabulary.toJSON(),
      condition: data.condition,
      foretold: data.foretold,
      ...(lecture !== undefined && { lecture }),
    })
    if (prepared) yield* trainIn(run, prepared, data, every)
    else yield* countIn(run, data as PreparedText)
  } finally {
    await run?.close()
  }
}

type PreparedTraining = Awaited<ReturnType<typeof prepareTraining>>

/** The model with its first numbers or those of the checkpoint, and its step compiled, where there is one to take. */
async function prepareTraining(
  recipe: Recipe,
  data: PreparedData,
  checkpoint: Checkpoint | undefined,
  onnx: string | undefined,
) {
  const { steps, batchSize, clipNorm, ema, classWeight, provider, threads, seed } = recipe
  const runtime: RuntimeOptions = { provider, threads, notice }
  const generator = new Generator(seed)
  const model = modelFor(recipe, data)
  if (checkpoint) model.loadStateDict(checkpoint.model)
  else model.initialize(generator)

  const trainRows = rowsOf(model, data, "train", { training: true })
  const validationRows = rowsOf(model, data, "validation")
  const training = train(model, trainRows, {
    steps,
    batchSize,
    optimizer: createOptimizer(recipe),
    rate: createSchedule(recipe),
    clipNorm,
    ema,
    classWeight,
    generator,
    from: checkpoint?.training,
    runtime,
  })
  const taken = checkpoint?.training.steps ?? 0
  if (taken < steps || onnx !== undefined) {
    const step = await training.compile()
    if (onnx !== undefined)
      await writeFile(onnx, step).catch((error) => {
        throw diskError(onnx, error)
      })
  }
  return { model, generator, training, trainRows, validationRows, runtime, taken }
}

async function* trainIn(
  run: Run,
  { model, generator, training, trainRows, validationRows, runtime, taken }: PreparedTraining,
  data: PreparedData,
  every?: number,
): AsyncGenerator<TrainingEvent> {
  yield { kind: "begun", run, model, data, taken }
  const { steps, patience, ema } = run.config.recipe
  const interrupts = catchInterrupts()
  const { signal } = interrupts
  try {
    const begin = performance.now()
    let reached = taken
    const validate = async (): Promise<Validation> => {
      const validation = await evaluate(model, validationRows, { runtime })
      if (!data.foretold) return { validation }
      const { accuracy } = await evaluateClasses(model, validationRows, { runtime })
      return { validation, accuracy }
    }
    if (taken < steps)
      for await (const progress of record(run, training, {
        evaluate: () => training.averaged(validate),
        every,
      })) {
        reached = progress.step
        yield { kind: "progress", progress }
        if (signal.aborted) break
      }
    stopIf(signal, run, reached)
    const seconds = (performance.now() - begin) / 1000
    yield { kind: "trained", steps: reached, seconds, stepsPerSecond: (reached - taken) / seconds }
    await training.release()
    if (patience !== undefined || ema !== undefined)
      model.loadStateDict((await readRun(run.folder)).checkpoint.model)

    const heard = "clips" in data ? rowsOf(model, fewerToTrain(data), "train") : trainRows
    const trainLoss = await evaluate(model, heard, { runtime })
    stopIf(signal, run, reached)
    const found = await validate()
    stopIf(signal, run, reached)
    await run.log({ step: reached, train: trainLoss, ...found })
    yield { kind: "evaluated", train: trainLoss, ...found }

    if ("clips" in data) return yield await sounds(run, model, data, { steps: reached, generator, runtime })
    // Out of the stream that gave the initial values and the batches, as in the lecture.
    const samples: string[] = []
    const sampleLabels: string[] = []
    const sampler = await openSampler(model, { runtime })
    for await (const { ids, label } of sampleByLabel(sampler, {
      labels: data.condition,
      count: SAMPLES,
      generator,
    })) {
      samples.push(data.vocabulary.decode(ids))
      if (label !== undefined) sampleLabels.push(label)
      stopIf(signal, run, reached)
    }
    await sampler.release()
    await run.writeSamples(samples.map((sample, k) => [sample, ...sampleLabels.slice(k, k + 1)].join("\t")))
    yield { kind: "sampled", samples, ...(data.condition && { sampleLabels }) }
  } finally {
    interrupts.release()
  }
}

/** A second of each voice, in the run's folder. */
async function sounds(
  { folder, config }: Run,
  model: Model,
  { condition }: PreparedSound,
  { steps, ...others }: { steps: number; generator: Generator; runtime: RuntimeOptions },
): Promise<TrainingEvent> {
  const trained = { folder, config, model, condition, steps }
  const out = join(folder, "sample.wav")
  return { kind: "sounded", sounds: await writeSounds(trained, { ...others, choice: {}, seconds: 1, out }) }
}

function stopIf({ aborted }: AbortSignal, { folder, config }: Run, taken: number): void {
  if (aborted)
    throw new Interrupted(
      `stopped after ${grouped(taken)} of ${grouped(config.recipe.steps)} steps; everything is in ${folder}. Go on with:\n` +
        `  ${commandLine(`${config.lecture === undefined ? "train" : "lecture"} --resume ${folder}`)}`,
    )
}

/** An empty folder in ./runs with a name that says what and when: wavenet-names-20261123-184530. */
async function freshFolder({ model, data }: Recipe): Promise<string> {
  const now = new Date()
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString()
  const time = local.slice(0, 19).replace(/[-:]/g, "").replace("T", "-")
  const source = basename(data)
    .replace(/\.[^.]*$/, "")
    .replace(/[^\p{L}\p{N}_-]+/gu, "-")
  const path = join("runs", `${model}-${source}-${time}`)
  await mkdir("runs", { recursive: true }).catch((error) => {
    throw diskError("runs", error)
  })
  for (let copy = 1; ; copy++) {
    const folder = copy === 1 ? path : `${path}-${copy}`
    try {
      await mkdir(folder)
      return folder
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw diskError(folder, error)
    }
  }
}
