/** Opens the model of a run: its best checkpoint if it keeps one, else its last. */
import { type Mixture, networkOf } from "../counting/mixture.ts"
import type { NGram } from "../counting/ngram.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { codecOf } from "./codec.ts"
import { learnerOf } from "./learners/index.ts"
import { readRun } from "./run.ts"
import type { Store } from "./store.ts"
import type { TrainedModel } from "./trained-model.ts"

/**
 * A network, an n-gram model, or a mixture of both. A folder without a run is a UserError. `notice` receives a sentence if the run is of a
 * mixture that is not mixed yet.
 */
export async function openAnyModel(
  run: Store | string,
  notice: (sentence: string) => void = () => {},
): Promise<TrainedModel<Model | NGram | Mixture>> {
  const { config, checkpoint, folder } = await readRun(run)
  const codec = codecOf(config)
  const { training, mix } = checkpoint
  if (config.recipe.mixOrder !== undefined && !mix)
    notice(
      `${folder}: its network is mixed with counts when the training ends: until then this is the network alone`,
    )
  const model = learnerOf(config.recipe)
    .create(config.recipe, codec)
    .loadStateDict({ ...checkpoint.model, ...mix })
  return {
    folder,
    config,
    model: model as Model | NGram | Mixture,
    ...codec,
    steps: training.steps,
    training,
  }
}

/** A network; that of a mixture alone, without its counts. A run of a model that counts is a UserError. */
export async function openModel(run: Store | string): Promise<TrainedModel> {
  const trained = await openAnyModel(run)
  const { model } = trained.config.recipe
  if (!learnerOf(trained.config.recipe).hasLayers)
    throw new UserError(
      `${trained.folder}: the model ${model} counts and has no layers; a network is needed here: name another run`,
    )
  return { ...trained, model: networkOf(trained.model as Model | Mixture) }
}
