/** Lines become the rows that a model reads. */
import type { Dataset } from "../data/dataset.ts"
import { sequences, windows } from "../data/dataset.ts"
import { labelColumn } from "../data/labels.ts"
import type { Lines } from "../data/text.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { readsAnyLength } from "../training/loss.ts"
import type { Codec } from "./codec.ts"

/** With `truncate`, lines are cut to that many symbols; a UserError for a model that reads only lines of its own length. */
export function textRows(
  model: Model,
  lines: Lines,
  { vocabulary, condition, classes }: Codec,
  { truncate = Infinity } = {},
): Dataset {
  const { contextLength: T } = model
  if (truncate < T && !readsAnyLength(model))
    throw new UserError(
      `--truncate ${truncate}: the model reads ${T} symbols, not fewer: leave it out, or choose a recurrent model or wavenet-2016`,
    )
  return {
    ...(model.reads === "windows"
      ? windows(lines.lines, vocabulary, T)
      : sequences(lines.lines, vocabulary, Math.min(T, truncate), { truncate: truncate < T })),
    ...(condition && { labels: labelColumn(lines, condition) }),
    ...(classes && { classes: labelColumn(lines, classes) }),
  }
}
