/**
 * From a text file or a folder of sounds to batches of row numbers. Of these only `readClips`, and `loadText` of a file or of
 * makemore's names, need Node.
 */

export { type Batches, type BatchesState, epochBatches, uniformBatches } from "./batches.ts"
export { type DataSet, dataSets, loadText } from "./catalog.ts"
export { characters } from "./characters.ts"
export { parseColumn, type TableFormat, tableFormatOf } from "./column.ts"
export {
  type Column,
  type Dataset,
  IGNORED,
  longest,
  type Split,
  sequences,
  split,
  windows,
} from "./dataset.ts"
export type { DownloadProgress } from "./download.ts"
export { type Labels, labelColumn, labelNumber, labelNumbers, labelsOf } from "./labels.ts"
export type { LoadOptions } from "./load-options.ts"
export { nearest } from "./nearest.ts"
export {
  type Clip,
  type Clips,
  type ClipsSplit,
  describeClips,
  labelsOfClips,
  readClips,
  splitClips,
} from "./sound/clips.ts"
export { type CropOptions, cropsInOrder, everyCrop } from "./sound/crops.ts"
export { type SoundFigures, soundFigures } from "./sound/figures.ts"
export { LEVELS, muLawDecode, muLawEncode, SILENCE } from "./sound/mu-law.ts"
export {
  type Spectrogram,
  type Spectrum,
  spectralPeak,
  spectrogram,
  spectrum,
} from "./sound/spectrum.ts"
export { trimSilence } from "./sound/trim-silence.ts"
export { readWav, resample, type Sound, writeWav } from "./sound/wav.ts"
export { describeText, type Lines, parseLines, type Text, type TextReport } from "./text.ts"
export { STOP, Vocabulary } from "./vocabulary.ts"
