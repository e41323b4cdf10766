/**
 * The function that a training minimizes, from the rows of a batch to a scalar. The default for a model of symbols is the mean
 * cross-entropy of the next symbol, in nats; with a teacher, its weighted mean with the cross-entropy of the teacher's probabilities;
 * with classes, plus the weighted cross-entropy of the class.
 * Sources: of classes van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 3.4; of a teacher Hinton, Vinyals & Dean 2015,
 * "Distilling the Knowledge in a Neural Network", https://arxiv.org/abs/1503.02531, section 2, at temperature 1; of label smoothing
 * torch.nn.CrossEntropyLoss; of the z-loss Chowdhery et al. 2022, https://arxiv.org/abs/2204.02311, section 5.
 */
import { type Dataset, IGNORED } from "../data/dataset.ts"
import { UserError } from "../errors.ts"
import { type Conditions, Model } from "../models/model.ts"
import type { Module } from "../nn/module.ts"
import { crossEntropy } from "../tensor/functional.ts"
import { show } from "../tensor/shape.ts"
import type { Tensor } from "../tensor/tensor.ts"
import type { Batch, Columns } from "./columns.ts"

/** From the columns' rows (B, ...) to a scalar (), usually a mean over the rows. */
export type LossFunction<Data extends Columns = Columns> = (batch: Batch<Data>) => Tensor | Loss

/** A loss that reports other values besides the one it minimizes. */
export interface Loss {
  readonly minimize: Tensor
  /** Scalars () by name. One named `loss` is reported as the loss in place of `minimize`. */
  readonly report: Readonly<Record<string, Tensor>>
}

/** The given loss, or the default of a model. A plain module without a loss is a UserError. */
export function lossFor(module: Module, loss?: LossFunction<never>): LossFunction {
  if (loss) return loss as LossFunction
  if (module instanceof Model) return nextSymbolLoss(module) as LossFunction<never> as LossFunction
  throw new UserError(
    `${module.constructor.name} is not a Model and has no default loss: give one, such as ` +
      "{ loss: ({ x, y }) => functional.mseLoss(module.forward(x), y) }",
  )
}

/** The loss of a batch and its report, `loss` included. A loss that is not a scalar is a UserError. */
export function traceLoss(loss: LossFunction, batch: Batch): Loss & { readonly report: { loss: Tensor } } {
  const given = loss(batch)
  const { minimize, report } = "minimize" in given ? given : { minimize: given, report: {} }
  for (const [name, { shape, dtype }] of [["loss", minimize] as const, ...Object.entries(report)])
    if (shape.length > 0 || dtype !== "float32")
      throw new UserError(
        `the ${name} of a batch is ${show(shape)} ${dtype}: give one float32 number, such as its mean()`,
      )
  return { minimize, report: { ...report, loss: report.loss ?? minimize } }
}

export interface NextSymbolLossOptions {
  /** The weight of the cross-entropy of the class; 1. */
  readonly classWeight?: number
  /** The weight of the teacher's probabilities as targets, beside those of the data; 0.9. */
  readonly teacherWeight?: number
  /** The probability that is spread over all symbols, PyTorch's label_smoothing; 0. */
  readonly labelSmoothing?: number
  /** The weight of ln² of the sum that the softmax divides by, which keeps logits from drifting; 0. */
  readonly zLoss?: number
}

/**
 * The cross-entropy of the next symbol. With a teacher, 1 - `teacherWeight` of it and `teacherWeight` of that of the teacher's probabilities,
 * reported as `teacherLoss`; with classes, plus `classWeight` times the cross-entropy of the class, reported as `classLoss`. What is
 * reported as the loss is the plain cross-entropy of the next symbol, whatever is minimized.
 */
export const nextSymbolLoss =
  (
    model: Model,
    { classWeight = 1, teacherWeight = 0.9, labelSmoothing = 0, zLoss = 0 }: NextSymbolLossOptions = {},
  ): LossFunction<Dataset> =>
  (batch) => {
    const [, T] = batch.inputs.shape
    if (T !== model.contextLength && !readsAnyLength(model))
      throw new UserError(`train: the model reads ${model.contextLength} symbols, and the rows have ${T}`)
    const { logits, classes } = batch.classes
      ? classify(model, batch)
      : { logits: symbolLogits(model, batch), classes: undefined }
    const loss = ofSymbols(model, logits, batch)
    const teacherLoss = batch.teacher && ofTeacher(logits, batch.teacher, batch.targets)
    const classLoss = classes && batch.classes && crossEntropy(classes, batch.classes)
    let minimize = labelSmoothing > 0 ? ofSymbols(model, logits, batch, { labelSmoothing }) : loss
    if (teacherLoss) minimize = minimize.mul(1 - teacherWeight).add(teacherLoss.mul(teacherWeight))
    if (classLoss) minimize = minimize.add(classLoss.mul(classWeight))
    if (zLoss > 0) minimize = minimize.add(meanSquareOfLogZ(logits, batch).mul(zLoss))
    return {
      minimize,
      report: { loss, ...(teacherLoss && { teacherLoss }), ...(classLoss && { classLoss }) },
    }
  }

/** The mean over the targets that there are: where there is none, the teacher's probabilities are 0. */
const ofTeacher = (logits: Tensor, teacher: Tensor, targets: Tensor): Tensor =>
  crossEntropy(logits, teacher, { reduction: "sum" }).div(targets.greaterEqual(0).cast("float32").sum())

/** The mean of ln² Z over the targets that there are, where Z is the sum of the exponentials of the logits. */
function meanSquareOfLogZ(logits: Tensor, { targets }: Batch<Dataset>): Tensor {
  const logZ = logits.sub(logits.logSoftmax()).select(-1, 0) // at each symbol the same
  const counted = targets.greaterEqual(0).cast("float32")
  return logZ.square().mul(counted).sum().div(counted.sum())
}

/** Whether a model can be trained on sequences of another length than its context. */
export const readsAnyLength = ({ reads, steps }: Model): boolean =>
  reads === "sequences" && steps === "endless"

/** The mean loss of the next symbols of a batch, or with "none" the loss of each target. Ignored targets do not count. */
export const symbolLoss = (
  model: Model,
  batch: Batch<Dataset>,
  reduction: "mean" | "none" = "mean",
): Tensor => ofSymbols(model, symbolLogits(model, batch), batch, { reduction })

/** The logits of the next symbols of a batch: (B, V), or (B, T, V) for sequences. */
export const symbolLogits = (model: Model, batch: Batch<Dataset>): Tensor =>
  model.forward(batch.inputs, conditionsOf(model, batch))

/** Logits of the symbols and of the classes of a batch. A model that does not classify is a RangeError. */
export function classify(model: Model, batch: Batch<Dataset>) {
  if (!model.classify)
    throw new RangeError("train: the data has classes, and the model does not classify: leave them out")
  return model.classify(batch.inputs, batch.targets.greaterEqual(0), conditionsOf(model, batch))
}

/** A RangeError if only one of model and data has labels. */
function conditionsOf(model: Model, { inputs, labels }: Batch<Dataset>): Conditions | undefined {
  const [B, T] = inputs.shape
  const { label, series } = model.conditionKinds(B, T)
  if (series) throw new RangeError("train: the model is conditioned on a series, and rows of data have none")
  if ((label?.dtype === "int32") !== (labels !== undefined))
    throw new RangeError(
      labels
        ? "train: the data has labels, and the model is not conditioned on any: leave them out, or make it with labels"
        : "train: the model is conditioned on labels, and the data has none: give it labels",
    )
  return labels && { label: labels }
}

function ofSymbols(
  model: Model,
  logits: Tensor,
  { targets }: Batch<Dataset>,
  options: { readonly reduction?: "mean" | "none"; readonly labelSmoothing?: number } = {},
): Tensor {
  const ignoreIndex = model.reads === "sequences" ? IGNORED : undefined
  return crossEntropy(logits, targets, { ignoreIndex, ...options })
}
