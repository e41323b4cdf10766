/**
 * Settings of models, optimizers, schedules and runs. Each is declared once, beside what it sets: what it accepts, its default and a
 * sentence. Constructor options, flags, config files, help, errors and recipes all follow from the declaration.
 */

import { told } from "./errors.ts"

export type Value = number | boolean | string | readonly number[]

/** Facts about the data, the given settings and those resolved so far: a default or a condition may depend on them. */
export type Rest = Readonly<Record<string, unknown>>

export interface Default<T = Value> {
  /** For help. */
  readonly text: string
  of(rest: Rest): T | undefined
}

export interface Setting<T = Value, D extends Default | undefined = Default | undefined> {
  /** For help, without the default. */
  readonly description: string
  /** The argument of its flag, such as "rows"; a switch has none. */
  readonly unit?: string
  /** The remedy in errors, such as "give a whole number of at least 1". */
  readonly wanted: string
  readonly choices?: readonly string[]
  accepts(value: unknown): value is T
  /** The value of a flag's argument, whether it is accepted or not. */
  parse(text: string): unknown
  /** The canonical form of a value that can be written in several ways; undefined for none. */
  normalize?(value: T): T | undefined
  /** Undefined for a setting that has no value unless one is given. */
  readonly default: D
  /** Why the setting does not apply; undefined if it does. */
  unless?(rest: Rest): string | undefined
}

/** Settings by name, as a class or a function declares them. */
export type Declared = Readonly<Record<string, Setting>>

type ValueOf<S> = S extends Setting<infer T> ? T : never

/** Options of a constructor: every setting may be left out. */
export type Options<S extends Declared> = { -readonly [K in keyof S]?: ValueOf<S[K]> }

/** Settings with their defaults filled in: those without a default, and those that do not always apply, may be missing. */
export type Filled<S extends Declared> = Options<S> & {
  [K in keyof S as undefined extends S[K]["default"] ? never : K]: ValueOf<S[K]>
}

/**
 * Fills in defaults, in the order of the declarations. They may depend on `facts` and on everything in `given`. Defaults of `instead`
 * take precedence over the declared ones.
 */
export function fill<S extends Declared>(
  settings: S,
  given: Options<S>,
  { facts, instead = {} }: { facts?: Rest; instead?: Readonly<Record<string, Default>> } = {},
): Filled<S> {
  const rest: Record<string, unknown> = { ...facts, ...given }
  const filled: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries(settings)) {
    const applies = setting.unless?.(rest) === undefined
    const fallback = applies ? (instead[key]?.of(rest) ?? setting.default?.of(rest)) : undefined
    const chosen = rest[key] ?? fallback
    const value = chosen !== undefined && setting.normalize ? setting.normalize(chosen as Value) : chosen
    if (value !== undefined) filled[key] = rest[key] = value
  }
  return filled as Filled<S>
}

/** Throws a RangeError for a value that its setting does not accept. `of` is the function that was called. */
export function requireAccepted(
  of: string,
  settings: Declared,
  given: Readonly<Record<string, unknown>>,
): void {
  for (const [key, { accepts, wanted }] of Object.entries(settings))
    if (given[key] !== undefined && !accepts(given[key]))
      throw new RangeError(`${of}: ${key} = ${told(given[key])}: ${wanted}`)
}

/** A default that depends on other settings or on the data. */
export const derived = <T, R extends object>(text: string, of: (rest: R) => T | undefined): Default<T> => ({
  text,
  of: of as (rest: object) => T | undefined,
})

/** A setting that applies only where `unless` gives no reason against it. */
export function only<T, D extends Default | undefined, R extends object>(
  unless: (rest: R) => string | undefined,
  setting: Setting<T, D>,
): Setting<T, D | undefined> {
  const reason = unless as (rest: object) => string | undefined
  return { ...setting, unless: (rest) => reason(rest) ?? setting.unless?.(rest) }
}

/** Settings that apply only where `reason` gives none against them. Their types stay as if they always applied. */
export function unless<S extends Declared, R extends object>(
  reason: (rest: R) => string | undefined,
  settings: S,
): S {
  const guarded = Object.entries(settings).map(([key, each]) => [key, only(reason, each)])
  return Object.fromEntries(guarded) as S
}

interface Kind extends Pick<Setting, "unit" | "wanted" | "choices" | "parse"> {
  readonly accepts: (value: unknown) => boolean
}

type Fallback<T> = T | Default<T> | undefined

/** Declares settings of a kind, each with its default, its sentence and the options of the kind. */
const kind =
  <T extends Value, O extends object = { unit?: string }>(kindOf: (options: O) => Kind) =>
  <F extends Fallback<T>>(fallback: F, description: string, ...[options]: object extends O ? [O?] : [O]) => {
    const isConstant = fallback !== undefined && !(typeof fallback === "object" && "of" in fallback)
    const found = isConstant ? { text: shown(fallback as T), of: () => fallback } : fallback
    const declared = { ...kindOf(options ?? ({} as O)), description, default: found }
    return declared as unknown as Setting<T, F extends undefined ? undefined : Default>
  }

interface Bounds {
  readonly unit?: string
  readonly least?: number
  readonly most?: number
}

/** As steps, more than a training takes in a week. As rates, such numbers and their products still fit in float32. */
const MAX = 1e9

const wholeKind = ({ unit = "count", least = 0, most = MAX }: Bounds): Kind => {
  const accepts = (value: unknown) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
  return { unit, wanted: `give a whole number ${range(least, most)}`, accepts, parse: toNumber }
}

const range = (least: number, most: number) => `from ${shown(least)} to ${shown(most)}`

/** A count, by default from 0 to a billion. */
export const whole = kind<number, Bounds>(wholeKind)

/** Any whole number that JavaScript holds. */
export const seed = kind<number>(() =>
  wholeKind({ unit: "number", least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER }),
)

/** An extent of a model. No memory holds more than the bound. */
export const size = kind<number, Bounds>((bounds) => wholeKind({ least: 1, most: 16_384, ...bounds }))

const number = (wanted: (most: number) => string, fits: (value: number, most: number) => boolean) =>
  kind<number, Omit<Bounds, "least">>(({ unit = "number", most = MAX }) => {
    const accepts = (value: unknown) => Number.isFinite(value) && fits(value as number, most)
    return { unit, wanted: wanted(most), accepts, parse: toNumber }
  })

export const positive = number(
  (most) => `give a number above 0 and at most ${shown(most)}`,
  (value, most) => value > 0 && value <= most,
)
export const notNegative = number(
  (most) => `give a number ${range(0, most)}`,
  (value, most) => value >= 0 && value <= most,
)
export const fraction = number(
  () => "give a number from 0 to below 1",
  (value) => value >= 0 && value < 1,
)

/** Whole numbers of at least 0, such as steps. */
export const wholes = kind<readonly number[], { unit: string; wanted: string }>((words) => ({
  ...words,
  accepts: (value) => Array.isArray(value) && value.every(wholeKind({}).accepts),
  parse: (list) => list.split(",").map(toNumber),
}))

interface Words extends Pick<Setting<string>, "normalize"> {
  readonly unit: string
  readonly wanted: string
}

export const text = kind<string, Words>((words) => ({
  ...words,
  accepts: (value) => typeof value === "string" && value !== "",
  parse: (given) => given,
}))

export const toggle = kind<boolean>(() => ({
  wanted: "give true or false",
  accepts: (value) => typeof value === "boolean",
  parse: (given) => ({ true: true, false: false })[given],
}))

export const oneOf = <const Name extends string, F extends Fallback<Name>>(
  choices: readonly Name[],
  fallback: F,
  description: string,
  { unit = "name" } = {},
) => {
  const accepts = (value: unknown) => choices.includes(value as Name)
  const named = { choices, unit, wanted: `give ${either(choices)}`, accepts, parse: (given: string) => given }
  return kind<Name>(() => named)(fallback, description)
}

/** A setting that may be this word instead. */
export const orWord = <T, D extends Default | undefined, const Word extends string>(
  word: Word,
  setting: Setting<T, D>,
): Setting<T | Word, D> => ({
  ...setting,
  wanted: `${setting.wanted}, or ${word}`,
  accepts: (value): value is T | Word => value === word || setting.accepts(value),
  parse: (text) => (text === word ? word : setting.parse(text)),
})

/** A number as people write it, such as 1e-3 or 200_000; undefined for any other text. */
const toNumber = (written: string): number | undefined =>
  /^[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(written) ? Number(written.replaceAll("_", "")) : undefined

/** a, b or c. */
export const either = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`

/** --batch-size for batchSize. */
export const flag = (key: string): string =>
  `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** The words of a command line that gives these options; a switch that is off is left out. */
export const writtenFlags = (options: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(options)
    .filter(([, value]) => value !== undefined && value !== false)
    .flatMap(([key, value]) => (value === true ? [flag(key)] : [flag(key), String(value)]))

/** A value as help writes it. */
export const shown = (value: Value): string =>
  typeof value === "number" && Math.abs(value) >= 1000 && Math.abs(value) < 1e21
    ? value.toLocaleString("en")
    : String(value)
