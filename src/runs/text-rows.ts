/** Lines become the rows that a model reads. */
import type { Dataset } from "../data/dataset.ts"
import { packedSequences, piecesOf, sequences, windows } from "../data/dataset.ts"
import { type Labels, labelColumn } from "../data/labels.ts"
import type { Lines } from "../data/text.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { readsAnyLength } from "../training/loss.ts"
import type { Codec } from "./codec.ts"
import type { Settings } from "./settings.ts"

/**
 * With `truncate`, lines are cut into pieces of that many symbols, each with the labels of its line. Every target is there once, in its
 * order, but what came before its piece is not seen. With `pack`, a row has that many symbols and holds whole lines, end to end. Either is a
 * UserError for a model that reads only lines of its own length.
 */
export function textRows(
  model: Model,
  lines: Lines,
  { vocabulary, condition, classes }: Codec,
  { truncate = Infinity, pack }: Pick<Settings, "truncate" | "pack"> = {},
): Dataset {
  const { contextLength: T } = model
  const refusal = (what: string) =>
    new UserError(`${what}: leave it out, or choose a recurrent model, or wavenet-2016 without positions`)
  if (truncate < T && !readsAnyLength(model))
    throw refusal(`--truncate ${truncate}: the model reads ${T} symbols, not fewer`)
  if (pack !== undefined && !readsAnyLength(model))
    throw refusal(`--pack ${pack}: the model reads one line at a time, of ${T} symbols`)
  if (pack !== undefined) return packedSequences(lines.lines, vocabulary, pack)
  const length = Math.min(T, truncate)
  const cut = truncate < T
  const rows =
    model.reads === "windows"
      ? windows(lines.lines, vocabulary, T)
      : sequences(lines.lines, vocabulary, length, { truncate: cut })
  const column = (labels: Labels) => {
    const { data, shape } = labelColumn(lines, labels)
    if (!cut) return { data, shape }
    const ofPieces = lines.lines.flatMap((line, k) =>
      Array<number>(piecesOf(vocabulary.lengthOf(line), length)).fill(data[k]),
    )
    return { data: Int32Array.from(ofPieces), shape: [ofPieces.length] }
  }
  return {
    ...rows,
    ...(condition && { labels: column(condition) }),
    ...(classes && { classes: column(classes) }),
  }
}
