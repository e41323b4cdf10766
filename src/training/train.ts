/**
 * Training any module on any data: `for await (const { step, loss } of train(module, data, options))`.
 * Source of the loop: makemore part 5, cell 10.
 */
import type { Dataset } from "../data/dataset.ts"
import type { Model } from "../models/model.ts"
import type { Module } from "../nn/module.ts"
import type { Columns } from "./columns.ts"
import type { LossFunction } from "./loss.ts"
import type { TrainOptions } from "./train-options.ts"
import { Training } from "./training.ts"

/**
 * Trains a model of symbols to predict the next one, or any module by a loss of the columns' rows. Returns at once: the step is compiled
 * on the first pull. See `Training`.
 */
export function train(model: Model, data: Dataset, options: TrainOptions): Training
export function train<Data extends Columns>(
  module: Module,
  data: Data,
  options: TrainOptions & { readonly loss: LossFunction<Data> },
): Training
export function train(
  module: Module,
  data: Columns,
  options: TrainOptions & { readonly loss?: LossFunction<never> },
): Training {
  return new Training(module, data, options)
}
