/** The symbols and labels behind the ids that a model reads and writes, from a run's config. */
import type { Labels } from "../data/labels.ts"
import { tokenizerFromJSON } from "../data/tokenizers/index.ts"
import type { Tokenizer } from "../data/tokenizers/tokenizer.ts"
import type { RunConfig } from "./run-config.ts"

export interface Codec {
  readonly vocabulary: Tokenizer
  /** The labels that the model is conditioned on. */
  readonly condition?: Labels
  /** The labels that the model predicts. */
  readonly classes?: Labels
}

export const codecOf = ({ vocabulary, condition, classes }: RunConfig): Codec => ({
  vocabulary: tokenizerFromJSON(vocabulary),
  condition,
  classes,
})
