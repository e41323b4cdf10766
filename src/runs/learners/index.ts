/** The table of the learners. */
import { ENSEMBLE, NGRAM, type Settings } from "../settings.ts"
import { counts } from "./counts.ts"
import { ensembleOf } from "./ensemble.ts"
import type { Learner } from "./learner.ts"
import { mixture } from "./mixture.ts"
import { network } from "./network.ts"

/** By the name of the model; every other model is a network. */
const learners: Readonly<Record<string, Learner>> = { [NGRAM]: counts, [ENSEMBLE]: ensembleOf(learnerOf) }

export function learnerOf({ model, mixOrder }: Pick<Settings, "model" | "mixOrder">): Learner {
  return (model && learners[model]) || (mixOrder === undefined ? network : mixture)
}
