/**
 * What models are trained to make small: the surprise of the next symbol, in nats, for either kind of model, and beside it the
 * surprise of the class where there is one. A sequence's positions after its stop have no target and do not count.
 * Source of the two losses: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 3.4.
 */
import { IGNORED } from "../data/dataset.ts"
import type { Model } from "../models/model.ts"
import { crossEntropy } from "../tensor/functional.ts"
import type { Tensor } from "../tensor/tensor.ts"
import type { Batch } from "./batch.ts"

/** The mean loss of the next symbols of a batch, or with "none" the loss of each target. */
export const lossOf = (model: Model, batch: Batch, reduction: "mean" | "none" = "mean"): Tensor =>
  ofSymbols(model, model.forward(batch.ids, batch.conditions), batch, reduction)

export interface StepLoss {
  /** Of the next symbols, which can be compared with those of any model. */
  readonly symbols: Tensor
  /** Of the classes, where there are some. */
  readonly classes?: Tensor
  /** What a step makes small: symbols + classWeight classes. */
  readonly sum: Tensor
}

/** The mean losses of a batch. */
export function stepLoss(model: Model, batch: Batch, { classWeight = 1 } = {}): StepLoss {
  if (!batch.classes) {
    const symbols = lossOf(model, batch)
    return { symbols, sum: symbols }
  }
  const { logits, classes: classLogits } = classify(model, batch)
  const symbols = ofSymbols(model, logits, batch)
  const classes = crossEntropy(classLogits, batch.classes)
  return { symbols, classes, sum: symbols.add(classes.mul(classWeight)) }
}

/** Logits of the symbols and of the classes of a batch. A model that does not classify is a RangeError. */
export function classify(model: Model, { ids, targets, conditions }: Batch) {
  if (!model.classify)
    throw new RangeError("classify: the data has classes, and the model does not classify: leave them out")
  return model.classify(ids, targets.greaterEqual(0), conditions)
}

/** The shape of a batch's targets. */
export const targetShape = (model: Model, batchSize: number): number[] =>
  model.reads === "sequences" ? [batchSize, model.contextLength] : [batchSize]

function ofSymbols(model: Model, logits: Tensor, { targets }: Batch, reduction?: "mean" | "none"): Tensor {
  const ignoreIndex = model.reads === "sequences" ? IGNORED : undefined
  return crossEntropy(logits, targets, { ignoreIndex, reduction })
}
