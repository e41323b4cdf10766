/**
 * A setting that names an entry of a table, such as the model or the optimizer, brings along the settings of all entries. Which of them
 * apply, with which defaults and bounds, depends on the entry that is chosen.
 */
import { type Declared, type Default, either, type Rest, type Setting } from "../setting.ts"

type Table = Readonly<Record<string, { readonly settings: Declared }>>

type KeysOf<S> = S extends unknown ? keyof S & string : never
type ValueIn<S, K extends string> = S extends { readonly [key in K]: Setting<infer T> } ? T : never

/** The settings of all entries. Each applies only to some recipes. */
export type SettingsOf<T extends Table> = {
  readonly [K in KeysOf<T[keyof T]["settings"]>]: Setting<
    ValueIn<T[keyof T]["settings"], K>,
    Default | undefined
  >
}

/** @param kind The name of the setting that names the entry. */
export function settingsOf<T extends Table>(kind: string, table: T): SettingsOf<T> {
  const keys = new Set(Object.values(table).flatMap(({ settings }) => Object.keys(settings)))
  return Object.fromEntries(Array.from(keys, (key) => [key, merged(kind, table, key)])) as SettingsOf<T>
}

/** One setting of the entries that have it. */
function merged(kind: string, table: Table, key: string): Setting {
  const owners = Object.keys(table).filter((name) => Object.hasOwn(table[name].settings, key))
  const own = (name: string): Setting => table[name].settings[key]
  const chosen = (rest: Rest): Setting | undefined => table[rest[kind] as string]?.settings[key]

  // The owners are named once: before their sentences, or after their defaults.
  const sentences = Map.groupBy(owners, (name) => own(name).description)
  const defaults = Map.groupBy(owners, (name) => own(name).default?.text ?? "")
  const named = sentences.size > 1 || (defaults.size === 1 && owners.length < Object.keys(table).length)
  const all = (groups: Map<string, string[]>, show: (text: string, names: string) => string) =>
    Array.from(groups, ([text, names]) => show(text, names.join(", "))).join("; ")
  return {
    ...own(owners[0]),
    description: all(sentences, (text, names) => (named ? `${names}: ${text}` : text)),
    default: {
      text: all(defaults, (text, names) => (defaults.size > 1 ? `${text} for ${names}` : text)),
      of: (rest) => chosen(rest)?.default?.of(rest),
    },
    accepts: (value): value is never => owners.some((name) => own(name).accepts(value)),
    unless(rest) {
      const setting = chosen(rest)
      if (!setting)
        return `the ${kind} ${rest[kind]} has no such setting: leave it out, or choose ${either(owners)}`
      if (rest[key] !== undefined && !setting.accepts(rest[key])) return setting.wanted
      return setting.unless?.(rest)
    },
  }
}
