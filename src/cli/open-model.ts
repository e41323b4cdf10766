/** The model that a run has trained so far, with its numbers and its symbols. */
import { Vocabulary } from "../data/vocabulary.ts"
import type { Model } from "../models/model.ts"
import { createModel } from "../training/recipe.ts"
import { type RunConfig, readRun } from "../training/run.ts"

export interface TrainedModel {
  readonly folder: string
  readonly config: RunConfig
  readonly model: Model
  readonly vocabulary: Vocabulary
  /** How many steps it has been trained for. */
  readonly steps: number
}

export async function openModel(folder: string): Promise<TrainedModel> {
  const { config, checkpoint } = await readRun(folder)
  const vocabulary = Vocabulary.fromJSON(config.vocabulary)
  const model = createModel(config.recipe, vocabulary.size).loadStateDict(checkpoint.model)
  return { folder, config, model, vocabulary, steps: checkpoint.training.steps }
}
