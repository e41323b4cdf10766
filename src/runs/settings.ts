/**
 * All settings of a run, in groups: the flags of `makewave train`, the keys of a config file and the fields of a recipe. Settings of a
 * model, an optimizer or a schedule are declared with it.
 */
import { Ensemble } from "../counting/ensemble.ts"
import { NGram } from "../counting/ngram.ts"
import { composed } from "../data/composed.ts"
import { nearest } from "../data/nearest.ts"
import { fractionsInPercent } from "../data/split.ts"
import { tokenizers } from "../data/tokenizers/index.ts"
import { told, UserError } from "../errors.ts"
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
  orWord,
  positive,
  type Setting,
  seed,
  text,
  toggle,
  unless,
  whole,
} from "../setting.ts"
import { batchSize } from "../training/train-options.ts"
import { settingsOf } from "./choice.ts"
import { recipeNames } from "./recipes.ts"

/** The model fitted by counting. */
export const NGRAM = "ngram"

/** The model that averages trained runs. */
export const ENSEMBLE = "ensemble"

/** All models by name; `addModel` (own-models.ts) adds those of one's own. */
export const allModels = { [NGRAM]: NGram, ...models, [ENSEMBLE]: Ensemble }

const names = <T extends object>(table: T) => Object.keys(table) as (keyof T & string)[]

interface Given {
  readonly recipe?: string
  readonly model?: keyof typeof allModels
  readonly sampleRate?: number
  readonly tokens?: string
  readonly running?: boolean
  readonly classify?: string
  readonly condition?: string
  readonly evaluateEvery?: number
  readonly from?: string
  readonly teacher?: string
  readonly mixOrder?: number
  readonly split?: string
  readonly truncate?: number
}

const forText = ({ sampleRate }: Given) =>
  sampleRate === undefined ? undefined : "it is for text, and this is sound: leave it out"

const forLines = (given: Given) =>
  forText(given) ??
  (given.running ? "it is for a list, one item a line, and this is running text: leave it out" : undefined)

const forWords = ({ tokens }: Given) =>
  tokens === "words" ? undefined : "it is for words: leave it out, or give --tokens words"

const forItsData = ({ recipe, sampleRate }: Given) =>
  sampleRate === undefined || recipe === "lecture"
    ? undefined
    : "it is for text, and this is sound, which has defaults of its own: leave it out"

const forSound = ({ sampleRate }: Given) =>
  sampleRate === undefined ? "it is a setting of sound (a folder of WAV files): leave it out" : undefined

/** The models for sound: their receptive field is known. */
const sounding = () => names(allModels).filter((name) => "receptiveField" in allModels[name])

const forItsSound = ({ model, sampleRate }: Given) =>
  sampleRate === undefined || model === undefined || sounding().includes(model)
    ? undefined
    : `sound is for ${either(sounding())}: leave it out, or choose that`

const forNetworks = ({ model }: Given) =>
  model === NGRAM ? `the model ${NGRAM} is counted and not trained: leave it out` : undefined

const forMixtures = ({ mixOrder }: Given) =>
  !mixOrder ? "it is for a network mixed with counts: leave it out, or give --mix-order" : undefined

const forTraining = (given: Given) =>
  given.model === ENSEMBLE
    ? `the model ${ENSEMBLE} averages trained runs and is not trained: leave it out`
    : forNetworks(given)

const forModelsWith =
  (use: "condition" | "classify") =>
  ({ model }: Given) => {
    const able = names(allModels).filter((name) =>
      (allModels[name] as Partial<ModelClass>).labels?.includes(use),
    )
    return able.includes(model!) || (model === ENSEMBLE && use === "condition")
      ? undefined
      : `the model ${model} takes no labels: leave it out, or choose --model ${either(able)}`
  }

/** Whether a split leaves lines or sounds for validation. */
export const validates = ({ split }: Pick<Given, "split">): boolean =>
  split === undefined || fractionsInPercent(split)?.validation !== 0

const withoutValidation = ({ split, evaluateEvery = 0 }: Given) =>
  !validates({ split }) && evaluateEvery > 0
    ? `--split ${split} has no validation part: leave it out, or set some lines apart, as --split 90,10,0 does`
    : undefined

const label = {
  unit: "label",
  wanted: "give the name of a label, in quotes if it is a number",
  normalize: composed,
}
const steps = (least: number) => ({ unit: "steps", least })
const bySteps = (text: string, of: (steps: number) => number) =>
  derived(text, ({ steps }: { steps: number }) => of(steps))

/** The largest power of ten up to x, at least 1. */
const powerOfTen = (x: number): number => 10 ** Math.max(0, Math.floor(Math.log10(x)))

/** The choice of a model, and the settings that models declare; a model's contextLength is the setting `context`. */
export function modelSettings() {
  const { contextLength, ...others } = settingsOf("model", allModels)
  return {
    ...unless(forItsSound, { model: oneOf(names(allModels), "wavenet", names(allModels).join(", ")) }),
    ...others,
    context: contextLength as Setting<number, NonNullable<typeof contextLength.default>>,
  }
}

/** The settings by topic, in the order of a recipe. */
export const groups = {
  data: {
    data: text(
      "names",
      "a data set (names, languages, makemore-names, brown), a text file with one item per line, a table, or a folder of WAV files",
      { unit: "name-or-path", wanted: "give a data set or the path of a text file" },
    ),
    running: only(
      forText,
      toggle(
        undefined,
        "the data is one running text: its lines follow one another, and what is sampled goes on past their ends",
      ),
    ),
    column: only(
      forLines,
      text(undefined, "the column to read, if the data is a table (.csv, .tsv, .jsonl, .json)", {
        unit: "name",
        wanted: "give the name of a column, in quotes if it is a number",
        normalize: composed,
      }),
    ),
    noHeader: only(
      forLines,
      toggle(undefined, "the table has no header: its columns are 1, 2, ... (--column 1 --condition 2)"),
    ),
    tokens: only(
      forText,
      oneOf(
        names(tokenizers),
        undefined,
        `what is read and predicted at a time: ${names(tokenizers).join(", ")} (default: characters)`,
        { unit: "kind" },
      ),
    ),
    minCount: only(
      forWords,
      whole(
        undefined,
        "words that occur less often are all one, the unknown word (default: 1; 2 for a long running text; 4 for brown)",
        {
          unit: "times",
          least: 1,
        },
      ),
    ),
    vocabulary: only(
      forWords,
      whole(
        undefined,
        "the most words, the most frequent ones; all others are the unknown word (default: all)",
        {
          unit: "words",
          least: 1,
        },
      ),
    ),
    maximumLineLength: only(
      forLines,
      whole(undefined, "the longest line that the data may have (default: 1,000)", {
        unit: "characters",
        least: 1,
        most: 1_000_000,
      }),
    ),
    truncate: only(
      forText,
      only(
        forTraining,
        whole(
          undefined,
          "symbols that the network reads at once in a training and its losses: a longer line is cut into pieces, and rows of a running text have so many (default: all of a line)",
          { unit: "symbols", least: 2 },
        ),
      ),
    ),
    pack: only(
      forLines,
      only(
        forTraining,
        only(
          ({ truncate, condition, classify }: Given) =>
            truncate !== undefined
              ? `it keeps lines whole, and --truncate ${truncate} cuts them: leave one of the two out`
              : condition !== undefined || classify !== undefined
                ? "the lines of a row have labels of their own, and a row has one: leave it out"
                : undefined,
          whole(
            undefined,
            "symbols of a row of the training, which then holds whole lines end to end, as many as fit (default: a line a row)",
            { unit: "symbols", least: 2 },
          ),
        ),
      ),
    ),
    condition: only(
      (given: Given) => (given.running ? forLines(given) : forModelsWith("condition")(given)),
      text(
        undefined,
        "condition the model on this label of the lines: sex, language, or a column of the table",
        label,
      ),
    ),
    classify: only(
      forLines,
      only(
        forModelsWith("classify"),
        text(undefined, "also train the model to predict this label of the lines", label),
      ),
    ),
    sampleRate: whole(undefined, "sample rate to which sounds are resampled", {
      unit: "hertz",
      least: 1000,
      most: 384_000,
    }),
    silence: only(
      forSound,
      notNegative(40, "trim the ends of a sound that are this far below its loudest part; 0 trims nothing", {
        unit: "decibels",
      }),
    ),
    predict: only(
      forSound,
      oneOf(
        ["everywhere", "inside"],
        "everywhere",
        "samples to predict: everywhere, or only where the receptive field is inside the sound",
        { unit: "where" },
      ),
    ),
    split: {
      ...text("80,10,10", "training, validation and test parts in percent; 100,0,0 trains on everything", {
        unit: "parts",
        wanted: "give three numbers that add up to 100, the first above 0, such as 80,10,10 or 100,0,0",
        normalize: (parts) => parts.split(",").map(Number).join(),
      }),
      accepts: (value: unknown): value is string =>
        typeof value === "string" && fractionsInPercent(value) !== undefined,
    },
    splitSeed: only(
      ({ running }: Given) =>
        running ? "the parts of a running text follow one another: leave it out" : undefined,
      seed(42, "seed of the split into training, validation and test parts"),
    ),
    duplicates: only(
      forLines,
      oneOf(
        ["together", "apart"],
        undefined,
        "equal lines: together in one part, or apart, each where chance puts it (default: together; apart for makemore-names, as the lecture splits it)",
        { unit: "how" },
      ),
    ),
  },
  model: {
    recipe: only(
      forItsData,
      oneOf(
        recipeNames,
        undefined,
        `the training to take all other settings from: ${recipeNames.join(", ")} (default: that of --model; without one, the data decides)`,
      ),
    ),
    ...modelSettings(),
    ...unless(forTraining, {
      from: text(
        undefined,
        "start from the network of this run, with its sizes, or from a model of the package, base or challenge",
        {
          unit: "run",
          wanted: "give the folder of a run, base or challenge",
        },
      ),
      freeze: only(
        ({ from }: Given) =>
          from === undefined
            ? "it is for a training that starts from another: leave it out, or give --from"
            : undefined,
        oneOf(
          ["nothing", "body", "all-but-head"],
          "nothing",
          "what keeps the parameters of --from: nothing; the body (all but embeddings and head); all but the head",
          { unit: "what" },
        ),
      ),
    }),
    mixOrder: only(
      forText,
      only(forNetworks, {
        ...whole(
          undefined,
          "mix the network's predictions with counts of n-grams up to this length; 0 for none",
          { unit: "symbols", least: 0, most: 64 },
        ),
        normalize: (order: number) => (order === 0 ? undefined : order),
      }),
    ),
    ...unless(forMixtures, {
      mixSmoothing: NGram.settings.smoothing,
      mixWeight: orWord(
        "by-frequency",
        notNegative(
          undefined,
          "weight of the network in the mixture: a number from 0 to 1, or by-frequency, a weight for each bin of how often the counts have the context (default: one that is fitted on the validation part)",
          { unit: "weight", most: 1 },
        ),
      ),
    }),
  },
  step: {
    ...unless(forTraining, {
      batchSize,
      optimizer: oneOf(names(optimizers), "sgd", names(optimizers).join(", ")),
      ...settingsOf("optimizer", optimizers),
      clipNorm: positive(undefined, "maximum global gradient norm; none unless given", { unit: "norm" }),
      labelSmoothing: fraction(
        0,
        "probability that the target of the training spreads over all symbols, as torch.nn.CrossEntropyLoss's label_smoothing",
        { unit: "probability" },
      ),
      zLoss: notNegative(
        0,
        "weight of (ln Z)² in what is minimized, such as 1e-4; Z is the sum that the softmax divides by",
        { unit: "weight" },
      ),
      classWeight: only(
        ({ classify }: Given) =>
          classify === undefined
            ? "it is a setting of models that classify: leave it out, or give --classify"
            : undefined,
        positive(1, "weight of the --classify loss relative to the next-symbol loss", { unit: "weight" }),
      ),
      teacher: only(
        forLines,
        text(undefined, "also learn the probabilities of this trained run of the same data: distillation", {
          unit: "run",
          wanted: "give the folder of a run",
        }),
      ),
      teacherWeight: only(
        ({ teacher }: Given) =>
          teacher === undefined
            ? "it is the weight of a teacher's probabilities: leave it out, or give --teacher"
            : undefined,
        notNegative(0.9, "weight of the teacher's probabilities; the next symbols have the rest", {
          unit: "weight",
          most: 1,
        }),
      ),
      teacherLines: only(
        ({ teacher, condition, classify }: Given) =>
          teacher === undefined
            ? "it is the number of lines that a teacher makes: leave it out, or give --teacher"
            : condition !== undefined || classify !== undefined
              ? "the lines that a teacher makes have no labels: leave it out"
              : undefined,
        whole(0, "lines that the teacher makes, to train on besides those of the data", {
          least: 0,
          most: 1_000_000,
        }),
      ),
    }),
    seed: seed(42, "seed of initial values, batches and samples"),
  },
  schedule: unless(forTraining, {
    steps: whole(200_000, "number of training steps", { least: 1 }),
    learningRate: positive(
      derived(
        names(optimizers)
          .map((name) => `${optimizers[name].learningRate} for ${name}`)
          .join("; "),
        ({ optimizer }: { optimizer: keyof typeof optimizers }) => optimizers[optimizer].learningRate,
      ),
      "peak learning rate",
      { unit: "rate" },
    ),
    schedule: oneOf(names(schedules), "step", `learning rate schedule: ${names(schedules).join(", ")}`),
    ...settingsOf("schedule", schedules),
    ema: fraction(
      undefined,
      "decay of an exponential moving average of the weights, such as 0.998, used instead of them",
      {
        unit: "decay",
      },
    ),
  }),
  machine: unless(forNetworks, {
    provider: oneOf(
      providers,
      undefined,
      `ONNX Runtime's execution provider: ${providers.join(", ")} (default: cpu)`,
    ),
    threads: whole(undefined, "threads per operator (default: 1)", { least: 1, most: 1024 }),
    memory: positive(
      undefined,
      "the most memory to use; what would need more is refused in advance (default: 2)",
      {
        unit: "gigabytes",
        most: 65_536,
      },
    ),
  }),
  run: unless(forTraining, {
    logEvery: whole(
      bySteps("a hundredth of the steps, rounded down to a power of ten, at most 100", (steps) =>
        Math.min(100, powerOfTen(steps / 100)),
      ),
      "steps between logged losses",
      steps(1),
    ),
    checkpointEvery: whole(
      bySteps("a tenth of the steps, rounded down to a power of ten, at least 100", (steps) =>
        Math.max(100, powerOfTen(steps / 10)),
      ),
      "steps between checkpoints",
      steps(1),
    ),
    ...unless(withoutValidation, {
      evaluateEvery: whole(
        derived(
          "a tenth of the steps, at least 1,000",
          ({ steps, split }: { steps: number; split?: string }) =>
            validates({ split }) ? Math.max(1000, Math.ceil(steps / 10)) : 0,
        ),
        "steps between validation losses; 0 for only at the end",
        steps(0),
      ),
    }),
    patience: only(
      ({ evaluateEvery, split }: Given) =>
        !validates({ split })
          ? `it needs validation losses, and --split ${split} has no validation part: leave it out, or set some lines apart, as --split 90,10,0 does`
          : evaluateEvery === 0
            ? "it needs validation losses: leave it out, or give --evaluate-every above 0"
            : undefined,
      whole(undefined, "stop after this many validation losses without improvement and keep the best model", {
        least: 1,
      }),
    ),
    tensorboard: toggle(undefined, "also write event files for TensorBoard: losses, weights, samples"),
  }),
}

/** All settings by name, in the order of a recipe. */
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

/** Settings renamed since version 0.1, for its config files, run folders and flags. */
export const formerNames: Readonly<Record<string, SettingName>> = { rate: "sampleRate", foretell: "classify" }

/** The current name of a setting that may have been renamed. */
export const currentName = (key: string): string => (Object.hasOwn(formerNames, key) ? formerNames[key] : key)

/**
 * Parses the settings in a file. Throws a UserError for unknown or invalid ones. `name` is the file's name in errors. Where the class of
 * the model is not at hand, `takes` says which it may have that nobody here declares.
 */
export function parseSettings(
  value: unknown,
  name: string,
  takes: (key: string, setting: unknown) => boolean = () => false,
): Settings {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UserError(`${name}: there are no settings in it: give lines such as learningRate: 0.1`)
  return Object.fromEntries(
    Object.entries(value).map(([written, setting]) => {
      const key = currentName(written)
      if (takes(key, setting)) return [key, setting]
      if (!Object.hasOwn(settings, key)) throw new UserError(`${name}: ${unknownSetting(key)}`)
      const { value, problem } = check(settings[key as SettingName], setting)
      if (problem) throw new UserError(`${name}: ${key}: ${told(setting)}: ${problem}`)
      return [key, value]
    }),
  )
}

/** Throws a UserError unless these are an object of settings, whatever their values. */
export function requireSettings(of: string, given: unknown): void {
  if (typeof given !== "object" || given === null)
    throw new UserError(
      `${of}: ${told(given)} in place of settings: give an object, such as { data: "names", steps: 1000 }`,
    )
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(settings, key))
  if (unknown !== undefined) throw new UserError(`${of}: ${unknownSetting(unknown)}`)
}

/** The value, normalized, if the setting accepts it, else the problem. `written` is the user's text, for a suggestion. */
export function check(
  setting: Setting,
  value: unknown,
  written = typeof value === "string" ? value : "",
): { value?: unknown; problem?: string } {
  if (setting.accepts(value)) return { value: setting.normalize?.(value) ?? value }
  const meant = setting.choices && nearest(written, setting.choices)
  return { problem: `${setting.wanted}${meant ? `; did you mean ${meant}?` : ""}` }
}

/** The error message for an unknown setting, with a suggestion. */
export function unknownSetting(key: string): string {
  const meant = nearest(key, Object.keys(settings))
  return `there is no setting ${JSON.stringify(key)}: ${meant ? `did you mean ${meant}?` : "leave it out; train --help lists all settings"}`
}
