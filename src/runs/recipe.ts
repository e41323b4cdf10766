/**
 * A recipe: everything that decides a training's numbers, as one flat record of settings, with a default for whatever is left out.
 * It is the `recipe` of a run's config.json, and what a sweep varies.
 */
import { UserError } from "../errors.ts"
import { type Model, models } from "../models/index.ts"
import { optimizers, schedules } from "../optim/index.ts"
import type { Optimizer } from "../optim/optimizer.ts"
import type { Schedule } from "../optim/schedules.ts"
import { type Default, type Filled, fill, flag } from "../setting.ts"
import { NGRAM, type SettingName, type Settings, settings } from "./settings.ts"

/** A recipe with everything that applies to it; that of a model that is counted has nothing of a training but the seed. */
export type Recipe = Filled<typeof settings>

/**
 * Fills in the lecture's recipe, or `defaults` where a kind of data has its own, for whatever is left out. A model of sequences looks back on as much as the longest line
 * wants. A setting that does not apply is a UserError.
 */
export function resolveRecipe(
  some: Settings,
  { longestLine, defaults }: { longestLine?: number; defaults?: Readonly<Record<string, Default>> } = {},
): Recipe {
  const given: Settings = Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined))
  const facts = { longestLine, labels: given.condition === undefined ? 0 : 1 }
  const recipe = fill(settings, given, { facts, instead: defaults })
  for (const key of Object.keys(given) as SettingName[]) {
    const reason = settings[key].unless?.({ ...facts, ...recipe })
    if (reason !== undefined) throw new UserError(`${written(key, given[key])}: ${reason}`)
  }
  const { condition, classify } = given
  if (condition !== undefined && condition === classify)
    throw new UserError(
      `${flag("condition")} and ${flag("classify")} ${condition}: a model need not predict what it is given: leave one out`,
    )
  return recipe
}

/** A setting as a flag. */
const written = (key: SettingName, value: Settings[SettingName]): string =>
  value === true ? flag(key) : `${flag(key)} ${value}`

/** 4 GB of numbers, of which an optimizer keeps up to four times as many. */
const MOST_PARAMETERS = 1e9

/**
 * The recipe's model, for so many labels that it is conditioned on and classes that it predicts. One of more parameters than fit is
 * a UserError.
 */
export function createModel(
  recipe: Settings & Pick<Recipe, "model">,
  vocabularySize: number,
  { labels, classes }: { labels?: number; classes?: number } = {},
): Model {
  if (recipe.model === NGRAM)
    throw new UserError(`the model ${NGRAM} counts: it has no layers, and this wants a network: name another`)
  const { context: contextLength } = recipe
  const model = new models[recipe.model]({ ...recipe, vocabularySize, contextLength, labels, classes })
  if (model.parameterCount > MOST_PARAMETERS)
    throw new UserError(
      `a ${recipe.model} of these sizes has ${model.parameterCount.toLocaleString("en")} parameters, and at most ` +
        `${MOST_PARAMETERS.toLocaleString("en")} can be trained: give smaller ones`,
    )
  return model
}

export const createOptimizer = (recipe: Recipe): Optimizer => optimizers[recipe.optimizer](recipe)

export const createSchedule = (recipe: Recipe): Schedule =>
  schedules[recipe.schedule](recipe.learningRate, recipe)
