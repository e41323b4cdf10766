/** The training that questions are asked about. */
import type { Mixture } from "../../../src/counting/mixture.ts"
import type { NGram } from "../../../src/counting/ngram.ts"
import { UserError } from "../../../src/errors.ts"
import { Model } from "../../../src/models/model.ts"
import type { Corpus } from "../../../src/runs/corpora/corpus.ts"
import type { Run } from "../../../src/runs/run.ts"
import type { RuntimeOptions } from "../../../src/runtime/session.ts"
import type { Training } from "../../../src/training/training.ts"

export interface Live {
  readonly run: Run
  readonly corpus: Corpus
  /** What the run trains: a network, counts, or both. */
  readonly model: Model | NGram | Mixture
  readonly training?: Training
  readonly runtime: RuntimeOptions
  /** How many steps were taken. */
  readonly step: number
  /** Whether the validation part is being evaluated: then the network has the averages of its parameters, if the training keeps them. */
  readonly isEvaluating: boolean
  /** The learning rate in place of that of the schedule, if it was changed by hand. */
  readonly rate: (scheduled: number) => number
}

/** The network, alone or in a mixture; undefined for counts. */
export const networkOf = ({ model }: Pick<Live, "model">): Model | undefined =>
  model instanceof Model ? model : "network" in model ? model.network : undefined

/** The network, or a UserError. */
export function requireNetwork(live: Pick<Live, "model">): Model {
  const network = networkOf(live)
  if (!network) throw new UserError("This model is counted, not trained: it has no layers to look into.")
  return network
}
