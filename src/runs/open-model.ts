/** Opens the model of a run: its best checkpoint if it keeps one, else its last. */
import type { Ensemble, Member } from "../counting/ensemble.ts"
import { type Mixture, networkOf } from "../counting/mixture.ts"
import { shownAs } from "../display/contract.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { codecOf } from "./codec.ts"
import { learnerOf } from "./learners/index.ts"
import { changedOwn } from "./own-models.ts"
import { storeToRead } from "./packaged.ts"
import { readRun } from "./run.ts"
import type { Store } from "./store.ts"
import type { TrainedModel } from "./trained-model.ts"

/**
 * A network, an n-gram model, a mixture of both, or an ensemble. A folder without a run is a UserError. `notice` receives a sentence if the run is of a
 * mixture that is not mixed yet.
 */
export async function openAnyModel(
  run: Store | string,
  notice: (sentence: string) => void = () => {},
): Promise<TrainedModel<Member | Ensemble>> {
  const { config, checkpoint, folder } = await readRun(run)
  const changed = changedOwn(folder, config)
  if (changed) notice(`${changed}: the numbers of the run are put into the model as it is now`)
  const codec = codecOf(config)
  const { training, mix } = checkpoint
  const { hasLayers, create } = learnerOf(config.recipe)
  if (hasLayers && config.recipe.mixOrder !== undefined && !mix)
    notice(
      `${folder}: its network is mixed with counts when the training ends: until then this is the network alone`,
    )
  const made = create(config.recipe, codec, config.members)
  const model = fitting(changed, () => made.loadStateDict({ ...checkpoint.model, ...mix }))
  const { steps } = training
  return shownRun({ folder, config, model: model as Member | Ensemble, ...codec, steps, training }, run)
}

/** The model as its run shows itself. */
function shownRun<T extends TrainedModel<unknown>>(trained: T, run: Store | string): T {
  const { folder, config, steps } = trained
  return shownAs(trained, {
    name: `${config.recipe.model} of ${folder}, trained for ${steps.toLocaleString("en")} steps`,
    media: async () => (await import("./run-form.ts")).runMedia(await storeToRead(run), config),
  })
}

/** Why numbers do not fit, if that is because the file of the model has changed. */
function fitting<T>(changed: string | undefined, load: () => T): T {
  try {
    return load()
  } catch (error) {
    if (changed === undefined) throw error
    const { message } = error as Error
    throw new UserError(
      `${changed}, and its numbers do not fit: ${message}: put it back as it was, or train again`,
    )
  }
}

/** A network; that of a mixture alone, without its counts. A run of n-grams or of an ensemble is a UserError. */
export async function openModel(run: Store | string): Promise<TrainedModel> {
  const trained = await openAnyModel(run)
  const { model } = trained.config.recipe
  if (!learnerOf(trained.config.recipe).hasLayers)
    throw new UserError(
      `${trained.folder}: the model ${model} has no layers of its own; a network is needed here: name another run`,
    )
  return shownRun({ ...trained, model: networkOf(trained.model as Model | Mixture) }, run)
}
