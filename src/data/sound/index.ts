/** Sound: WAV files, clips, µ-law levels, crops and spectra. */
export {
  type Clip,
  type Clips,
  type ClipsSplit,
  describeClips,
  labelsOfClips,
  readClips,
  splitClips,
} from "./clips.ts"
export { type CropOptions, cropsInOrder, everyCrop } from "./crops.ts"
export { type SoundFigures, soundFigures } from "./figures.ts"
export { LEVELS, muLawDecode, muLawEncode, SILENCE } from "./mu-law.ts"
export { playable } from "./playable.ts"
export { resample } from "./resample.ts"
export type { Sound } from "./sound.ts"
export { type Spectrogram, type Spectrum, spectralPeak, spectrogram, spectrum } from "./spectrum.ts"
export { trimSilence } from "./trim-silence.ts"
export { readWav, writeWav } from "./wav.ts"
