/** A running text, read and split: its first part is trained on, and its last is held out. */
import { NGram } from "../../counting/ngram.ts"
import { sha256Of } from "../../data/download.ts"
import type { LoadOptions } from "../../data/load-options.ts"
import { everyRow, rowsInOrder, type Stretch, stretchesOf } from "../../data/running-rows.ts"
import { describeRunningText, loadRunningText } from "../../data/running-text.ts"
import { fractionsInPercent } from "../../data/split.ts"
import { plural } from "../../data/text.ts"
import { makeTokenizer } from "../../data/tokenizers/index.ts"
import type { Tokenizer } from "../../data/tokenizers/tokenizer.ts"
import { UserError } from "../../errors.ts"
import type { Model } from "../../models/model.ts"
import { readsAnyLength } from "../../training/loss.ts"
import type { Recipe } from "../recipe.ts"
import type { Baseline, Corpus, Part } from "./corpus.ts"
import { sizesOf } from "./parts.ts"

export interface RunningCorpus extends Corpus {
  readonly text: string
  /** The whole text as symbols. */
  readonly ids: Int32Array
  readonly characters: NonNullable<Corpus["characters"]>
  /** The rows of all of it. */
  allRows(model: Model): ReturnType<Corpus["rows"]>
}

/** The most symbols of the training part that are evaluated. */
const MOST = 100_000

/** The least symbols that a row predicts beyond those that one prediction sees. */
const BEYOND = 64

/** @param vocabulary That of a run, for another text; by default that of this text. */
export async function openRunning(
  { data, split, truncate }: Recipe,
  options?: LoadOptions,
  vocabulary?: Tokenizer,
): Promise<RunningCorpus> {
  const loaded = await loadRunningText(data, options)
  vocabulary ??= makeTokenizer({}, [loaded.text])
  const ids = vocabulary.encode(loaded.text)
  const [train, validation, test] = stretchesOf(ids.length, fractionsInPercent(split)!)
  const stretches: Record<Part, Stretch> = { train, validation, test }
  const within = (part: Part) => ids.subarray(stretches[part].from, stretches[part].to)
  const rowsOf = (model: Model) => ({ reads: model.reads, length: rowLength(model, truncate) })
  const inOrder = (model: Model, stretch: Stretch, most?: number) => {
    const rows = rowsOf(model)
    return rowsInOrder(ids, { ...rows, ...stretch, warmUp: warmUpOf(model, rows.length) }, { most })
  }
  return {
    vocabulary,
    text: loaded.text,
    ids,
    isEndless: true,
    sha256: await sha256Of(new TextEncoder().encode(loaded.text)),
    size: ids.length,
    sizes: sizesOf(stretches, ({ from, to }) => to - from),
    characters: sizesOf(stretches, ({ from, to }) => to - from),
    description: describeRunningText(
      loaded,
      `${plural(ids.length, "character")}, ${vocabulary.size - 1} different`,
    ),
    sequences: (part) => [within(part)],
    trainingRows: (model) => everyRow(ids, { ...rowsOf(model), ...train }),
    rows: (model, part) => inOrder(model, stretches[part]),
    allRows: (model) => inOrder(model, { from: 0, to: ids.length }),
    trainingSample: (model) => inOrder(model, train, MOST),
    baselines: () => baselines(vocabulary.size, within("train"), within("validation")),
  }
}

/** How many symbols the rows of a model have. Where a prediction sees little, a row holds many of them. */
export function rowLength(model: Model, truncate?: number): number {
  const { contextLength, receptiveField } = model
  if (!readsAnyLength(model)) {
    if (truncate === undefined || truncate === contextLength) return contextLength
    throw new UserError(
      `--truncate ${truncate}: the model reads ${contextLength} symbols, no more and no fewer: leave it out, or choose a recurrent model, or wavenet-2016 without positions`,
    )
  }
  if (truncate !== undefined) return truncate
  return receptiveField === undefined ? contextLength : Math.max(contextLength, receptiveField - 1 + BEYOND)
}

/** An evaluation gives each prediction all that the model can see, if that is known and the smaller part of a row. */
const warmUpOf = ({ receptiveField = 1 }: Model, length: number): number =>
  receptiveField - 1 <= length / 2 ? receptiveField - 1 : 0

function baselines(vocabularySize: number, train: Int32Array, validation: Int32Array): Baseline[] {
  const bigram = new NGram({ order: 2, vocabularySize }).fit([train])
  const baseline = (name: string, loss: (part: Int32Array) => number): Baseline => ({
    name,
    train: loss(train),
    ...(validation.length > 0 && { validation: loss(validation) }),
  })
  const uniform = Math.log(vocabularySize - 1)
  return [baseline("uniform", () => uniform), baseline("bigram", (part) => bigram.loss([part]))]
}
