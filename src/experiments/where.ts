/**
 * Conditions on runs, such as `parameters < 80000 and model = gru`, and their order: comparisons of what a row of the listing has, and of
 * every setting of the recipe.
 */
import { nearest } from "../data/nearest.ts"
import { UserError } from "../errors.ts"
import { check, currentName, type SettingName, settings } from "../runs/settings.ts"
import { either, type Setting, type Value } from "../setting.ts"
import type { RunRow } from "./run-row.ts"

/** What a row has beside its recipe: numbers, texts, a time, or one of several words. */
const fields: Readonly<Record<Exclude<keyof RunRow, "recipe">, "number" | "text" | "time" | string[]>> = {
  run: "text",
  model: "text",
  data: "text",
  tokens: "text",
  parameters: "number",
  taken: "number",
  steps: "number",
  train: "number",
  validation: "number",
  seconds: "number",
  when: "time",
  state: ["training", "finished", "stopped"],
  trial: "number",
}

const operators: Readonly<Record<string, (a: number | string, b: number | string) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
}

/** A name, an operator or a value; a value with spaces stands in quotes. */
const TOKEN = /\s*(?:([<>]=?|!=|==?)|"([^"]*)"|'([^']*)'|([^\s<>=!"']+))/y

/**
 * Whether a row satisfies every condition: comparisons joined by `and`. What a row does not have is different from every value, and in no
 * order with it. A UserError for a condition that cannot be understood.
 */
export function parseWhere(conditions: readonly string[]): (row: RunRow) => boolean {
  const all = conditions.flatMap(comparisonsIn)
  return (row) => all.every((holds) => holds(row))
}

function comparisonsIn(text: string): ((row: RunRow) => boolean)[] {
  const of = `--where ${JSON.stringify(text)}`
  const unclear = () =>
    new UserError(
      `${of}: this is no comparison: give one such as "parameters < 80000", or several joined by and; a text with spaces stands in quotes`,
    )
  const tokens: { word: string; isOperator: boolean }[] = []
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.trimEnd().length; ) {
    const [, operator, ...words] = TOKEN.exec(text) ?? []
    const word = operator ?? words.find((word) => word !== undefined)
    if (word === undefined) throw unclear()
    tokens.push({ word, isOperator: operator !== undefined })
  }
  const comparisons: ((row: RunRow) => boolean)[] = []
  for (let k = 0; ; k += 4) {
    const [name, operator, value, joint] = tokens.slice(k, k + 4)
    if (!name || !operator?.isOperator || !value || name.isOperator || value.isOperator) throw unclear()
    comparisons.push(comparison(name.word, operator.word.replace("==", "="), value.word, of))
    if (!joint) return comparisons
    if (joint.word.toLowerCase() !== "and" || joint.isOperator) throw unclear()
  }
}

function comparison(name: string, operator: string, written: string, of: string): (row: RunRow) => boolean {
  const { key, read, isOrdered } = fieldOf(name, of)
  if (!isOrdered && /[<>]/.test(operator))
    throw new UserError(`${of}: ${key} has no order: compare it with = or !=`)
  const { value, problem } = read(written, operator)
  if (problem !== undefined) throw new UserError(`${of}: ${key}: ${problem}`)
  return (row) => {
    const own = valueIn(row, key)
    return own === undefined ? operator === "!=" : operators[operator](own, value!)
  }
}

interface Field {
  readonly key: string
  /** Whether < and > mean anything. */
  readonly isOrdered: boolean
  readonly read: (text: string, operator: string) => { value?: number | string; problem?: string }
}

/** A field of a row or a setting of its recipe, by its name in a config file or as a flag. */
function fieldOf(name: string, of: string): Field {
  const key = currentName(
    name.replace(/^--/, "").replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  )
  if (Object.hasOwn(settings, key)) return settingField(key, settings[key as SettingName])
  if (!Object.hasOwn(fields, key)) {
    const meant = nearest(key, [...Object.keys(fields), ...Object.keys(settings)])
    throw new UserError(
      `${of}: runs have no ${name}: ${meant ? `did you mean ${meant}?` : `give ${either(Object.keys(fields))}, or a setting of train --help`}`,
    )
  }
  const kind = fields[key as keyof typeof fields]
  if (kind === "number") return { key, isOrdered: true, read: readNumber }
  if (!Array.isArray(kind)) return { key, isOrdered: kind === "time", read: (value) => ({ value }) }
  return { key, isOrdered: false, read: (text) => readWord(text, kind) }
}

function settingField(key: string, setting: Setting): Field {
  if (setting.choices) {
    const read = (text: string) => check(setting, text) as ReturnType<Field["read"]>
    return { key, isOrdered: false, read }
  }
  if (setting.parse("1") === 1) return { key, isOrdered: true, read: readNumber }
  if (setting.parse("true") === true)
    return { key, isOrdered: false, read: (text) => readWord(text, ["true", "false"]) }
  return { key, isOrdered: false, read: (value) => ({ value }) }
}

const readNumber = (text: string) => {
  const value = Number(text.replaceAll(/(?<=\d)[_,](?=\d)/g, ""))
  return Number.isNaN(value) ? { problem: `${JSON.stringify(text)} is no number: give one` } : { value }
}

const readWord = (text: string, words: readonly string[]) => {
  const meant = nearest(text, words)
  return words.includes(text)
    ? { value: text }
    : { problem: `give ${either(words)}${meant ? `; did you mean ${meant}?` : ""}` }
}

/** A number or a text; lists, such as dilations, are texts with commas. */
function valueIn({ recipe, ...row }: RunRow, key: string): number | string | undefined {
  const value = (row as Record<string, Value | undefined>)[key] ?? recipe[key as SettingName]
  return value === undefined || typeof value === "number" ? value : String(value)
}

/** The rows by a field or a setting, the lowest first; with a dash before its name the highest first. Rows without it come last. */
export function sortRows(rows: readonly RunRow[], by: string): RunRow[] {
  const isDescending = by.startsWith("-") && !by.startsWith("--")
  const { key } = fieldOf(isDescending ? by.slice(1) : by, `--sort ${by}`)
  const sign = isDescending ? -1 : 1
  return rows.toSorted((a, b) => {
    const [first, second] = [valueIn(a, key), valueIn(b, key)]
    if (first === undefined || second === undefined)
      return Number(first === undefined) - Number(second === undefined)
    return sign * (first < second ? -1 : first > second ? 1 : 0)
  })
}
