/** The symbols and labels behind the ids that a model reads and writes, from a run's config. */
import type { Labels } from "../data/labels.ts"
import { Vocabulary } from "../data/vocabulary.ts"
import type { RunConfig } from "./run-config.ts"

export interface Codec {
  readonly vocabulary: Vocabulary
  /** The labels that the model is conditioned on. */
  readonly condition?: Labels
  /** The labels that the model predicts. */
  readonly classes?: Labels
}

export const codecOf = ({ vocabulary, condition, classes }: RunConfig): Codec => ({
  vocabulary: Vocabulary.fromJSON(vocabulary),
  condition,
  classes,
})
