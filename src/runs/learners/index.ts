/** The table of the learners. */
import { NGRAM, type Settings } from "../settings.ts"
import { counts } from "./counts.ts"
import type { Learner } from "./learner.ts"
import { network } from "./network.ts"

/** By the name of the model; every other model is a network. */
const learners: Readonly<Record<string, Learner>> = { [NGRAM]: counts }

export const learnerOf = ({ model }: Pick<Settings, "model">): Learner =>
  (model && learners[model]) || network
