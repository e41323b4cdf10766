/** The settings of a run as the fields of a form: which apply, what they accept, and what they are if nothing is given. */
import { kindOf } from "../../../src/runs/corpora/index.ts"
import { resolveRecipe } from "../../../src/runs/recipe.ts"
import { settings as declared, groups, type SettingName, type Settings } from "../../../src/runs/settings.ts"
import type { Setting } from "../../../src/setting.ts"

export interface Field {
  readonly name: SettingName
  /** The topic, such as "model". */
  readonly group: string
  readonly description: string
  readonly choices?: readonly string[]
  readonly isSwitch: boolean
  /** As text; undefined if nothing is given. */
  readonly given?: string
  /** The value that it has, given or by default; undefined if the data decides, or nothing does. */
  readonly value?: string
}

export interface Form {
  readonly settings: Settings
  readonly fields: readonly Field[]
  /** Why the change is refused, which leaves the settings as they were. */
  readonly problem?: string
}

/** A setting to change. An empty text takes the default. */
export interface Change {
  readonly name: SettingName
  readonly text: string
}

export function formOf(before: Settings, change?: Change): Form {
  const { settings, problem } = change ? changed(before, change) : { settings: before }
  const values: Settings = resolved(settings) ?? settings
  const fields = Object.entries(groups).flatMap(([group, settingsOfGroup]) =>
    (Object.keys(settingsOfGroup) as SettingName[]).flatMap((name) => {
      const { description, choices, unit, unless } = declared[name] as Setting
      if (unless?.({ ...values, [name]: undefined }) !== undefined) return []
      const [given, value] = [settings[name], values[name]].map((each) => each?.toString())
      return [{ name, group, description, choices, isSwitch: unit === undefined && !choices, given, value }]
    }),
  )
  return { settings, fields, problem }
}

function changed(settings: Settings, { name, text }: Change): { settings: Settings; problem?: string } {
  const { accepts, parse, wanted } = declared[name] as Setting
  const { [name]: _, ...others } = settings
  if (text === "") return { settings: others }
  const value = ["true", "false"].includes(text) ? text === "true" : parse(text)
  if (!accepts(value)) return { settings, problem: `${text}: ${wanted}` }
  // Another model or optimizer takes other settings: those that no longer apply are left out.
  const next: Settings = { ...others, [name]: value }
  return { settings: withoutOthers(next) }
}

/** Without what does not apply beside the rest, such as the context of a tree for another model. */
function withoutOthers(settings: Settings): Settings {
  const entries = Object.entries(settings) as [SettingName, unknown][]
  const kept = entries.filter(([name]) => {
    const { unless } = declared[name] as Setting
    return unless?.({ ...resolved({ ...settings, [name]: undefined }), [name]: settings[name] }) === undefined
  })
  return Object.fromEntries(kept)
}

/** With the defaults that do not depend on the data; undefined if the settings do not fit each other. */
function resolved(settings: Settings): Settings | undefined {
  try {
    return resolveRecipe(settings, { defaults: kindOf(settings).defaults })
  } catch {
    return undefined
  }
}
