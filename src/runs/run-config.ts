/** A run's `config.json`: the recipe, the data and the vocabulary that it began with, and which settings may change when it resumes. */
import * as z from "zod/mini"
import { STANDARD_INPUT } from "../data/disk.ts"
import type { Labels } from "../data/labels.ts"
import { tokenizerFromJSON } from "../data/tokenizers/index.ts"
import type { TokenizerJSON } from "../data/tokenizers/tokenizer.ts"
import { UserError } from "../errors.ts"
import { type Declared, derived, flag } from "../setting.ts"
import { movedTo, pathFrom, readingSettings } from "./data-place.ts"
import { isPrintable, isUnknown, type ModelFileRecord, takesOf } from "./own-models.ts"
import { storeToRead } from "./packaged.ts"
import { type Recipe, resolveRecipe } from "./recipe.ts"
import { files } from "./run-files.ts"
import {
  allModels,
  modelSettings,
  parseSettings,
  requireSettings,
  type SettingName,
  type Settings,
  settings,
} from "./settings.ts"
import type { Store } from "./store.ts"

export interface RunConfig {
  /** Of a kept model (kept.ts). */
  readonly kept?: KeptRecord
  readonly recipe: Recipe
  /** Why it was made of the named recipe that it was, such as "868 lines". */
  readonly because?: string
  /** The hash covers the lines, and the labels that the recipe names; the path is from the run's folder, none for a data set. */
  readonly data: { readonly lines: number; readonly sha256: string; readonly path?: string }
  /** The tokenizer. */
  readonly vocabulary: TokenizerJSON
  /** The number of parameters of its model; absent in the runs of earlier versions. */
  readonly parameters?: number
  /** The labels that the model is conditioned on. */
  readonly condition?: Labels
  /** The classes that the model predicts. */
  readonly classes?: Labels
  /** What the training started from, if not from drawn parameters. */
  readonly from?: OriginRecord
  /** What the network learns from besides its data. */
  readonly teacher?: OriginRecord
  /** Of a model of one's own, the file that has its class. */
  readonly modelFile?: ModelFileRecord
  /** Of an ensemble, the runs that it averages. */
  readonly members?: readonly MemberRecord[]
  /** The row of the lecture's performance log that this run reproduces. */
  readonly lecture?: number
}

/** A model without the state of its training. */
export interface KeptRecord {
  /** The number of steps it was trained for. */
  readonly steps: number
  /** Its loss on the validation part as it is kept, in nats per symbol. */
  readonly validation?: number
}

/** A run that another starts from, learns from or averages. */
export interface OriginRecord {
  /** The setting `from` or `teacher`, or the part of `members`. */
  readonly name: string
  /** The hash of its parameters and buffers. */
  readonly sha256: string
  /** The number of steps it was trained for. */
  readonly steps: number
}

export interface MemberRecord extends OriginRecord {
  /** Those that make its model. */
  readonly settings: Settings
}

/** The settings that may change when a run resumes. Data and a teacher may lie in another place: their hashes tell that they are the same. */
export const changeable: readonly SettingName[] = [
  "data",
  ...readingSettings,
  "steps",
  "logEvery",
  "checkpointEvery",
  "evaluateEvery",
  "patience",
  "teacher",
  "mixWeight",
  "tensorboard",
  "provider",
  "memory",
  "threads",
]

const labelsSchema = z
  .strictObject({
    name: z.string(),
    values: z.array(z.string()).check(z.minLength(1)),
    counts: z.array(z.int().check(z.minimum(1))),
  })
  .check(z.refine(({ values, counts }) => values.length === counts.length))

/** What a run did whose recipe, of an earlier version, lacks a setting. Without `split` it cut its lines one by one. */
const withoutSetting = ({ split }: Settings) => ({
  minCount: derived("1; 4 for brown", ({ running, data }: Settings) =>
    running ? (data === "brown" ? 4 : 1) : undefined,
  ),
  ...(split === undefined && { duplicates: derived("apart", () => "apart") }),
})

const originSchema = z.strictObject({ name: z.string(), sha256: z.string(), steps: z.int() })

const configSchema = z.strictObject({
  kept: z.optional(z.strictObject({ steps: z.int(), validation: z.optional(z.number()) })),
  recipe: z.unknown(),
  modelFile: z.optional(
    z.strictObject({
      path: z.optional(z.string().check(z.refine(isPrintable))),
      sha256: z.optional(z.string()),
    }),
  ),
  data: z.strictObject({ lines: z.int(), sha256: z.string(), path: z.optional(z.string()) }),
  vocabulary: z.unknown(),
  parameters: z.optional(z.int()),
  condition: z.optional(labelsSchema),
  classes: z.optional(labelsSchema),
  /** The name of `classes` in version 0.1. */
  foretold: z.optional(labelsSchema),
  from: z.optional(originSchema),
  teacher: z.optional(originSchema),
  members: z.optional(z.array(z.extend(originSchema, { settings: z.unknown() }))),
  lecture: z.optional(z.int()),
  because: z.optional(z.string()),
})

/** The config that a run began with. A UserError if there is no run, or its config was damaged. */
export async function readConfig(run: Store | string): Promise<RunConfig> {
  const store = await storeToRead(run)
  const bytes = await store.read(files.config)
  if (!bytes)
    throw new UserError(
      `${store.name}: there is no run here (no ${files.config}): give the folder of a run, such as runs/NAME`,
    )
  return parseConfig(new TextDecoder().decode(bytes), `${store.name}/${files.config}`)
}

/** The config in a text. `path` is the file's in errors. */
export function parseConfig(text: string, path: string): RunConfig {
  const parsed = configSchema.safeParse(parseJson(text))
  if (!parsed.success)
    throw new UserError(`${path}: this is not a valid config of a run: undo the edits to it`)
  const { recipe, data, vocabulary, foretold, classes = foretold, members, ...others } = parsed.data
  const { modelFile } = parsed.data
  const given = parseSettings(recipe, path, takesOf(modelFile))
  return {
    recipe: isUnknown(given, modelFile)
      ? asWritten(given, path)
      : resolveRecipe(declaredOf(given), { defaults: withoutSetting(given) }),
    data,
    vocabulary: tokenizerFromJSON(vocabulary, { name: path }).toJSON(),
    ...(classes && { classes }),
    ...(members && {
      members: members.map((each) => ({ ...each, settings: parseSettings(each.settings, path) })),
    }),
    ...others,
  }
}

/** The recipe of a model whose class is not at hand: nothing can be filled in. */
function asWritten(given: Settings, path: string): Recipe {
  const lacking = (["model", "data"] as const).find((key) => given[key] === undefined)
  if (lacking) throw new UserError(`${path}: its recipe lacks ${lacking}: undo the edits to it`)
  return given as Recipe
}

/** Without what the file of a model declared once. */
const declaredOf = (given: Settings): Settings =>
  Object.fromEntries(Object.entries(given).filter(([key]) => Object.hasOwn(settings, key)))

/** Parts of the config in a text: a tenth of the work, for where many are read at once. */
export function parseRecipe(text: string, path: string): Pick<RunConfig, "recipe" | "parameters" | "kept"> {
  const { recipe, parameters, kept, modelFile } = (parseJson(text) ?? {}) as Partial<
    Record<keyof RunConfig, unknown>
  >
  // A version that counts the parameters also keeps every default.
  if (!Number.isSafeInteger(parameters)) return parseConfig(text, path)
  return {
    recipe: asWritten(parseSettings(recipe, path, takesOf(modelFile)), path),
    parameters: parameters as number,
    kept: kept as KeptRecord | undefined,
  }
}

/** The settings of a recipe's model: its name, its context, and those that the model itself declares. */
export function modelSettingsOf(recipe: Recipe): Settings & Pick<Recipe, "model" | "context"> {
  const { model, context } = recipe
  const keys = Object.hasOwn(allModels, model) ? Object.keys(allModels[model].settings) : ofSomeModel(recipe)
  // A model's contextLength is the setting `context`.
  const own = keys.filter((key) => key !== "contextLength") as SettingName[]
  return { model, context, ...Object.fromEntries(own.map((key) => [key, recipe[key]])) }
}

/** Of a model whose class is not at hand: the settings that some model declares, and those that nobody here does. */
function ofSomeModel(recipe: Recipe): string[] {
  const declared = new Set<string>(Object.keys(modelSettings()))
  const isIts = (key: string) => declared.has(key) || !Object.hasOwn(settings, key)
  return Object.keys(recipe).filter((key) => isIts(key) && key !== "model" && key !== "context")
}

/** The model, symbols and labels that a run's checkpoints belong to, as JSON. */
export function identityOf({ recipe, vocabulary, condition, classes }: RunConfig): string {
  const labels = { labels: condition?.values, classes: classes?.values }
  const { mixOrder, mixSmoothing } = recipe
  return JSON.stringify({ ...modelSettingsOf(recipe), mixOrder, mixSmoothing, vocabulary, ...labels })
}

/**
 * How another identity differs from a config's, regardless of the order of keys; undefined if it does not. One that was written before
 * there was a setting has that setting's default.
 */
export function otherThan(config: RunConfig, identity: string): string | undefined {
  const [own, other] = [identityOf(config), identity].map(
    (text) => (parseJson(text) ?? {}) as Record<string, unknown>,
  )
  const otherwise = (key: string) => (settings as Declared)[key]?.default?.of(other)
  const differs = (key: string) => JSON.stringify(own[key]) !== JSON.stringify(other[key] ?? otherwise(key))
  if (differs("vocabulary")) return "another vocabulary"
  if (differs("labels") || differs("classes")) return "other labels"
  return Object.keys({ ...own, ...other }).some(differs) ? "another model" : undefined
}

/**
 * The config of a run that resumes with other settings. A UserError for a setting that cannot change, or that does not apply together
 * with the others: a config that is kept can always be read again.
 */
export function changeConfig(folder: string, config: RunConfig, changes: Settings): RunConfig {
  requireSettings("given", changes)
  const { recipe } = config
  for (const key of Object.keys(changes) as SettingName[]) {
    if (changeable.includes(key) || JSON.stringify(changes[key]) === JSON.stringify(recipe[key])) continue
    throw new UserError(
      `${flag(key)} ${changes[key]}: ${folder} trains with ${recipe[key] ?? "none"}, which cannot change: ` +
        "leave the flag out, or begin a run in another folder",
    )
  }
  const { data, ...others } = changes
  // Standard input cannot be read again.
  const kept: Settings = data === STANDARD_INPUT ? others : changes
  const changed = { ...config, recipe: resolveRecipe({ ...movedTo(recipe, kept), ...kept }) }
  return kept.data === undefined ? changed : { ...changed, data: withPath(folder, config.data, kept.data) }
}

/** The facts about the data of a run in this folder, with the path to it. */
export function withPath(folder: string, { lines, sha256 }: Omit<RunConfig["data"], "path">, data: string) {
  const path = pathFrom(folder, data)
  return { lines, sha256, ...(path !== undefined && { path }) }
}

export const showConfig = (config: RunConfig): string => `${JSON.stringify(config, null, 2)}\n`

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
