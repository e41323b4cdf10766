/** What a run is of: `config.json` in its folder, written when it begins, and what of it may be another when it goes on. */
import * as z from "zod"
import type { Labels } from "../data/labels.ts"
import { Vocabulary } from "../data/vocabulary.ts"
import { UserError } from "../errors.ts"
import { flag } from "../setting.ts"
import { type Recipe, resolveRecipe } from "./recipe.ts"
import { allModels, parseSettings, type SettingName, type Settings } from "./settings.ts"
import { type Store, storeOf } from "./store.ts"

/** The files of a run's folder. */
export const files = {
  config: "config.json",
  metrics: "metrics.jsonl",
  checkpoint: "checkpoint.safetensors",
  best: "best.safetensors",
  samples: "samples.txt",
}

export interface RunConfig {
  readonly recipe: Recipe
  /** What was trained on; the hash is of its lines, and of the labels that the recipe names. */
  readonly data: { readonly lines: number; readonly sha256: string }
  /** The characters with ids 1, 2, ... */
  readonly vocabulary: readonly string[]
  /** The labels that the model goes by. */
  readonly condition?: Labels
  /** The classes that it predicts. */
  readonly classes?: Labels
  /** The row of the lecture's performance log that this run is of. */
  readonly lecture?: number
}

/** What may be another when a run is gone on with. */
const changeable: readonly SettingName[] = [
  "steps",
  "logEvery",
  "checkpointEvery",
  "evaluateEvery",
  "patience",
  "tensorboard",
  "provider",
  "threads",
]

const labelsSchema = z
  .strictObject({
    name: z.string(),
    values: z.array(z.string()).min(1),
    counts: z.array(z.int().min(1)),
  })
  .refine(({ values, counts }) => values.length === counts.length)

const configSchema = z.strictObject({
  recipe: z.unknown(),
  data: z.strictObject({ lines: z.int(), sha256: z.string() }),
  vocabulary: z.unknown(),
  condition: labelsSchema.optional(),
  classes: labelsSchema.optional(),
  /** The name of `classes` in version 0.1. */
  foretold: labelsSchema.optional(),
  lecture: z.int().optional(),
})

/** What a run was begun with. */
export async function readConfig(run: Store | string): Promise<RunConfig> {
  const store = storeOf(run)
  const path = `${store.name}/${files.config}`
  const bytes = await store.read(files.config)
  if (!bytes)
    throw new UserError(
      `${store.name}: there is no run here (no ${files.config}): give the folder of a run, such as runs/NAME`,
    )
  const parsed = configSchema.safeParse(parseJson(new TextDecoder().decode(bytes)))
  if (!parsed.success)
    throw new UserError(`${path}: it is not as a run's config is written: take back what was edited in it`)
  const { recipe, data, vocabulary, foretold, classes = foretold, ...others } = parsed.data
  return {
    recipe: resolveRecipe(parseSettings(recipe, path)),
    data,
    vocabulary: Vocabulary.fromJSON(vocabulary, { name: path }).toJSON(),
    ...(classes && { classes }),
    ...others,
  }
}

/** Which model of which symbols and labels the numbers of a run are of, as JSON. */
export function identityOf({ recipe, vocabulary, condition, classes }: RunConfig): string {
  const { model, context } = recipe
  const own = Object.keys(allModels[model].settings) as SettingName[]
  const sizes = Object.fromEntries(own.map((key) => [key, recipe[key]]))
  const labels = { labels: condition?.values, classes: classes?.values }
  return JSON.stringify({ model, context, ...sizes, vocabulary, ...labels })
}

/** How another identity, whose keys may come in another order, differs from a config's; undefined where it does not. */
export function otherThan(config: RunConfig, identity: string): string | undefined {
  const [own, other] = [identityOf(config), identity].map(
    (text) => (parseJson(text) ?? {}) as Record<string, unknown>,
  )
  const differs = (key: string) => JSON.stringify(own[key]) !== JSON.stringify(other[key])
  if (differs("vocabulary")) return "another vocabulary"
  if (differs("labels") || differs("classes")) return "other labels"
  return Object.keys({ ...own, ...other }).some(differs) ? "another model" : undefined
}

/** The config of a run that goes on with other settings; a UserError of one that must stay as it is. */
export function changeConfig(folder: string, config: RunConfig, changes: Settings): RunConfig {
  const { recipe } = config
  for (const key of Object.keys(changes) as SettingName[]) {
    if (changeable.includes(key) || JSON.stringify(changes[key]) === JSON.stringify(recipe[key])) continue
    throw new UserError(
      `${flag(key)} ${changes[key]}: ${folder} trains with ${recipe[key] ?? "none"}, and goes on as it began: ` +
        "leave the flag out, or begin a run in another folder",
    )
  }
  return { ...config, recipe: { ...recipe, ...changes } }
}

export const showConfig = (config: RunConfig): string => `${JSON.stringify(config, null, 2)}\n`

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
