/** The origin of a run: the network that it starts from, the settings it takes from it, and what its config keeps of it. */
import { sha256Of } from "../data/download.ts"
import { UserError } from "../errors.ts"
import { tensorsOf, writeSafetensors } from "../interchange/safetensors.ts"
import { flag } from "../setting.ts"
import { openModel } from "./open-model.ts"
import { packagedStore } from "./packaged.ts"
import type { Run } from "./run.ts"
import { modelSettingsOf, type OriginRecord } from "./run-config.ts"
import type { SettingName, Settings } from "./settings.ts"
import type { Known } from "./warm-start.ts"

/** The package's own network, as a value of the setting `from`. */
export const BASE = "base"

export interface Origin extends Known {
  readonly record: OriginRecord
  /** Those of its model that hold for the run too. */
  readonly settings: Settings
}

/** @param name The value of the setting `from`. */
export async function openOrigin(name: string): Promise<Origin> {
  const trained = await openModel(name === BASE ? packagedStore(BASE) : name)
  const { model, vocabulary, condition, classes, steps, config } = trained
  const sha256 = await sha256Of(writeSafetensors(tensorsOf(model.stateDict())))
  // The layers of a model of windows depend on their length; sequences are as long as the lines. A dropout changes no layer.
  const { context, dropout, ...others } = modelSettingsOf(config.recipe)
  const kept = model.reads === "windows" ? { context, ...others } : others
  return { model, vocabulary, condition, classes, record: { name, sha256, steps }, settings: kept }
}

/** The settings, with those of the origin. A UserError for a setting that differs from it. */
export function withOrigin(given: Settings, origin?: Origin): Settings {
  if (!origin) return given
  for (const [key, value] of Object.entries(origin.settings)) {
    const other = given[key as SettingName]
    if (other !== undefined && value !== undefined && String(other) !== String(value))
      throw new UserError(
        `${flag(key)} ${other}: the network of --from ${given.from} has ${value}: leave it out, or start from another`,
      )
  }
  return { ...origin.settings, ...given }
}

/** The origin of a run that has kept nothing yet and begins again; undefined if it has none. A UserError if it is gone or has changed. */
export async function reopenOrigin({
  folder,
  config,
}: Pick<Run, "folder" | "config">): Promise<Origin | undefined> {
  const { recipe, from } = config
  if (recipe.from === undefined) return undefined
  const needed = `${folder}: it has no checkpoint yet and starts from ${recipe.from} again`
  const origin = await openOrigin(recipe.from).catch((error) => {
    throw error instanceof UserError ? new UserError(`${needed}: ${error.message}`, { cause: error }) : error
  })
  if (origin.record.sha256 === from?.sha256) return origin
  throw new UserError(`${needed}, which has changed since: put it back as it was, or start a new run`)
}
