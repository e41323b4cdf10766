/** The model that a run has trained so far, with its numbers, and what the numbers that it reads and gives stand for. */
import { NGram } from "../counting/ngram.ts"
import { Vocabulary } from "../data/vocabulary.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import type { TrainingState } from "../training/training-state.ts"
import { type Meanings, modelFor } from "./prepare.ts"
import { isCounted } from "./recipe.ts"
import type { RunConfig } from "./run-config.ts"

export interface TrainedModel<M = Model> extends Meanings {
  readonly folder: string
  readonly config: RunConfig
  readonly model: M
  /** How many steps it has been trained for. */
  readonly steps: number
  /** Where the training stood then. */
  readonly training: TrainingState
}

/** A network, or a model that counts. A folder without a run is a UserError. */
export async function openAnyModel(folder: string): Promise<TrainedModel<Model | NGram>> {
  // Node's modules are loaded when this is called, so that a page may import what imports this.
  const { readRun } = await import("./run.ts")
  const { config, checkpoint } = await readRun(folder)
  const { recipe } = config
  const meanings = meaningsOf(config)
  const empty = isCounted(recipe)
    ? new NGram({ order: recipe.order ?? 1, vocabularySize: meanings.vocabulary.size })
    : modelFor(recipe, meanings)
  const model = empty.loadStateDict(checkpoint.model)
  const { training } = checkpoint
  return { folder, config, model, ...meanings, steps: training.steps, training }
}

/** A network. A run whose model counts is a UserError. */
export async function openModel(folder: string): Promise<TrainedModel> {
  const { model, ...others } = await openAnyModel(folder)
  if (model instanceof NGram)
    throw new UserError(
      `${folder}: the model ${others.config.recipe.model} counts: it has no layers, and this wants a network: name another run`,
    )
  return { ...others, model }
}

/** What a run's config says of its numbers. */
export const meaningsOf = ({ vocabulary, condition, foretold }: RunConfig): Meanings => ({
  vocabulary: Vocabulary.fromJSON(vocabulary),
  condition,
  foretold,
})
