/** The learner of networks, which are trained step by step. */

import { writeFileAtomic } from "../../data/atomic-file.ts"
import type { Model } from "../../models/model.ts"
import { formatSummary, summarize } from "../../nn/summary.ts"
import { Generator } from "../../random/torch.ts"
import { Tensor } from "../../tensor/tensor.ts"
import { type Evaluator, evaluate, evaluateClasses, openEvaluator } from "../../training/evaluate.ts"
import { lossPerLine } from "../../training/evaluation-report.ts"
import { nextSymbolLoss } from "../../training/loss.ts"
import { train } from "../../training/train.ts"
import { requireKeepable } from "../checkpoint.ts"
import type { Codec } from "../codec.ts"
import type { Part } from "../corpora/corpus.ts"
import { frozenBy } from "../freeze.ts"
import { createModel, createOptimizer, createSchedule, type Recipe } from "../recipe.ts"
import { record, type Validation } from "../record.ts"
import { readRun } from "../run.ts"
import { textRows } from "../text-rows.ts"
import { warmStart } from "../warm-start.ts"
import type { BeginOptions, Learner } from "./learner.ts"

/** How often a checkpoint keeps each parameter at most: itself, the optimizer's moments, the average. */
function copiesKept(recipe: Recipe): number {
  const { moments, others } = createOptimizer(recipe)
  return 1 + Math.max(moments.length, others?.moments.length ?? 0) + (recipe.ema === undefined ? 0 : 1)
}

/** The numbers that a network's checkpoint keeps. */
export const numbersKept = (recipe: Recipe, { parameterCount }: Model): number =>
  parameterCount * copiesKept(recipe)

/** The options of an evaluation of this part, which `onStage` receives. */
export function reporting(
  part: Part,
  { onStage, signal }: Pick<BeginOptions, "onStage"> & { signal?: AbortSignal },
) {
  const onProgress = (done: number) =>
    onStage?.(`evaluating the ${part === "train" ? "training" : part} part`, done)
  onProgress(0)
  return { signal, onProgress }
}

const create = (recipe: Recipe, { vocabulary, condition, classes }: Codec): Model =>
  createModel(recipe, vocabulary.size, {
    labels: condition?.values.length,
    classes: classes?.values.length,
  })

const same = (scheduled: number): number => scheduled

export const network: Learner<Model> = {
  hasLayers: true,
  hasCounts: false,
  create,
  outline: create,
  async begin(recipe, corpus, { checkpoint, origin, teach, onnx, rate = same, runtime, onStage }) {
    const { steps, batchSize, clipNorm, ema, patience, seed, freeze } = recipe
    const generator = new Generator(seed)
    const model = create(recipe, corpus)
    const optimizer = createOptimizer(recipe)
    const copies = copiesKept(recipe)
    requireKeepable(model.parameterCount * copies, {
      what: `${model.parameterCount.toLocaleString("en")} parameters take ${copies} numbers each with ${recipe.optimizer}`,
      remedy:
        copies === 1
          ? "give a smaller model"
          : "give a smaller model, or choose sgd without momentum and --ema",
    })
    if (checkpoint) model.loadStateDict(checkpoint.model)
    else model.initialize(generator)
    if (!checkpoint && origin) warmStart(model, corpus, origin)
    const validationRows = corpus.sizes.validation > 0 ? corpus.rows(model, "validation") : undefined
    const rows = corpus.trainingRows(model)
    const data = teach ? await teach(model, rows) : rows
    onStage?.("compiling the step", 0)
    const schedule = createSchedule(recipe)
    const training = train(model, data, {
      steps,
      batchSize,
      optimizer,
      rate: (step) => rate(schedule(step)),
      clipNorm,
      ema,
      loss: nextSymbolLoss(model, recipe),
      groups: [{ parameters: frozenBy(freeze, model), freeze: true }],
      generator,
      from: checkpoint?.training,
      runtime,
    })
    const taken = checkpoint?.training.steps ?? 0
    // Even if no step is left: an unavailable provider must fail before the run's config names it.
    const step = await training.compile()
    onStage?.("compiling the step", 1)
    if (onnx !== undefined) await writeFileAtomic(onnx, step)
    const evaluating = (part: Part, signal?: AbortSignal) => reporting(part, { onStage, signal })
    // Compiled once for all evaluations of the training.
    let evaluator: Promise<Evaluator> | undefined
    const validate =
      validationRows &&
      (async (signal?: AbortSignal): Promise<Validation> => {
        evaluator ??= openEvaluator(model, validationRows, { runtime })
        const validation = await (await evaluator).loss(evaluating("validation", signal))
        if (!corpus.classes) return { validation }
        const { accuracy } = await evaluateClasses(model, validationRows, { runtime, signal })
        return { validation, accuracy }
      })
    return {
      model,
      training,
      generator,
      taken,
      steps: (run, options) =>
        record(run, training, {
          evaluate: validate && ((signal) => training.averaged(() => validate(signal))),
          ...options,
        }),
      async settle(run) {
        await training.release()
        await (await evaluator)?.release()
        evaluator = undefined
        if (patience !== undefined || ema !== undefined)
          model.loadStateDict((await readRun(run.store)).checkpoint.model)
      },
      trainLoss: (signal) =>
        evaluate(model, corpus.trainingSample(model), { runtime, ...evaluating("train", signal) }),
      validate,
    }
  },
  lossPerLine: (model, lines, codec, options) => lossPerLine(model, textRows(model, lines, codec), options),
  async openSampler(model, options) {
    const { openSampler } = await import("../../sampling/sample.ts")
    return openSampler(model, options)
  },
  describe(model, { batchSize, markdown, width }) {
    const { contextLength, config } = model
    const ids = Tensor.input("ids", [batchSize, contextLength], "int32")
    const summary = summarize(model, ids, model.conditionInputs(batchSize, contextLength))
    const B = batchSize.toLocaleString("en")
    const T = contextLength.toLocaleString("en")
    const columnwise = summary.layers.some(
      ({ outputShape: [first, second] = [] }) => first === contextLength && second === batchSize,
    )
    const sizes = `${B} rows, ${T} positions`
    const order = columnwise ? "\nInside the stack, positions come first." : ""
    const text = `${formatSummary(summary, { markdown, width })}\n\nShapes: ${sizes}.${order}`
    return { json: { config, ...summary }, text }
  },
}
