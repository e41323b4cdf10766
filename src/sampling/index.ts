/** Sampling from trained models, and which samples are new. */
export { type LabelledSampleOptions, type LabelledThing, sampleByLabel } from "./by-label.ts"
export { openMixtureSampler } from "./mixing-sampler.ts"
export { type Found, noveltyIn, noveltyOf, type Parts } from "./novelty.ts"
export { type Choice, probabilities } from "./probabilities.ts"
export { type RunningTextOptions, runningText } from "./running-text.ts"
export { countingSampler, openSampler } from "./sample.ts"
export type { Label, SampleOptions, Sampler } from "./sampler.ts"
export {
  type SamplerWithWishes,
  type Shortage,
  samplerWithWishes,
  type WishOptions,
} from "./sampler-with-wishes.ts"
export { makeSounds, type SoundOptions } from "./sounds.ts"
export { openStream, type Stream, type StreamOptions } from "./stream.ts"
export { openTextReader, type ReadSymbol, type TextReader } from "./text-reader.ts"
export { type LengthRange, lengthRange, type Wishes } from "./wishes.ts"
