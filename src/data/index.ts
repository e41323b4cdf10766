/** Data as text: files and tables, vocabularies, splits, rows and batches. Sound is in `sound/`. */
export { type Batches, type BatchesState, epochBatches, uniformBatches } from "./batches.ts"
export { loadBrown } from "./brown.ts"
export { type DataSet, dataSets, loadText } from "./catalog.ts"
export { parseColumn } from "./column.ts"
export {
  type Column,
  type Dataset,
  IGNORED,
  longest,
  packedSequences,
  sequences,
  windows,
} from "./dataset.ts"
export { type Fold, folds } from "./folds.ts"
export { type Labels, labelColumn, labelNumber, labelNumbers, labelsOf } from "./labels.ts"
export type { DownloadProgress, LoadOptions } from "./load-options.ts"
export { everyRow, type RowOptions, rowsInOrder, type Stretch, stretchesOf } from "./running-rows.ts"
export { loadRunningText, type RunningText } from "./running-text.ts"
export { type Split, split } from "./split.ts"
export type { TableFormat } from "./table-format.ts"
export { describeText, type Lines, parseLines, type Text, type TextReport } from "./text.ts"
export type { TokenText } from "./token-text.ts"
export { Bytes } from "./tokenizers/bytes.ts"
export { Vocabulary } from "./tokenizers/characters.ts"
export { makeTokenizer, type TokenizerSettings, tokenizerFromJSON } from "./tokenizers/index.ts"
export { STOP, type Tokenizer, type TokenizerJSON } from "./tokenizers/tokenizer.ts"
export { Words, type WordsOptions } from "./tokenizers/words.ts"
