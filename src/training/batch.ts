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
  /** int32 (B), the class of each row. */
  readonly classes?: Tensor
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
  const { batch, whole } = data.crops ? cropsOf(data, rows) : rowsOf(model, data, rows)

  const { label, series } = model.conditionKinds(rows.size, T)
  if (series) throw new RangeError("traceBatch: the model goes by a series, and rows of data have none")
  if ((label?.dtype === "int32") !== (data.labels !== undefined))
    throw new RangeError(
      data.labels
        ? "traceBatch: the data has labels, and the model goes by none: leave them out, or make it with labels"
        : "traceBatch: the model goes by labels, and the data has none: give it labels",
    )
  const labels = data.labels && Tensor.input("labels", [N], "int32")
  const classes = data.classes && Tensor.input("classes", [N], "int32")
  return {
    batch: {
      ...batch,
      ...(labels && { conditions: { label: labels.gather(rows) } }),
      ...(classes && { classes: classes.gather(rows) }),
    },
    whole: { ...whole, ...(labels && { labels }), ...(classes && { classes }) },
  }
}

type Traced = ReturnType<typeof traceBatch>

/** Rows that stand side by side in a table. */
function rowsOf(model: Model, { count: N, contextLength: T }: Dataset, rows: Tensor): Traced {
  const inputs = Tensor.input("inputs", [N, T], "int32")
  const targets = Tensor.input("targets", targetShape(model, N), "int32")
  return { batch: { ids: inputs.gather(rows), targets: targets.gather(rows) }, whole: { inputs, targets } }
}

/** Rows that are crops of one long series. */
function cropsOf({ count: N, contextLength: T, crops, ...data }: Dataset, rows: Tensor): Traced {
  const inputs = Tensor.input("inputs", [data.inputs.length], "int32")
  const targets = Tensor.input("targets", [data.targets.length], "int32")
  const starts = Tensor.input("starts", [N], "int32")
  const offsets = Int32Array.from({ length: T }, (_, t) => t)
  const places = starts
    .gather(rows)
    .unsqueeze(1)
    .add(Tensor.constant(offsets, [T], "int32"))
  // The series begins with silence, which is no target: it stands for those of the warm-up.
  const counted = offsets.map((t) => Number(t >= crops!.warmUp))
  const predicted = places.mul(Tensor.constant(counted, [T], "int32"))
  const batch = { ids: inputs.gather(places), targets: targets.gather(predicted) }
  return { batch, whole: { inputs, targets, starts } }
}

/** What stands in the leaves of `traceBatch`. */
export const wholeNumbers = ({
  inputs,
  targets,
  labels,
  classes,
  crops,
}: Dataset): Record<string, Int32Array> => ({
  inputs,
  targets,
  ...(crops && { starts: crops.starts }),
  ...(labels && { labels }),
  ...(classes && { classes }),
})
