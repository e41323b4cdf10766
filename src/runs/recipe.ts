/**
 * A recipe: everything that decides a training's numbers, as one flat record of settings, with a default for whatever is left out.
 * It is the `recipe` of a run's config.json, and what a sweep varies.
 */
import { UserError } from "../errors.ts"
import { type Model, models } from "../models/index.ts"
import { adamw } from "../optim/adamw.ts"
import type { Optimizer } from "../optim/optimizer.ts"
import { constant, cosine, type Schedule, step } from "../optim/schedules.ts"
import { sgd } from "../optim/sgd.ts"
import { flag, type ModelSetting, modelSettings, NGRAM, type Setting, type Settings } from "./settings.ts"
import { cropLength, isSound, withSoundSettings } from "./sound-recipe.ts"

type Sometimes =
  | "column"
  | "sampleRate"
  | "silence"
  | "predict"
  | "condition"
  | "classify"
  | Exclude<ModelSetting, "context">
  | "momentum"
  | "beta1"
  | "beta2"
  | "milestones"
  | "warmup"
  | "clipNorm"
  | "classWeight"
  | "patience"
  | "ema"
  | "tensorboard"
  | "provider"
  | "threads"
/** A recipe with everything that applies to it; that of a model that is counted stops at `seed`. */
export type Recipe = Settings & Required<Omit<Settings, Sometimes>>

/** Whether the model is counted and not trained. */
export const isCounted = ({ model }: Pick<Settings, "model">): boolean => model === NGRAM

/**
 * The lecture's recipe for whatever is left out. A model of sequences looks back on as much as the longest line wants. A
 * setting that is not for this model, optimizer or schedule is a UserError.
 */
export function resolveRecipe(some: Settings, { longestLine }: { longestLine?: number } = {}): Recipe {
  const there: Settings = Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined))
  const given = isSound(there) ? withSoundSettings(there) : there
  if (isCounted(given)) return recipeOfNGram(given)
  const { model = "wavenet", steps = 200_000, optimizer = "sgd", schedule = "step" } = given
  const only = (key: Setting, fits: boolean, whose: string) => {
    if (given[key] !== undefined && !fits)
      throw new UserError(`${flag(key)}: it is a setting of ${whose}: leave it out, or choose that`)
  }
  only("momentum", optimizer === "sgd", "the optimizer sgd")
  only("beta1", optimizer === "adamw", "the optimizer adamw")
  only("beta2", optimizer === "adamw", "the optimizer adamw")
  only("milestones", schedule === "step", "the schedule step")
  only("patience", given.evaluateEvery !== 0, "runs with validation losses (--evaluate-every)")
  only("warmup", schedule === "cosine", "the schedule cosine")
  only("silence", isSound(given), "sound (a folder of WAV files)")
  only("predict", isSound(given), "sound (a folder of WAV files)")
  only("labelWidth", given.condition !== undefined, "models that go by a label (--condition)")
  only("classWeight", given.classify !== undefined, "models that classify (--classify)")
  if (given.condition !== undefined && given.condition === given.classify)
    throw new UserError(
      `${flag("condition")} and ${flag("classify")} ${given.condition}: a model need not predict what it is given: leave one out`,
    )
  return {
    data: "names",
    splitSeed: 42,
    model,
    ...settingsOfModel(model, given, longestLine),
    steps,
    batchSize: 32,
    optimizer,
    learningRate: optimizer === "sgd" ? 0.1 : 5e-4,
    ...(optimizer === "sgd" ? { momentum: 0 } : { beta1: 0.9, beta2: 0.999 }),
    weightDecay: optimizer === "sgd" ? 0 : 0.01,
    schedule,
    ...(schedule === "step" && { milestones: [Math.floor(steps * 0.75)] }),
    ...(schedule === "cosine" && { warmup: 0 }),
    ...(given.classify !== undefined && { classWeight: 1 }),
    seed: 42,
    logEvery: Math.min(100, powerOfTen(steps / 100)),
    checkpointEvery: Math.max(100, powerOfTen(steps / 10)),
    evaluateEvery: Math.max(1000, Math.ceil(steps / 10)),
    ...given,
  }
}

/** 4 GB of numbers, of which an optimizer keeps up to four times as many. */
const MOST_PARAMETERS = 1e9

/** A model of more parameters than fit is a UserError. `labels` and `classes` are how many labels there are that it goes by and classes that it predicts. */
export function createModel(
  recipe: Settings & Pick<Recipe, "model">,
  vocabularySize: number,
  { labels, classes }: { labels?: number; classes?: number } = {},
): Model {
  if (recipe.model === NGRAM)
    throw new UserError(`the model ${NGRAM} counts: it has no layers, and this wants a network: name another`)
  const Class: new (config: ModelConfig) => Model = models[recipe.model]
  const { context: contextLength, ...others } = pick(recipe, modelSettings)
  const model = new Class({ vocabularySize, contextLength, labels, classes, ...others })
  if (model.parameterCount > MOST_PARAMETERS)
    throw new UserError(
      `a ${recipe.model} of these sizes has ${model.parameterCount.toLocaleString("en")} parameters, and at most ` +
        `${MOST_PARAMETERS.toLocaleString("en")} can be trained: give smaller ones`,
    )
  return model
}

/** The settings that say which numbers a model has. */
export const modelOf = (recipe: Recipe): Settings => pick(recipe, ["model", ...modelSettings])

export function createOptimizer({ optimizer, momentum, beta1, beta2, weightDecay }: Recipe): Optimizer {
  return optimizer === "sgd"
    ? sgd({ momentum, weightDecay })
    : adamw({ betas: [beta1 ?? 0.9, beta2 ?? 0.999], weightDecay })
}

export function createSchedule({ schedule, learningRate, steps, milestones, warmup }: Recipe): Schedule {
  if (schedule === "constant") return constant(learningRate)
  if (schedule === "cosine") return cosine(learningRate, { steps, warmup })
  return step(learningRate, { milestones: milestones ?? [] })
}

type ModelConfig = Omit<Pick<Settings, ModelSetting>, "context"> & {
  vocabularySize: number
  contextLength?: number
  labels?: number
  classes?: number
}

/** In the order of the keys, so that equal settings give equal JSON. */
const pick = (recipe: Settings, keys: readonly Setting[]): Settings =>
  Object.fromEntries(keys.flatMap((key) => (key in recipe ? [[key, recipe[key]]] : [])))

function recipeOfNGram(given: Settings): Recipe {
  const own: readonly Setting[] = ["data", "column", "splitSeed", "model", "order", "seed"]
  for (const key of Object.keys(given) as Setting[])
    if (!own.includes(key))
      throw new UserError(
        `${flag(key)}: the model ${NGRAM} is counted and not trained: leave it out; beside the data it has ` +
          `${flag("order")} and ${flag("seed")}`,
      )
  return { data: "names", splitSeed: 42, order: 6, seed: 42, ...given } as Recipe
}

/** What a model of the smallest vocabulary, and of two labels where there are some, says its settings are. */
function settingsOfModel(
  model: Recipe["model"],
  given: Settings,
  longestLine?: number,
): Settings & Pick<Recipe, "context"> {
  const ofData = { labels: given.condition ? 2 : 0, classes: given.classify ? 2 : 0 }
  const smallest = createModel({ ...given, model }, 2, ofData)
  const { vocabularySize: _, contextLength, labels, classes, ...others } = smallest.config
  for (const [key, taken] of [
    ["condition", labels],
    ["classify", classes],
  ] as const)
    if (given[key] !== undefined && !taken)
      throw new UserError(
        `${flag(key)} ${given[key]}: the model ${model} knows of no labels: leave it out, or choose --model wavenet-2016`,
      )
  const lines = smallest.reads === "sequences" && longestLine !== undefined
  const whole = isSound(given) ? cropLength(smallest) : lines ? longestLine + 1 : contextLength
  const own = { context: given.context ?? whole, ...others }
  for (const key of modelSettings)
    if (given[key] !== undefined && !Object.hasOwn(own, key)) {
      const flags = Object.keys(own).map((each) => flag(each))
      throw new UserError(
        `${flag(key)}: the model ${model} has no such setting: leave it out; it has ${flags.join(", ")}`,
      )
    }
  return own as Settings & { context: number }
}

/** The power of ten at or below, and at least 1. */
const powerOfTen = (x: number): number => 10 ** Math.max(0, Math.floor(Math.log10(x)))
