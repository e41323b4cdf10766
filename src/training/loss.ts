/**
 * What models are trained to make small: the surprise of the next symbol, in nats, for either kind of model.
 * A sequence's positions after its stop have no target and do not count.
 */
import { IGNORED } from "../data/dataset.ts"
import type { Model } from "../models/model.ts"
import { crossEntropy } from "../tensor/functional.ts"
import type { Tensor } from "../tensor/tensor.ts"
import type { Batch } from "./batch.ts"

/** The mean loss of a batch, or with "none" the loss of each target. */
export function lossOf(
  model: Model,
  { ids, targets, conditions }: Batch,
  reduction: "mean" | "none" = "mean",
): Tensor {
  const ignoreIndex = model.reads === "sequences" ? IGNORED : undefined
  return crossEntropy(model.forward(ids, conditions), targets, { ignoreIndex, reduction })
}

/** The shape of a batch's targets. */
export const targetShape = (model: Model, batchSize: number): number[] =>
  model.reads === "sequences" ? [batchSize, model.contextLength] : [batchSize]
