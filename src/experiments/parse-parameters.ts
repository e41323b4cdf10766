/** Reads the parameters of a plan. What cannot be one is a UserError that names its place, and says what is wrong and what would do. */
import { butHas, nearest } from "../data/nearest.ts"
import { told, UserError } from "../errors.ts"
import {
  check,
  currentName,
  parseSettings,
  type SettingName,
  type Settings,
  settings,
  unknownSetting,
} from "../runs/settings.ts"
import { oneOf, type Setting } from "../setting.ts"
import { type Chosen, isLogarithmic, isRange, isSame, isWhole, type Range, ranges } from "./distribution.ts"
import { type Parameter, settingsOfValue } from "./space.ts"

type Given = Readonly<Record<string, unknown>>

/** An object of names, as a YAML file has them. */
export const isObject = (value: unknown): value is Given =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** @param place Where they stand, for errors, such as "plan.yaml: parameters". */
export function parseParameters(given: unknown, recipe: Settings, place: string): Parameter[] {
  if (!isObject(given))
    throw new UserError(
      `${place}: ${told(given)}: give parameters and their values, such as hidden: [64, 128]`,
    )
  const parameters: Parameter[] = []
  for (const [written, parameter] of Object.entries(given)) {
    const name = currentName(written)
    const parsed = parseParameter(name, parameter, { recipe, earlier: parameters }, `${place}: ${written}`)
    requireApart(parsed, parameters, `${place}: ${written}`)
    parameters.push(parsed)
  }
  return parameters
}

interface Context {
  readonly recipe: Settings
  readonly earlier: readonly Parameter[]
}

const keys = ["values", "min", "max", "distribution", "when"]

function parseParameter(name: string, given: unknown, context: Context, place: string): Parameter {
  if (name === "seed")
    throw new UserError(`${place}: it is no parameter: give seeds: [1, 2, 3] beside parameters`)
  const spec = Array.isArray(given) ? { values: given } : given
  if (!isObject(spec))
    throw new UserError(
      `${place}: ${told(given)} is one value: give a list or a range, such as { min: 0, max: 1 }, or move it to the recipe`,
    )
  const unknown = Object.keys(spec).find((key) => !keys.includes(key))
  if (unknown !== undefined)
    throw new UserError(`${place}: there is no ${told(unknown)}${butHas(unknown, keys)}`)
  const { values, when, ...range } = spec
  const [rangeKey] = Object.keys(range)
  if (values !== undefined && rangeKey !== undefined)
    throw new UserError(`${place}: it has values and ${rangeKey}: give values, or min and max`)
  const distribution =
    values === undefined
      ? parseRange(name, range, place)
      : { values: parseValues(name, values, `${place}: values`) }
  return {
    name,
    distribution,
    ...(when !== undefined && { when: parseWhen(when, context, `${place}: when`) }),
  }
}

function parseValues(name: string, given: unknown, place: string): Chosen[] {
  if (!Array.isArray(given))
    throw new UserError(`${place}: ${told(given)} is no list: give one, such as [1, 2]`)
  if (given.length === 0) throw new UserError(`${place}: the list is empty: give at least one value`)
  return given.map((value) => parseValue(name, value, place))
}

function parseValue(name: string, value: unknown, place: string): Chosen {
  if (Object.hasOwn(settings, name)) return accepted(settings[name as SettingName] as Setting, value, place)
  if (!isObject(value))
    throw new UserError(`${place}: ${unknownSetting(name)}; only objects of settings may have another name`)
  const parsed = parseSettings(value, place)
  if (parsed.seed !== undefined)
    throw new UserError(`${place}: seed: give seeds: [1, 2, 3] beside parameters`)
  return parsed
}

/** The value, normalized; a UserError if the setting does not take it. */
export function accepted<T>(setting: Setting<T>, given: unknown, place: string): T {
  const { value, problem } = check(setting as Setting, given)
  if (problem !== undefined) throw new UserError(`${place}: ${told(given)}: ${problem}`)
  return value as T
}

const distributionSetting = oneOf(ranges, undefined, "how a range is drawn from")

function parseRange(name: string, given: Given, place: string): Range {
  if (!Object.hasOwn(settings, name)) throw new UserError(`${place}: ${unknownSetting(name)}`)
  const setting = settings[name as SettingName] as Setting
  const [min, max] = ["min", "max"].map((key) => {
    if (given[key] === undefined)
      throw new UserError(`${place}: ${key} is missing: give min and max, or values`)
    if (!Number.isFinite(given[key]))
      throw new UserError(`${place}: ${key}: ${told(given[key])}: give a number`)
    return accepted(setting, given[key], `${place}: ${key}`) as number
  })
  if (min >= max)
    throw new UserError(
      `${place}: min ${min} is not below max ${max}: exchange them, or move one to the recipe`,
    )
  // No whole number, as its ratio to the ends is irrational.
  const takesFractions = setting.accepts(min + (max - min) * Math.SQRT1_2)
  const distribution =
    given.distribution === undefined
      ? takesFractions
        ? "uniform"
        : "intUniform"
      : accepted(distributionSetting, given.distribution, `${place}: distribution`)
  const range: Range = { distribution, min, max }
  if (isLogarithmic(range) && min <= 0)
    throw new UserError(
      `${place}: min ${min}: ${distribution} begins above 0: raise it, or change the distribution`,
    )
  if (!isWhole(range) && !takesFractions)
    throw new UserError(
      `${place}: distribution: ${distribution} gives fractions: give intUniform or logIntUniform, as ${name} takes whole numbers`,
    )
  const fraction = [min, max].find((end) => !Number.isInteger(end))
  if (isWhole(range) && fraction !== undefined)
    throw new UserError(
      `${place}: ${fraction}: ${distribution} is of whole numbers: give one, or change the distribution`,
    )
  return range
}

function parseWhen(given: unknown, { recipe, earlier }: Context, place: string): Parameter["when"] {
  if (!isObject(given) || Object.keys(given).length === 0)
    throw new UserError(`${place}: ${told(given)}: give a setting and its value, such as { optimizer: sgd }`)
  const known = [
    ...Object.keys(recipe),
    ...earlier.flatMap((each) => [each.name, ...settingsOfParameter(each)]),
  ]
  return Object.fromEntries(
    Object.entries(given).map(([written, value]) => {
      const name = currentName(written)
      if (!known.includes(name)) {
        const meant = nearest(name, known)
        throw new UserError(
          `${place}: ${name} is neither in the recipe nor an earlier parameter: ${meant ? `did you mean ${meant}?` : "give it there"}`,
        )
      }
      const values = parseValues(name, Array.isArray(value) ? value : [value], `${place}: ${written}`)
      requirePossible(name, values, { recipe, earlier }, `${place}: ${written}`)
      return [name, values]
    }),
  )
}

/** Throws if the recipe and the earlier parameters never give a name one of these values, so that a condition never holds. */
function requirePossible(
  name: string,
  values: readonly Chosen[],
  { recipe, earlier }: Context,
  place: string,
): void {
  if (earlier.some((each) => each.name === name && isRange(each.distribution))) return
  const ofParameters = earlier.flatMap(({ name: own, distribution }) =>
    isRange(distribution)
      ? []
      : distribution.values.map((value) => ({ ...settingsOfValue(own, value), [own]: value })[name]),
  )
  const possible = [recipe[name as SettingName], ...ofParameters].filter((value) => value !== undefined)
  if (!values.some((value) => possible.some((each) => isSame(each, value))))
    throw new UserError(
      `${place}: it is never ${told(values)}: give one of ${told(possible)}, or leave the parameter out`,
    )
}

/** The names of the settings that a parameter sets. */
export function settingsOfParameter({ name, distribution }: Parameter): string[] {
  if (isRange(distribution)) return [name]
  return distribution.values.flatMap((value) => Object.keys(settingsOfValue(name, value)))
}

/** Of two parameters that set the same, the earlier would have no effect, unless they apply under conditions. */
function requireApart(parameter: Parameter, earlier: readonly Parameter[], place: string): void {
  if (parameter.when) return
  const own = settingsOfParameter(parameter)
  for (const other of earlier) {
    const shared = settingsOfParameter(other).find((name) => own.includes(name))
    if (shared !== undefined)
      throw new UserError(
        `${place}: ${other.name} sets ${shared} as well: leave it out of one, or give a when`,
      )
  }
}
