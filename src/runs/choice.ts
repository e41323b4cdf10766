/**
 * A setting that names an entry of a table, such as the model or the optimizer, brings the settings of all entries along. Which of them
 * apply, and with which defaults and bounds, depends on the entry that is chosen.
 */
import { type Declared, type Default, either, type Setting } from "../setting.ts"

type Table = Readonly<Record<string, { readonly settings: Declared }>>

type KeysOf<S> = S extends unknown ? keyof S & string : never
type ValueIn<S, K extends string> = S extends { readonly [key in K]: Setting<infer T> } ? T : never

/** The settings of all entries; none has a value in every recipe. */
export type SettingsOf<T extends Table> = {
  readonly [K in KeysOf<T[keyof T]["settings"]>]: Setting<
    ValueIn<T[keyof T]["settings"], K>,
    Default | undefined
  >
}

/** `kind` is the name of the setting that names the entry. */
export function settingsOf<T extends Table>(kind: string, table: T): SettingsOf<T> {
  const keys = new Set(Object.values(table).flatMap(({ settings }) => Object.keys(settings)))
  return Object.fromEntries(Array.from(keys, (key) => [key, merged(kind, table, key)])) as SettingsOf<T>
}

function merged(kind: string, table: Table, key: string): Setting {
  const owners = Object.entries(table).flatMap(([name, { settings }]) =>
    Object.hasOwn(settings, key) ? [{ name, setting: settings[key] }] : [],
  )
  const chosen = (rest: Readonly<Record<string, unknown>>): Setting | undefined =>
    table[rest[kind] as string]?.settings[key]
  const names = owners.map(({ name }) => name)
  return {
    ...owners[0].setting,
    ...described(owners, names.length < Object.keys(table).length),
    accepts: (value): value is never => owners.some(({ setting }) => setting.accepts(value)),
    unless(rest) {
      const own = chosen(rest)
      if (!own)
        return `the ${kind} ${rest[kind]} has no such setting: leave it out, or choose ${either(names)}`
      if (rest[key] !== undefined && !own.accepts(rest[key])) return own.wanted
      return own.unless?.(rest)
    },
  }

  function described(all: typeof owners, named: boolean): Pick<Setting, "description" | "default"> {
    const of: Default["of"] = (rest) => chosen(rest)?.default?.of(rest)
    const defaults = Map.groupBy(all, ({ setting }) => setting.default?.text)
    const sentences = Map.groupBy(all, ({ setting }) => setting.description)
    const list = (some: typeof owners) => some.map(({ name }) => name).join(", ")
    const description = Array.from(sentences, ([sentence, some]) =>
      named && defaults.size < 2 ? `${list(some)}: ${sentence}` : sentence,
    ).join("; ")
    const text =
      defaults.size < 2
        ? (all[0].setting.default?.text ?? "")
        : Array.from(defaults, ([value, some]) => `${value} for ${list(some)}`).join("; ")
    return { description, default: { text, of } }
  }
}
