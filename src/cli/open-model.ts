/** The model that a run has trained so far, with its numbers and its symbols. */
import { NGram } from "../counting/ngram.ts"
import { Vocabulary } from "../data/vocabulary.ts"
import type { Model } from "../models/model.ts"
import { createModel, isCounted } from "../training/recipe.ts"
import { type RunConfig, readRun } from "../training/run.ts"

export interface TrainedModel<M = Model> {
  readonly folder: string
  readonly config: RunConfig
  readonly model: M
  readonly vocabulary: Vocabulary
  /** How many steps it has been trained for. */
  readonly steps: number
}

/** A network, or a model that counts. */
export async function openAnyModel(folder: string): Promise<TrainedModel<Model | NGram>> {
  const { config, checkpoint } = await readRun(folder)
  if (!isCounted(config.recipe)) return openModel(folder)
  const vocabulary = Vocabulary.fromJSON(config.vocabulary)
  const { order = 1 } = config.recipe
  const model = new NGram({ order, vocabularySize: vocabulary.size }).loadStateDict(checkpoint.model)
  return { folder, config, model, vocabulary, steps: 0 }
}

/** A network. A run whose model counts is a UserError. */
export async function openModel(folder: string): Promise<TrainedModel> {
  const { config, checkpoint } = await readRun(folder)
  const vocabulary = Vocabulary.fromJSON(config.vocabulary)
  const model = createModel(config.recipe, vocabulary.size).loadStateDict(checkpoint.model)
  return { folder, config, model, vocabulary, steps: checkpoint.training.steps }
}
