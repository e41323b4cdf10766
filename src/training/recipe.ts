/**
 * A recipe: everything that decides a training's numbers, as one flat record. Its keys are the flags of `makewave train`, the
 * fields of a run's config.json, and what a sweep varies; each is described and checked here and nowhere else.
 */
import * as z from "zod"
import { nearest } from "../data/nearest.ts"
import { UserError } from "../errors.ts"
import { type Model, models } from "../models/index.ts"
import { adamw } from "../optim/adamw.ts"
import type { Optimizer } from "../optim/optimizer.ts"
import { constant, cosine, type Schedule, step } from "../optim/schedules.ts"
import { sgd } from "../optim/sgd.ts"
import { providers } from "../runtime/session.ts"

const whole = (least: number, most = Number.MAX_SAFE_INTEGER) => {
  const end = most === Number.MAX_SAFE_INTEGER ? "on" : `to ${most.toLocaleString("en")}`
  const error = `give a whole number from ${least} ${end}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

/** Of anything in a model: beyond it no memory would do. */
const WIDEST = 16_384

const positive = z.number("give a number above 0").positive("give a number above 0")
const notNegative = z.number("give a number from 0 on").min(0, "give a number from 0 on")
const part = z
  .number("give a number from 0 to below 1")
  .min(0, "give a number from 0 to below 1")
  .lt(1, "give a number from 0 to below 1")
const seed = z.int("give a whole number").meta({ value: "number" })

function oneOf<const Names extends readonly [string, ...string[]]>(names: Names) {
  return z.enum(names, {
    error({ input }) {
      const meant = nearest(String(input), names)
      return `give ${names.slice(0, -1).join(", ")} or ${names.at(-1)}${meant ? `; did you mean ${meant}?` : ""}`
    },
  })
}

/** The model that is counted and not trained: of the settings it has only these. */
const NGRAM = "ngram"
const settingsOfNGram: readonly string[] = ["data", "column", "splitSeed", "model", "order", "seed"]

const networks = Object.keys(models) as (keyof typeof models)[]
const modelNames: [typeof NGRAM, ...typeof networks] = [NGRAM, ...networks]

/** What models take, beside the vocabulary's size. Which of these one has, and with what defaults, it says itself. */
const modelSettings = {
  context: whole(1, WIDEST).meta({ value: "symbols", description: "how many symbols it looks back on" }),
  embedding: whole(1, WIDEST).meta({ value: "numbers", description: "numbers that stand for a symbol" }),
  hidden: whole(1, WIDEST).meta({ value: "units", description: "hidden units of a layer" }),
  layers: whole(1, WIDEST).meta({
    value: "count",
    description: "transformer: how many blocks; wavenet-2016: layers of a stack, dilations 1, 2, 4, ...",
  }),
  heads: whole(1, WIDEST).meta({
    value: "count",
    description: "transformer: ways of looking back in a block",
  }),
  stacks: whole(1, WIDEST).meta({ value: "count", description: "wavenet-2016: stacks, one after the other" }),
  kernelSize: whole(1, WIDEST).meta({
    value: "symbols",
    description: "wavenet-2016: how many inputs a convolution reads",
  }),
  residualChannels: whole(1, WIDEST).meta({
    value: "numbers",
    description: "wavenet-2016: numbers of a position on its way through all layers",
  }),
  dilationChannels: whole(1, WIDEST).meta({
    value: "numbers",
    description: "wavenet-2016: numbers that come through a layer's gate",
  }),
  skipChannels: whole(1, WIDEST).meta({
    value: "numbers",
    description: "wavenet-2016: numbers in which all layers say what comes next",
  }),
  contextLayers: whole(0, WIDEST).meta({
    value: "count",
    description: "wavenet-2016: layers of a context stack, which sees further back in larger steps; 0, none",
  }),
  contextStride: whole(1, WIDEST).meta({
    value: "symbols",
    description: "wavenet-2016: how many symbols a step of the context stack takes",
  }),
  contextChannels: whole(1, WIDEST).meta({
    value: "numbers",
    description: "wavenet-2016: numbers of a step in the context stack",
  }),
  order: whole(1, 64).meta({
    value: "symbols",
    description: "ngram: symbols of a gram, the last one foretold",
  }),
  directConnections: z
    .boolean()
    .meta({ description: "mlp: embeddings reach the logits by a straight way too" }),
  batchNormBug: z.boolean().meta({
    description: "wavenet: BatchNorm statistics for each position apart, the bug of the lecture's 38:50",
  }),
}

/** Each setting with its check; `value` is what its flag takes, and a setting without is a switch. */
export const settings = {
  data: z.string().min(1, "give a data set or the path of a text file").meta({
    value: "name-or-file",
    description: "a data set (names, makemore-names) or the path of a text file, one thing a line",
  }),
  column: z.string().min(1, "give the name of a column").meta({
    value: "name",
    description: "of a table (.csv, .tsv, .jsonl): the column with the things",
  }),
  splitSeed: seed.meta({ description: "seed of the split into training, validation and test part; 42" }),
  model: oneOf(modelNames).meta({ value: "name", description: `${modelNames.join(", ")}; wavenet` }),
  ...modelSettings,
  steps: whole(1).meta({ value: "count", description: "how many batches are learned from; 200,000" }),
  batchSize: whole(2, 2 ** 20).meta({ value: "rows", description: "rows of a batch; 32" }),
  optimizer: oneOf(["sgd", "adamw"]).meta({ value: "name", description: "sgd or adamw; sgd" }),
  learningRate: positive.meta({ value: "rate", description: "the highest; sgd 0.1, adamw 0.0005" }),
  momentum: part.meta({ value: "part", description: "of sgd; 0" }),
  beta1: part.meta({ value: "part", description: "of adamw: of the mean gradient what a step keeps; 0.9" }),
  beta2: part.meta({ value: "part", description: "of adamw: of the mean square what a step keeps; 0.999" }),
  weightDecay: notNegative.meta({ value: "rate", description: "sgd 0, adamw 0.01" }),
  schedule: oneOf(["constant", "step", "cosine"]).meta({
    value: "name",
    description: "how the learning rate falls: constant, step (a tenth at each milestone) or cosine; step",
  }),
  milestones: z.array(whole(0), "give steps, separated by commas, such as 150000").meta({
    value: "steps",
    description: "of the step schedule, separated by commas; three quarters of the steps",
  }),
  warmup: whole(0).meta({
    value: "steps",
    description: "of the cosine schedule: how long the rate rises first; 0",
  }),
  clipNorm: positive.meta({
    value: "length",
    description: "the longest that all gradients together may be; no bound",
  }),
  ema: part.meta({
    value: "part",
    description:
      "average the weights over steps, of which each keeps this part, such as 0.998, and use those",
  }),
  seed: seed.meta({ description: "of initial values, batches and samples; 42" }),
  logEvery: whole(1).meta({
    value: "steps",
    description: "steps from one logged loss to the next; 100, or less",
  }),
  checkpointEvery: whole(1).meta({
    value: "steps",
    description: "steps from one checkpoint to the next; a tenth, or less",
  }),
  evaluateEvery: whole(0).meta({
    value: "steps",
    description: "steps from one validation loss to the next, 0: only at the end; a tenth, or 1,000",
  }),
  patience: whole(1).meta({
    value: "count",
    description: "end after so many validation losses that are no better than the best, whose model is kept",
  }),
  provider: oneOf(providers).meta({
    value: "name",
    description: `who computes: ${providers.join(", ")}; cpu`,
  }),
  threads: whole(1, 1024).meta({ value: "count", description: "threads inside an operator; 1" }),
}

const settingsSchema = z.strictObject(settings).partial()

/** A recipe with what is to be as it usually is left out. */
export type Settings = z.infer<typeof settingsSchema>
export type Setting = keyof Settings

type Sometimes =
  | "column"
  | Exclude<keyof typeof modelSettings, "context">
  | "momentum"
  | "beta1"
  | "beta2"
  | "milestones"
  | "warmup"
  | "clipNorm"
  | "patience"
  | "ema"
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
  const given: Settings = Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined))
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
    seed: 42,
    logEvery: Math.min(100, powerOfTen(steps / 100)),
    checkpointEvery: Math.max(100, powerOfTen(steps / 10)),
    evaluateEvery: Math.max(1000, Math.ceil(steps / 10)),
    ...given,
  }
}

/** What is read from a file: a recipe, or a UserError that says what in it is none. `name` is the file's. */
export function parseSettings(value: unknown, name: string): Settings {
  const parsed = settingsSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (issue.code === "unrecognized_keys") {
    const [key] = issue.keys
    throw new UserError(`${name}: ${unknownSetting(key)}`)
  }
  const { path, message } = issue
  throw new UserError(`${name}: ${path.length > 0 ? `${path.join(".")}: ` : ""}${message}`)
}

/** What is said of a key that is none, with the one that was meant. */
export function unknownSetting(key: string): string {
  const meant = nearest(key, Object.keys(settings))
  return `there is no setting ${JSON.stringify(key)}: ${meant ? `did you mean ${meant}?` : "leave it out; train --help has all there are"}`
}

/** --batch-size for batchSize. */
export const flag = (key: Setting): string =>
  `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

export function createModel(recipe: Settings & Pick<Recipe, "model">, vocabularySize: number): Model {
  if (recipe.model === NGRAM)
    throw new UserError(`the model ${NGRAM} counts: it has no layers, and this wants a network: name another`)
  const Class: new (config: ModelConfig) => Model = models[recipe.model]
  const { context: contextLength, ...others } = pick(recipe, Object.keys(modelSettings))
  return new Class({ vocabularySize, contextLength, ...others })
}

/** The settings that say which numbers a model has. */
export const modelOf = (recipe: Recipe): Settings => pick(recipe, ["model", ...Object.keys(modelSettings)])

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

type ModelConfig = Omit<Pick<Settings, keyof typeof modelSettings>, "context"> & {
  vocabularySize: number
  contextLength?: number
}

/** In the order of the keys, so that equal settings give equal JSON. */
const pick = (recipe: Settings, keys: string[]): Settings =>
  Object.fromEntries(keys.flatMap((key) => (key in recipe ? [[key, recipe[key as Setting]]] : [])))

function recipeOfNGram(given: Settings): Recipe {
  for (const key of Object.keys(given) as Setting[])
    if (!settingsOfNGram.includes(key))
      throw new UserError(
        `${flag(key)}: the model ${NGRAM} is counted and not trained: leave it out; beside the data it has ` +
          `${flag("order")} and ${flag("seed")}`,
      )
  return { data: "names", splitSeed: 42, order: 6, seed: 42, ...given } as Recipe
}

/** What a model of the smallest vocabulary says its settings are. */
function settingsOfModel(
  model: Recipe["model"],
  given: Settings,
  longestLine?: number,
): Settings & Pick<Recipe, "context"> {
  const { reads, config } = createModel({ ...given, model }, 2)
  const { vocabularySize: _, contextLength, ...others } = config
  const whole = reads === "sequences" && longestLine !== undefined ? longestLine + 1 : contextLength
  const own = { context: given.context ?? whole, ...others }
  for (const key of Object.keys(modelSettings) as (keyof typeof modelSettings)[])
    if (given[key] !== undefined && !Object.hasOwn(own, key)) {
      const flags = Object.keys(own).map((each) => flag(each as Setting))
      throw new UserError(
        `${flag(key)}: the model ${model} has no such setting: leave it out; it has ${flags.join(", ")}`,
      )
    }
  return own as Settings & { context: number }
}

/** The power of ten at or below, and at least 1. */
const powerOfTen = (x: number): number => 10 ** Math.max(0, Math.floor(Math.log10(x)))
