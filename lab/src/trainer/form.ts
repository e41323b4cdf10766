/** The settings of a run as the fields of a form: which apply, what they accept, and what they are if nothing is given. */
import { defaultsOf, recipeAskedFor } from "../../../src/runs/chosen-recipe.ts"
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
  /** Why the change of a setting is refused, which leaves the settings as they were. */
  readonly problem?: { readonly name: SettingName; readonly sentence: string }
}

/** A setting to change. An empty text takes the default. */
export interface Change {
  readonly name: SettingName
  readonly text: string
}

/** `trained` are the settings of the training that is open, with what its data decided. */
export function formOf(before: Settings, change?: Change, trained?: Settings): Form {
  const { settings, problem } = change ? changed(before, change, trained) : { settings: before }
  const values: Settings = resolved(settings, trained) ?? settings
  const isOpen = leavesToData(settings) && !trained
  const fields = Object.entries(groups).flatMap(([group, settingsOfGroup]) =>
    (Object.keys(settingsOfGroup) as SettingName[]).flatMap((name) => {
      const { description, choices, unit, unless } = declared[name] as Setting
      if (unless?.({ ...values, [name]: undefined }) !== undefined) return []
      const [given, value] = [settings[name], (isOpen ? settings : values)[name]].map((each) =>
        each?.toString(),
      )
      return [{ name, group, description, choices, isSwitch: unit === undefined && !choices, given, value }]
    }),
  )
  return { settings, fields, problem }
}

function changed(
  settings: Settings,
  { name, text }: Change,
  trained: Settings | undefined,
): Pick<Form, "settings" | "problem"> {
  const { accepts, parse, wanted } = declared[name] as Setting
  const { [name]: _, ...others } = settings
  if (text === "") return { settings: others }
  const value = ["true", "false"].includes(text) ? text === "true" : parse(text)
  if (!accepts(value)) return { settings, problem: { name, sentence: `${text}: ${wanted}` } }
  // Another model or optimizer takes other settings: those that no longer apply are left out.
  const next: Settings = { ...others, [name]: value }
  return { settings: withoutOthers(next, trained) }
}

/** Without what does not apply beside the rest, such as the context of a tree for another model. */
function withoutOthers(settings: Settings, trained: Settings | undefined): Settings {
  const entries = Object.entries(settings) as [SettingName, unknown][]
  const kept = entries.filter(([name]) => {
    const { unless } = declared[name] as Setting
    return (
      unless?.({ ...resolved({ ...settings, [name]: undefined }, trained), [name]: settings[name] }) ===
      undefined
    )
  })
  return Object.fromEntries(kept)
}

/** The recipe that settings say, as a training of them takes it; undefined if the data decides, or has defaults of its own. */
const askedFor = (settings: Settings) =>
  kindOf(settings).recipeFor || settings.recipe !== undefined ? recipeAskedFor(settings) : undefined

const leavesToData = (settings: Settings): boolean =>
  kindOf(settings).recipeFor !== undefined && askedFor(settings) === undefined

/** With their defaults, or with what the data decided, where that is known; undefined if the settings do not fit each other. */
function resolved(settings: Settings, trained: Settings | undefined): Settings | undefined {
  if (trained && leavesToData(settings)) return { ...trained, ...settings }
  const asked = askedFor(settings)
  const defaults = { ...kindOf(settings).defaults, ...(asked && defaultsOf(asked.settings, settings)) }
  try {
    return resolveRecipe(settings, { defaults })
  } catch {
    return undefined
  }
}
