/**
 * What can be set: each setting with its check and its sentence, here and nowhere else. They are the flags of `makewave train`, the
 * keys of a config file, and the fields of a recipe.
 */
import * as z from "zod"
import { nearest } from "../data/nearest.ts"
import { UserError } from "../errors.ts"
import { models } from "../models/index.ts"
import { providers } from "../runtime/session.ts"

const whole = (least: number, most = Number.MAX_SAFE_INTEGER) => {
  const end = most === Number.MAX_SAFE_INTEGER ? "on" : `to ${most.toLocaleString("en")}`
  const error = `give a whole number from ${least} ${end}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

/** How much there is of something in a model; beyond the bound no memory would do. */
const size = (value: string, description: string, { least = 1 } = {}) =>
  whole(least, 16_384).meta({ value, description })

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

/** The model that is counted and not trained. */
export const NGRAM = "ngram"

const networks = Object.keys(models) as (keyof typeof models)[]
const modelNames: [typeof NGRAM, ...typeof networks] = [NGRAM, ...networks]

/** What models take, beside the vocabulary's size. Which of these one has, and with what defaults, it says itself. */
const ofModels = {
  context: size("symbols", "how many symbols it looks back on"),
  embedding: size("numbers", "numbers that stand for a symbol"),
  hidden: size("units", "hidden units of a layer"),
  layers: size(
    "count",
    "transformer: how many blocks; wavenet-2016: layers of a stack, dilations 1, 2, 4, ...",
  ),
  heads: size("count", "transformer: ways of looking back in a block"),
  stacks: size("count", "wavenet-2016: stacks, one after the other"),
  kernelSize: size("symbols", "wavenet-2016: how many inputs a convolution reads"),
  residualChannels: size("numbers", "wavenet-2016: numbers of a position on its way through all layers"),
  dilationChannels: size("numbers", "wavenet-2016: numbers that come through a layer's gate"),
  skipChannels: size("numbers", "wavenet-2016: numbers in which all layers say what comes next"),
  contextLayers: size(
    "count",
    "wavenet-2016: layers of a context stack, which sees further back in larger steps; 0, none",
    { least: 0 },
  ),
  contextStride: size("symbols", "wavenet-2016: how many symbols a step of the context stack takes"),
  contextChannels: size("numbers", "wavenet-2016: numbers of a step in the context stack"),
  labelWidth: size("numbers", "wavenet-2016: numbers that stand for a label (--condition); 16"),
  order: whole(1, 64).meta({
    value: "symbols",
    description: "ngram: length of the longest gram, its last symbol the predicted one",
  }),
  directConnections: z
    .boolean()
    .meta({ description: "mlp: embeddings reach the logits by a straight way too" }),
  batchNormBug: z.boolean().meta({
    description: "wavenet: BatchNorm statistics for each position apart, the bug of the lecture's 38:50",
  }),
}

const ofData = {
  data: z.string().min(1, "give a data set or the path of a text file").meta({
    value: "name-or-path",
    description:
      "a data set (names, languages, makemore-names), the path of a text file, one thing a line, or of a folder of WAV files",
  }),
  column: z.string().min(1, "give the name of a column").meta({
    value: "name",
    description: "of a table (.csv, .tsv, .jsonl): the column with the things",
  }),
  condition: z.string().min(1, "give the name of a label").meta({
    value: "label",
    description: "a label of each line that the model goes by: sex, language, or a column of the table",
  }),
  classify: z.string().min(1, "give the name of a label").meta({
    value: "label",
    description: "a label of each line that the model learns to tell from the line",
  }),
  sampleRate: whole(1000, 384_000).meta({
    value: "hertz",
    description: "of a folder of sounds: samples a second that they are brought to; 8,000",
  }),
  silence: notNegative.meta({
    value: "decibels",
    description:
      "of sounds: how far below its loudest moment a sound's ends are cut off as silent; 40, 0 cuts none",
  }),
  predict: oneOf(["everywhere", "inside"]).meta({
    value: "where",
    description:
      "of sounds: which samples count, everywhere, or only those inside whose receptive field is all in the sound; everywhere",
  }),
  splitSeed: seed.meta({ description: "seed of the split into training, validation and test part; 42" }),
}

/** Each setting with its check; `value` is what its flag takes, and a setting without is a switch. */
export const settings = {
  ...ofData,
  model: oneOf(modelNames).meta({ value: "name", description: `${modelNames.join(", ")}; wavenet` }),
  ...ofModels,
  steps: whole(1).meta({ value: "count", description: "how many batches are learned from; 200,000" }),
  batchSize: whole(1, 2 ** 20).meta({ value: "rows", description: "rows of a batch; 32" }),
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
  classWeight: positive.meta({
    value: "weight",
    description: "of --classify: how much its loss counts beside that of the next symbol; 1",
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
  tensorboard: z.boolean().meta({
    description: "event files for TensorBoard beside the metrics: losses, weights, samples",
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

/** Those that say which data, in the order of the flags. */
export const dataSettings = Object.keys(ofData) as readonly (keyof typeof ofData)[]

/** Those that say how a model is made, in the order of the flags. */
export const modelSettings = Object.keys(ofModels) as readonly ModelSetting[]
export type ModelSetting = keyof typeof ofModels

/** Names of settings in version 0.1, in config files, run folders and flags. */
export const formerNames: Readonly<Record<string, Setting>> = { rate: "sampleRate", foretell: "classify" }

/** A setting's name where its name in version 0.1 is given. */
export const currentName = (key: string): string => (Object.hasOwn(formerNames, key) ? formerNames[key] : key)

/** What is read from a file: a recipe, or a UserError that says what in it is none. `name` is the file's. */
export function parseSettings(value: unknown, name: string): Settings {
  const parsed = settingsSchema.safeParse(withCurrentNames(value))
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

const withCurrentNames = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([key, each]) => [currentName(key), each]))
    : value

/** --batch-size for batchSize. */
export const flag = (key: string): string =>
  `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
