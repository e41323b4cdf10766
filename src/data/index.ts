/** From a text file to batches of row numbers. Of these only `loadText` of a file or of makemore's names needs Node. */

export { type Batches, type BatchesState, epochBatches, uniformBatches } from "./batches.ts"
export { type DataSet, dataSets, type LoadOptions, loadText } from "./catalog.ts"
export { characters } from "./characters.ts"
export { parseColumn, type TableFormat, tableFormatOf } from "./column.ts"
export { type Dataset, IGNORED, longest, type Split, sequences, split, windows } from "./dataset.ts"
export type { DownloadProgress } from "./download.ts"
export { type Labels, labelNumber, labelNumbers, labelsOf } from "./labels.ts"
export { nearest } from "./nearest.ts"
export { describeText, type Lines, parseLines, type Text, type TextReport } from "./text.ts"
export { STOP, Vocabulary } from "./vocabulary.ts"
