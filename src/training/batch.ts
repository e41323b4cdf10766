/**
 * What a step reads of the data: out of row numbers the symbols, the targets, and what the rows go along with. The data lies in
 * the graph as whole inputs, which are the same in every step.
 *
 * N rows of data, of which a step reads B, T symbols each
 */
import type { Dataset } from "../data/dataset.ts"
import type { Conditions, Model } from "../models/model.ts"
import { Tensor } from "../tensor/tensor.ts"
import { targetShape } from "./loss.ts"

export interface Batch {
  readonly ids: Tensor // int32 (B, T)
  readonly targets: Tensor // int32 (B) of windows, (B, T) of sequences
  readonly conditions?: Conditions
}

/**
 * The batch of the rows, int32 (B), and the leaves of the graph that it is read from, by name. A model that goes by labels wants
 * data with labels, and the other way round; else a RangeError.
 */
export function traceBatch(
  model: Model,
  data: Dataset,
  rows: Tensor,
): { readonly batch: Batch; readonly whole: Record<string, Tensor> } {
  const { count: N, contextLength: T } = data
  const inputs = Tensor.input("inputs", [N, T], "int32")
  const targets = Tensor.input("targets", targetShape(model, N), "int32")
  const batch: Batch = { ids: inputs.gather(rows), targets: targets.gather(rows) }

  const { label, series } = model.conditionKinds(rows.size, T)
  if (series) throw new RangeError("traceBatch: the model goes by a series, and rows of data have none")
  if ((label?.dtype === "int32") !== (data.labels !== undefined))
    throw new RangeError(
      data.labels
        ? "traceBatch: the data has labels, and the model goes by none: leave them out, or make it with labels"
        : "traceBatch: the model goes by labels, and the data has none: give it labels",
    )
  if (!data.labels) return { batch, whole: { inputs, targets } }
  const labels = Tensor.input("labels", [N], "int32")
  const conditions = { label: labels.gather(rows) }
  return { batch: { ...batch, conditions }, whole: { inputs, targets, labels } }
}

/** What stands in the leaves of `traceBatch`. */
export const wholeNumbers = ({ inputs, targets, labels }: Dataset): Record<string, Int32Array> => ({
  inputs,
  targets,
  ...(labels && { labels }),
})
