/**
 * A recipe: everything that a training's result depends on, as one flat record of settings with defaults filled in. It is the `recipe`
 * of a run's config.json, and what a sweep varies.
 */
import { UserError } from "../errors.ts"
import { type Model, models } from "../models/index.ts"
import type { ModelClass } from "../models/model.ts"
import { optimizers, schedules } from "../optim/index.ts"
import type { Optimizer } from "../optim/optimizer.ts"
import type { Schedule } from "../optim/schedules.ts"
import { requireMemory } from "../runtime/memory.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { type Default, type Filled, fill, flag } from "../setting.ts"
import { createOwn, ownModels } from "./own-models.ts"
import { check, ENSEMBLE, NGRAM, type SettingName, type Settings, settings } from "./settings.ts"

/** Only the settings that apply: an n-gram model, which is fitted by counting, has none of training but the seed. */
export type Recipe = Filled<typeof settings>

/**
 * Fills in `defaults` and otherwise those of the lecture. The context of a model of sequences defaults to the longest line. A setting
 * that does not apply, or with a value that it does not take, is a UserError: each recipe can be kept and read again.
 */
export function resolveRecipe(
  some: Settings,
  { longestLine, defaults }: { longestLine?: number; defaults?: Readonly<Record<string, Default>> } = {},
): Recipe {
  const given: Settings = Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined))
  const facts = { longestLine, labels: given.condition === undefined ? 0 : 1 }
  const recipe = fill(settings, given, { facts, instead: defaults })
  for (const key of Object.keys(given) as SettingName[]) {
    const { problem } = check(settings[key], given[key])
    const reason = problem ?? settings[key].unless?.({ ...facts, ...recipe })
    if (reason !== undefined) throw new UserError(`${written(key, given[key])}: ${reason}`)
  }
  const { column, condition, classify } = recipe
  for (const [key, name] of Object.entries({ condition, classify }))
    if (name !== undefined && name === column)
      throw new UserError(
        `${flag("column")} and ${flag(key)} ${name}: a column is either the lines or their labels: name another`,
      )
  if (condition !== undefined && condition === classify)
    throw new UserError(
      `${flag("condition")} and ${flag("classify")} ${condition}: a model need not predict its own input: leave one out`,
    )
  return recipe
}

const written = (key: SettingName, value: Settings[SettingName]): string =>
  value === true ? flag(key) : `${flag(key)} ${value === "" ? '""' : value}`

/** The settings that make a recipe for lines again: the lecture's recipe, and all that differs from it. */
export function settingsBesideDefaults(recipe: Recipe, longestLine: number | undefined): Settings {
  const facts = { longestLine, labels: recipe.condition === undefined ? 0 : 1 }
  const given: Record<string, unknown> = { recipe: "lecture" }
  for (const [key, value] of Object.entries({ ...recipe, ...given }))
    if (String(value) !== String(fill(settings, given, { facts })[key as SettingName])) given[key] = value
  return given
}

/** 2 GB of float32, as much as a checkpoint holds. With an optimizer's moments it holds fewer parameters (checkpoint.ts). */
const MOST_PARAMETERS = 500_000_000

/** The recipe's model. `labels` and `classes` are their numbers. A model too large for any machine is a UserError. */
export function createModel(
  recipe: Settings & Pick<Recipe, "model">,
  vocabularySize: number,
  { labels, classes }: { labels?: number; classes?: number } = {},
): Model {
  if (recipe.model === NGRAM || recipe.model === ENSEMBLE)
    throw new UserError(
      `the model ${recipe.model} has no layers of its own, and a network is needed here: name another`,
    )
  const { context: contextLength } = recipe
  const model = create(recipe.model, { ...recipe, vocabularySize, contextLength, labels, classes })
  if (model.parameterCount > MOST_PARAMETERS)
    throw new UserError(
      `a ${recipe.model} of these sizes has ${model.parameterCount.toLocaleString("en")} parameters, and at most ` +
        `${MOST_PARAMETERS.toLocaleString("en")} can be trained: give smaller ones`,
    )
  // The parameters and their initial or saved values. Compiling a step checks all that it takes.
  requireMemory(2 * 4 * model.parameterCount, recipe)
  return model
}

function create(
  name: Exclude<Recipe["model"], typeof NGRAM | typeof ENSEMBLE>,
  options: ConstructorParameters<ModelClass>[0] & { contextLength?: number },
): Model {
  const own = ownModels.get(name)
  if (own) return createOwn(own, options)
  if (Object.hasOwn(models, name)) return new models[name](options)
  throw new UserError(`the model ${name} is of a file of its own: give it, as in --model my-model/model.ts`)
}

/** How the runtime runs a recipe. `notice` receives a sentence if something runs differently. */
export const runtimeOf = (
  { provider, threads, memory }: Settings,
  notice?: (sentence: string) => void,
): RuntimeOptions => ({ provider, threads, memory, notice })

export const createOptimizer = (recipe: Recipe): Optimizer => optimizers[recipe.optimizer](recipe)

export const createSchedule = (recipe: Recipe): Schedule =>
  schedules[recipe.schedule](recipe.learningRate, recipe)
