/** Lines become the rows that a model reads. */
import type { Dataset } from "../data/dataset.ts"
import { sequences, windows } from "../data/dataset.ts"
import { labelColumn } from "../data/labels.ts"
import type { Lines } from "../data/text.ts"
import type { Model } from "../models/model.ts"
import type { Codec } from "./codec.ts"

export function textRows(model: Model, lines: Lines, { vocabulary, condition, classes }: Codec): Dataset {
  const rows = model.reads === "windows" ? windows : sequences
  return {
    ...rows(lines.lines, vocabulary, model.contextLength),
    ...(condition && { labels: labelColumn(lines, condition) }),
    ...(classes && { classes: labelColumn(lines, classes) }),
  }
}
