/** A running text, read and split: its first part is trained on, and its last is held out. */
import { NGram } from "../../counting/ngram.ts"
import { characters } from "../../data/characters.ts"
import { sha256Of } from "../../data/download.ts"
import type { LoadOptions } from "../../data/load-options.ts"
import { everyRow, rowsInOrder, type Stretch, stretchesOf } from "../../data/running-rows.ts"
import { describeRunningText, loadRunningText, type RunningText } from "../../data/running-text.ts"
import { fractionsInPercent } from "../../data/split.ts"
import { plural } from "../../data/text.ts"
import { makeTokenizer, type TokenizerSettings } from "../../data/tokenizers/index.ts"
import type { Tokenizer } from "../../data/tokenizers/tokenizer.ts"
import { Words } from "../../data/tokenizers/words.ts"
import { UserError } from "../../errors.ts"
import type { Model } from "../../models/model.ts"
import { readsAnyLength } from "../../training/loss.ts"
import type { Recipe } from "../recipe.ts"
import { settings } from "../settings.ts"
import type { Baseline, Corpus, Part, UnknownWords } from "./corpus.ts"
import { sizesOf, unknownIn } from "./parts.ts"

export interface RunningCorpus extends Corpus {
  readonly text: string
  /** The whole text as symbols. */
  readonly ids: Int32Array
  readonly characters: NonNullable<Corpus["characters"]>
  /** The rows of all of it. */
  allRows(model: Model): ReturnType<Corpus["rows"]>
}

interface HashedText extends RunningText {
  readonly sha256: string
}

/** A text of fewer words, each of more characters than this, has no spaces between its words. */
const FEW = 100

/** In a text of more characters, about half of the different words occur only once, yet they are few of all: in a novel, one in thirty. */
const LONG = 500_000

/** The most symbols of the training part that are evaluated. */
const MOST = 100_000

/** The least symbols that a row predicts beyond those that one prediction sees. */
const BEYOND = 64

export async function openRunning(recipe: Recipe, options?: LoadOptions): Promise<RunningCorpus> {
  return runningCorpus(await loadHashed(recipe.data, options), recipe)
}

/** A text with the hash that everything else of a corpus follows from. */
export async function loadHashed(data: string, options?: LoadOptions): Promise<HashedText> {
  const loaded = await loadRunningText(data, options)
  return { ...loaded, sha256: await sha256Of(new TextEncoder().encode(loaded.text)) }
}

/** @param known The vocabulary of a run, for another text, however short; by default that of this text. */
export function runningCorpus(
  loaded: HashedText,
  { split, truncate, tokens, ...asked }: Recipe,
  known?: Tokenizer,
): RunningCorpus {
  const { name, sha256 } = loaded
  const minCount = tokens === "words" ? (asked.minCount ?? leastCount(loaded, asked)) : undefined
  const { vocabulary, ids } = tokenized(loaded, { tokens, minCount, vocabulary: asked.vocabulary }, known)
  const charactersEach = vocabulary.tokens === "characters" ? 1 : characters(loaded.text).length / ids.length
  if (known === undefined && tokens === "words" && ids.length < FEW && charactersEach > FEW)
    throw new UserError(
      `${name}: its ${plural(Math.round(charactersEach * ids.length), "character")} are ${plural(ids.length, "word")}, too few to learn from: choose --tokens characters`,
    )
  const [train, validation, test] = stretchesFor(ids.length, split, {
    name,
    cuts: loaded.tokens?.cuts,
    mayBeEmpty: known !== undefined,
  })
  const stretches: Record<Part, Stretch> = { train, validation, test }
  const unknown = unknownIn([ids], vocabulary)
  const within = (part: Part) => ids.subarray(stretches[part].from, stretches[part].to)
  const inOrder = (model: Model, stretch: Stretch, most?: number) =>
    rowsInOrder(ids, { ...evaluatedRows(model, truncate), ...stretch }, { most })
  return {
    vocabulary,
    minCount,
    text: loaded.text,
    ids,
    isEndless: true,
    sha256,
    size: ids.length,
    sizes: sizesOf(stretches, ({ from, to }) => to - from),
    // Of words and bytes, as if each had as many characters in every part.
    characters: sizesOf(stretches, ({ from, to }) => Math.round(charactersEach * (to - from))),
    description: describeRunningText(loaded, describeTokens(vocabulary, ids, unknown)),
    unknown,
    hint: loaded.hint,
    sequences: (part) => [within(part)],
    trainingRows(model) {
      const length = rowLength(model, truncate)
      // Where the length of rows follows from how far the model sees, a short text is one row.
      const isFree = model.receptiveField !== undefined && readsAnyLength(model) && truncate === undefined
      const most = isFree ? train.to - train.from : length
      return everyRow(ids, { name, reads: model.reads, length: Math.min(length, most), ...train })
    },
    rows: (model, part) => inOrder(model, stretches[part]),
    allRows: (model) => inOrder(model, { from: 0, to: ids.length }),
    trainingSample: (model) => inOrder(model, train, MOST),
    baselines: () => baselines(vocabulary.size, within("train"), within("validation")),
  }
}

/** How often a word occurs that has an id of its own, unless it is said. */
function leastCount({ text, tokens }: RunningText, { vocabulary }: TokenizerSettings): number {
  return tokens?.minCount ?? (vocabulary === undefined && text.length > LONG ? 2 : 1)
}

/** The symbols of a text. Words that are cut already stay as they are. */
export function tokenized(
  { text, tokens: cut }: Pick<RunningText, "text" | "tokens">,
  asked: TokenizerSettings,
  known?: Tokenizer,
): { vocabulary: Tokenizer; ids: Int32Array } {
  if (cut && asked.tokens === "words") {
    const vocabulary = known instanceof Words ? known : Words.fromTokens(cut.tokens, asked)
    return { vocabulary, ids: vocabulary.encodeTokens(cut.tokens) }
  }
  const vocabulary = known ?? makeTokenizer(asked, [text])
  return { vocabulary, ids: vocabulary.encode(text) }
}

/** The parts, in order. A data set may say where the default split cuts. */
function stretchesFor(
  length: number,
  split: string,
  { cuts, ...options }: { name: string; cuts?: readonly [number, number]; mayBeEmpty: boolean },
): Stretch[] {
  if (!cuts || split !== settings.split.default.of({}) || length < cuts[1])
    return stretchesOf(length, fractionsInPercent(split)!, options)
  return [
    { from: 0, to: cuts[0] },
    { from: cuts[0], to: cuts[1] },
    { from: cuts[1], to: length },
  ]
}

/** How many symbols there are, and how many different ones. */
function describeTokens(
  { tokens }: Tokenizer,
  ids: Int32Array,
  { unknown: rare, words }: UnknownWords = { unknown: 0, words: ids.length },
): string {
  const percent = `${((100 * rare) / words).toFixed(1)} %`
  const other = rare === 0 ? "" : `; ${plural(rare, "rare one")} (${percent}) as the unknown word`
  return `${plural(ids.length, tokens.slice(0, -1))}, ${new Set(ids).size.toLocaleString("en")} different${other}`
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

/** An evaluation gives each prediction all that the model can see, if it is known how far that is. */
function evaluatedRows(model: Model, truncate?: number) {
  const { reads, receptiveField: R } = model
  if (R === undefined || !readsAnyLength(model)) return { reads, length: rowLength(model, truncate) }
  return { reads, length: R - 1 + Math.max(R, BEYOND), warmUp: R - 1 }
}

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
