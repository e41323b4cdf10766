/**
 * All settings of a run, in groups: the flags of `makewave train`, the keys of a config file, and the fields of a recipe. Those of a
 * model, an optimizer or a schedule are declared beside it.
 */
import { NGram } from "../counting/ngram.ts"
import { nearest } from "../data/nearest.ts"
import { UserError } from "../errors.ts"
import { models } from "../models/index.ts"
import type { ModelClass } from "../models/model.ts"
import { optimizers, schedules } from "../optim/index.ts"
import { providers } from "../runtime/session.ts"
import {
  type Declared,
  derived,
  either,
  fraction,
  notNegative,
  type Options,
  oneOf,
  only,
  positive,
  type Setting,
  text,
  toggle,
  unless,
  whole,
} from "../setting.ts"
import { settingsOf } from "./choice.ts"

/** The model that is counted and not trained. */
export const NGRAM = "ngram"

/** Every model, by its name. */
export const allModels = { [NGRAM]: NGram, ...models }

const names = <T extends object>(table: T) => Object.keys(table) as (keyof T & string)[]

interface Given {
  readonly model?: keyof typeof allModels
  readonly sampleRate?: number
  readonly classify?: string
  readonly evaluateEvery?: number
}

const forText = ({ sampleRate }: Given) =>
  sampleRate === undefined ? undefined : "it is for text, and this is sound: leave it out"

const forSound = ({ sampleRate }: Given) =>
  sampleRate === undefined ? "it is a setting of sound (a folder of WAV files): leave it out" : undefined

/** Sound needs a model whose receptive field is known. */
const sounding = names(allModels).filter((name) => "receptiveField" in allModels[name])

const forItsSound = ({ model, sampleRate }: Given) =>
  sampleRate === undefined || model === undefined || sounding.includes(model)
    ? undefined
    : `sound is for ${either(sounding)}: leave it out, or choose that`

const forTraining = ({ model }: Given) =>
  model === NGRAM ? `the model ${NGRAM} is counted and not trained: leave it out` : undefined

const forModelsWith = (use: "condition" | "classify") => {
  const able = names(models).filter((name) => (models[name] as ModelClass).labels.includes(use))
  return ({ model }: Given) =>
    able.includes(model as keyof typeof models)
      ? undefined
      : `the model ${model} takes no labels: leave it out, or choose --model ${either(able)}`
}

const label = { unit: "label", wanted: "give the name of a label" }
const steps = (least: number) => ({ unit: "steps", least })

/** The power of ten at or below, and at least 1. */
const powerOfTen = (x: number): number => 10 ** Math.max(0, Math.floor(Math.log10(x)))

const { contextLength: context, ...ofModels } = settingsOf("model", allModels)

/** Settings by what they decide; the recipe has them in this order. */
export const groups = {
  data: {
    data: text(
      "names",
      "a data set (names, languages, makemore-names), or the path of a text file (one thing a line), of a table, or of a folder of WAV files",
      { unit: "name-or-path", wanted: "give a data set or the path of a text file" },
    ),
    column: only(
      forText,
      text(undefined, "the column of the table (.csv, .tsv, .jsonl) with the things", {
        unit: "name",
        wanted: "give the name of a column",
      }),
    ),
    condition: only(
      forModelsWith("condition"),
      text(
        undefined,
        "a label of each line to condition the model on: sex, language, or a column of the table",
        label,
      ),
    ),
    classify: only(
      forText,
      only(
        forModelsWith("classify"),
        text(undefined, "a label of each line that the model learns to predict from the line", label),
      ),
    ),
    sampleRate: whole(undefined, "sample rate that the sounds of a folder are brought to", {
      unit: "hertz",
      least: 1000,
      most: 384_000,
    }),
    silence: only(
      forSound,
      notNegative(40, "level below a sound's peak at which its ends are cut off as silent; 0 cuts none", {
        unit: "decibels",
      }),
    ),
    predict: only(
      forSound,
      oneOf(
        ["everywhere", "inside"],
        "everywhere",
        "which samples of a sound are predicted: all, or those whose receptive field lies inside it",
        { unit: "where" },
      ),
    ),
    splitSeed: whole(42, "seed of the split into training, validation and test part", { unit: "number" }),
  },
  model: {
    ...unless(forItsSound, { model: oneOf(names(allModels), "wavenet", names(allModels).join(", ")) }),
    ...ofModels,
    context: context as Setting<number, NonNullable<typeof context.default>>,
  },
  step: {
    ...unless(forTraining, {
      batchSize: whole(32, "rows of a batch", { unit: "rows", least: 1, most: 2 ** 20 }),
      optimizer: oneOf(names(optimizers), "sgd", names(optimizers).join(", ")),
      ...settingsOf("optimizer", optimizers),
      clipNorm: positive(undefined, "maximum global gradient norm; no clipping by default", { unit: "norm" }),
      classWeight: only(
        ({ classify }: Given) =>
          classify === undefined
            ? "it is a setting of models that classify: leave it out, or give --classify"
            : undefined,
        positive(1, "weight of the loss of --classify beside that of the next symbol", { unit: "weight" }),
      ),
    }),
    seed: whole(42, "seed of initial values, batches and samples", { unit: "number" }),
  },
  schedule: unless(forTraining, {
    steps: whole(200_000, "steps of the training, a batch each", { least: 1 }),
    learningRate: positive(
      derived(
        names(optimizers)
          .map((name) => `${optimizers[name].learningRate} for ${name}`)
          .join("; "),
        ({ optimizer }: { optimizer: keyof typeof optimizers }) => optimizers[optimizer].learningRate,
      ),
      "highest learning rate",
      { unit: "rate" },
    ),
    schedule: oneOf(names(schedules), "step", `how the learning rate falls: ${names(schedules).join(", ")}`),
    ...settingsOf("schedule", schedules),
    ema: fraction(undefined, "decay of a moving average of the weights, such as 0.998, used in their place", {
      unit: "decay",
    }),
  }),
  machine: unless(forTraining, {
    provider: oneOf(
      providers,
      undefined,
      `ONNX Runtime's execution provider: ${providers.join(", ")} (default: cpu)`,
    ),
    threads: whole(undefined, "threads inside an operator (default: 1)", { least: 1, most: 1024 }),
  }),
  run: unless(forTraining, {
    logEvery: whole(
      derived(
        "a hundredth of the steps, rounded down to a power of ten, at most 100",
        ({ steps }: { steps: number }) => Math.min(100, powerOfTen(steps / 100)),
      ),
      "steps between logged losses",
      steps(1),
    ),
    checkpointEvery: whole(
      derived(
        "a tenth of the steps, rounded down to a power of ten, at least 100",
        ({ steps }: { steps: number }) => Math.max(100, powerOfTen(steps / 10)),
      ),
      "steps between checkpoints",
      steps(1),
    ),
    evaluateEvery: whole(
      derived("a tenth of the steps, at least 1,000", ({ steps }: { steps: number }) =>
        Math.max(1000, Math.ceil(steps / 10)),
      ),
      "steps between validation losses; 0 for one at the end only",
      steps(0),
    ),
    patience: only(
      ({ evaluateEvery }: Given) =>
        evaluateEvery === 0
          ? "it needs validation losses: leave it out, or give --evaluate-every above 0"
          : undefined,
      whole(undefined, "end after so many validation losses without a new best, and keep the best model", {
        least: 1,
      }),
    ),
    tensorboard: toggle(
      undefined,
      "event files for TensorBoard beside the metrics: losses, weights, samples",
    ),
  }),
}

/** All of them, by name, in the order of a recipe. */
export const settings = {
  ...groups.data,
  ...groups.model,
  ...groups.step,
  ...groups.schedule,
  ...groups.machine,
  ...groups.run,
}

/** A recipe in which defaults may be left out. */
export type Settings = Options<typeof settings>
export type SettingName = keyof Settings

/** The names of a group's settings. */
export const namesOf = <S extends Declared>(group: S) => Object.keys(group) as (keyof S & SettingName)[]

/** Names of settings in version 0.1, in config files, run folders and flags. */
export const formerNames: Readonly<Record<string, SettingName>> = { rate: "sampleRate", foretell: "classify" }

/** A setting's name where its name in version 0.1 is given. */
export const currentName = (key: string): string => (Object.hasOwn(formerNames, key) ? formerNames[key] : key)

/** The settings that a file holds; a UserError names what in it is none. `name` is the file's. */
export function parseSettings(value: unknown, name: string): Settings {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UserError(`${name}: there are no settings in it: give lines such as learningRate: 0.1`)
  return Object.fromEntries(
    Object.entries(value).map(([written, each]) => {
      const key = currentName(written)
      if (!Object.hasOwn(settings, key)) throw new UserError(`${name}: ${unknownSetting(key)}`)
      const { problem } = check(settings[key as SettingName], each)
      if (problem) throw new UserError(`${name}: ${key}: ${problem}`)
      return [key, each]
    }),
  )
}

/** A value that is accepted, or what would do. `written` is what somebody wrote. */
export function check(
  setting: Setting,
  value: unknown,
  written = String(value),
): { value?: unknown; problem?: string } {
  if (setting.accepts(value)) return { value }
  const meant = setting.choices && nearest(written, setting.choices)
  return { problem: `${setting.wanted}${meant ? `; did you mean ${meant}?` : ""}` }
}

/** What is said of a key that is none, with the one that was meant. */
export function unknownSetting(key: string): string {
  const meant = nearest(key, Object.keys(settings))
  return `there is no setting ${JSON.stringify(key)}: ${meant ? `did you mean ${meant}?` : "leave it out; train --help has all there are"}`
}
