/** Flags made of settings: their names, help and checks follow from the declarations. */
import { existsSync } from "node:fs"
import { type Command, InvalidArgumentError, Option } from "commander"
import { UserError } from "../errors.ts"
import { kinds } from "../runs/corpora/index.ts"
import {
  check,
  currentName,
  type SettingName,
  type Settings,
  settings,
  unknownSetting,
} from "../runs/settings.ts"
import { flag, type Setting, whole } from "../setting.ts"

/** makemore.py's letters. */
const letters: Partial<Record<SettingName, string>> = {
  batchSize: "-b",
  learningRate: "-l",
  weightDecay: "-w",
}

/** Adds a flag for each of the settings, under a heading of the help. */
export function addSettings(command: Command, heading: string, keys: readonly SettingName[]): void {
  for (const key of keys) {
    const setting: Setting = settings[key]
    const letter = letters[key] ? `${letters[key]}, ` : ""
    const value = setting.unit ? ` <${setting.unit}>` : ""
    const option = new Option(letter + flag(key) + value, described(key))
    option.negate = false // --no-header is the flag of noHeader, and switches no --header off
    if (value)
      option.argParser((text) => {
        const { value, problem } = parse(setting, text)
        if (problem) throw new InvalidArgumentError(problem)
        return value
      })
    command.addOption(option.helpGroup(heading))
  }
}

/** The sentence of a setting with its defaults at the end, such as "(default: 8; 1024 for sound)". */
function described(key: SettingName): string {
  const { description, default: declared }: Setting = settings[key]
  // What has no value unless one is given says itself what happens then.
  const [, sentence = description, told = ""] = /^(.*) \(default: (.*)\)$/.exec(description) ?? []
  const own = declared?.text ?? told
  const others = kinds.flatMap(({ defaults: { [key]: other }, words: { kind } }) =>
    other && other.text !== own
      ? [`${other.text} ${other.text.includes(" for ") ? "in" : "for"} ${kind}`]
      : [],
  )
  const defaults = [own, ...others].filter(Boolean).join("; ")
  return defaults === "" || own === "false" ? sentence : `${sentence} (default: ${defaults})`
}

/** The settings among the flags that were given. */
export function givenSettings(options: Readonly<Record<string, unknown>>): Settings {
  const given = Object.keys(settings).filter((key) => options[key] !== undefined)
  return Object.fromEntries(given.map((key) => [key, options[key]]))
}

/** The data by --data or as an argument. */
export function withData(given: Settings, argument: string | undefined): Settings {
  if (argument !== undefined && given.data !== undefined && argument !== given.data)
    throw new UserError(`${argument} and --data ${given.data}: give only one`)
  return argument === undefined ? given : { ...given, data: argument }
}

/** A parser for the argument of a flag that is no setting of a run, with the bounds of `setting`. */
export const numberAs =
  (setting: Setting<number>) =>
  (text: string): number => {
    const { value, problem } = parse(setting, text)
    if (problem) throw new InvalidArgumentError(problem)
    return value as number
  }

export const wholeNumber = (least: number, most: number) => numberAs(whole(undefined, "", { least, most }))

/** For a flag that may be given several times: all its values. */
export const repeatable = (value: string, before: readonly string[] = []): string[] => [...before, value]

/** The setting in a word such as learningRate=0.2, by its name in a config file or as a flag; undefined for any other word. */
export function settingOf(word: string): Settings | undefined {
  const [, name, text] = /^([A-Za-z][\w-]*)=(.*)$/s.exec(word) ?? []
  if (name === undefined || existsSync(word)) return undefined
  const key = currentName(name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()))
  if (!Object.hasOwn(settings, key)) throw new UserError(`${word}: ${unknownSetting(key)}`)
  const { value, problem } = parse(settings[key as SettingName], text)
  if (problem) throw new UserError(`${word}: ${problem}`)
  return { [key]: value }
}

const parse = (setting: Setting, text: string) => check(setting, setting.parse(text), text)
