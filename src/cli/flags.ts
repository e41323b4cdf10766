/** Flags out of the recipe's settings: names, help and checks stand there, and how a text becomes a value here. */
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { type Command, InvalidArgumentError, Option } from "commander"
import type * as z from "zod"
import { dataSets } from "../data/catalog.ts"
import { UserError } from "../errors.ts"
import { currentName, flag, type Setting, type Settings, settings, unknownSetting } from "../runs/settings.ts"

/** makemore.py's letters. */
const letters: Partial<Record<Setting, string>> = { batchSize: "-b", learningRate: "-l", weightDecay: "-w" }

/** Adds a flag for each of the settings, under a heading of the help. */
export function addSettings(command: Command, heading: string, keys: readonly Setting[]): void {
  for (const key of keys) {
    const schema = settings[key] as z.ZodType
    const { value, description } = schema.meta() as { value?: string; description?: string }
    const letter = letters[key] ? `${letters[key]}, ` : ""
    const option = new Option(letter + flag(key) + (value ? ` <${value}>` : ""), description)
    if (value) option.argParser((text) => checked(schema, text))
    command.addOption(option.helpGroup(heading))
  }
}

/** The settings among the flags that were given. */
export function givenSettings(options: Readonly<Record<string, unknown>>): Settings {
  const given = Object.keys(settings).filter((key) => options[key] !== undefined)
  return Object.fromEntries(given.map((key) => [key, options[key]]))
}

/** The data by --data or as an argument. A file's path is kept whole, so that the run can be gone on with from anywhere. */
export function withData(given: Settings, argument: string | undefined): Settings {
  if (argument !== undefined && given.data !== undefined && argument !== given.data)
    throw new UserError(`${argument} and --data ${given.data}: these are two: give one`)
  const data = argument ?? given.data
  if (data === undefined) return given
  return { ...given, data: !Object.hasOwn(dataSets, data) && existsSync(data) ? resolve(data) : data }
}

/** Of a whole number. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const number = toNumber(text)
    if (Number.isSafeInteger(number) && number! >= least) return number!
    throw new InvalidArgumentError(`give a whole number from ${least} on.`)
  }

export function anyNumber(text: string): number {
  const number = toNumber(text)
  if (number !== undefined) return number
  throw new InvalidArgumentError("give a number.")
}

/** Of words such as learningRate=0.2 the setting, by the name it has in a config file or as a flag. */
export function settingOf(word: string): Settings | undefined {
  const [, name, text] = /^([A-Za-z][\w-]*)=(.*)$/s.exec(word) ?? []
  if (name === undefined || existsSync(word)) return undefined
  const key = currentName(name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()))
  if (!Object.hasOwn(settings, key)) throw new UserError(`${word}: ${unknownSetting(key)}`)
  const { value, message } = read(settings[key as Setting] as z.ZodType, text)
  if (message !== undefined) throw new UserError(`${word}: ${message}`)
  return { [key]: value }
}

function checked(schema: z.ZodType, text: string): unknown {
  const { value, message } = read(schema, text)
  if (message !== undefined) throw new InvalidArgumentError(`${message}.`)
  return value
}

/** A text as a setting wants it: as it is, or what number, numbers or truth it says; or a message. */
function read(schema: z.ZodType, text: string): { value?: unknown; message?: string } {
  const truth = ({ true: true, false: false } as Record<string, boolean>)[text]
  const parsed = [text, toNumber(text), text.split(",").map(toNumber), truth].map((value) =>
    schema.safeParse(value),
  )
  const fitting = parsed.find(({ success }) => success)
  return fitting ? { value: fitting.data } : { message: parsed[0].error?.issues[0].message }
}

const toNumber = (text: string): number | undefined =>
  /^[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text.replaceAll("_", "")) : undefined
