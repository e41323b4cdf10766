/**
 * Settings of models, optimizers, schedules and runs. Each is declared once, beside what it sets: what it accepts, its default and a
 * sentence. Constructor options, flags, config files, help, errors and recipes all follow from the declaration.
 */

export type Value = number | boolean | string | readonly number[]

/** What a default or a condition may depend on: facts about the data, settings given, and settings resolved before. */
export type Rest = Readonly<Record<string, unknown>>

export interface Default<T = Value> {
  /** For help. */
  readonly text: string
  of(rest: Rest): T | undefined
}

export interface Setting<T = Value, D extends Default | undefined = Default | undefined> {
  /** For help, without the default. */
  readonly description: string
  /** What its flag takes, such as "rows"; a switch takes nothing. */
  readonly unit?: string
  /** What would do, such as "give a whole number of at least 1". */
  readonly wanted: string
  readonly choices?: readonly string[]
  accepts(value: unknown): value is T
  /** The value that a flag's argument stands for; whether it is accepted is another question. */
  parse(text: string): unknown
  /** Undefined for a setting that has a value only where one is given. */
  readonly default: D
  /** Why the setting does not apply; undefined where it does. */
  unless?(rest: Rest): string | undefined
}

/** Settings by name, as a class or a function declares them. */
export type Declared = Readonly<Record<string, Setting>>

type ValueOf<S> = S extends Setting<infer T> ? T : never

/** What a constructor takes: each setting may be left out. */
export type Options<S extends Declared> = { -readonly [K in keyof S]?: ValueOf<S[K]> }

/** Settings with their defaults filled in: those without a default, and those that do not always apply, may be missing. */
export type Filled<S extends Declared> = Options<S> & {
  [K in keyof S as undefined extends S[K]["default"] ? never : K]: ValueOf<S[K]>
}

/**
 * The settings in the order of their declarations, with defaults for what is left out. What else `given` holds is there for the
 * defaults to depend on. A default of `instead` goes before the declared one.
 */
export function fill<S extends Declared>(
  settings: S,
  given: Options<S>,
  { facts, instead = {} }: { facts?: Rest; instead?: Readonly<Record<string, Default>> } = {},
): Filled<S> {
  const rest: Record<string, unknown> = { ...facts, ...given }
  const filled: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries(settings)) {
    const value =
      rest[key] ??
      (setting.unless?.(rest) === undefined
        ? (instead[key]?.of(rest) ?? setting.default?.of(rest))
        : undefined)
    if (value !== undefined) filled[key] = rest[key] = value
  }
  return filled as Filled<S>
}

/** A default that depends on other settings or on the data. */
export const derived = <T, R extends object>(text: string, of: (rest: R) => T | undefined): Default<T> => ({
  text,
  of: of as (rest: object) => T | undefined,
})

/** A setting that applies only where `unless` gives no reason why not. */
export function only<T, D extends Default | undefined, R extends object>(
  unless: (rest: R) => string | undefined,
  setting: Setting<T, D>,
): Setting<T, D | undefined> {
  const reason = unless as (rest: object) => string | undefined
  return { ...setting, unless: (rest) => reason(rest) ?? setting.unless?.(rest) }
}

/** Settings of which each applies only where `reason` gives no reason why not. Their types stay as if they always did. */
export function unless<S extends Declared, R extends object>(
  reason: (rest: R) => string | undefined,
  settings: S,
): S {
  const guarded = Object.entries(settings).map(([key, each]) => [key, only(reason, each)])
  return Object.fromEntries(guarded) as S
}

type Fallback<T> = T | Default<T> | undefined
type DefaultOf<F> = F extends undefined ? undefined : Default

/** How much there is of something in a model; beyond the bound no memory would do. */
export const size = <F extends Fallback<number>>(
  fallback: F,
  description: string,
  { unit = "count", least = 1, most = 16_384 } = {},
) => whole(fallback, description, { unit, least, most })

export function whole<F extends Fallback<number>>(
  fallback: F,
  description: string,
  { unit = "count", least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER } = {},
) {
  const from = least === Number.MIN_SAFE_INTEGER ? "" : ` from ${least}`
  const range =
    most < Number.MAX_SAFE_INTEGER
      ? `${from} to ${most.toLocaleString("en")}`
      : from.replace("from", "of at least")
  const accepts = (value: unknown): value is number =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
  return setting(fallback, description, {
    unit,
    wanted: `give a whole number${range}`,
    accepts,
    parse: toNumber,
  })
}

const number =
  (wanted: string, fits: (value: number) => boolean) =>
  <F extends Fallback<number>>(fallback: F, description: string, { unit = "number" } = {}) => {
    const accepts = (value: unknown): value is number => Number.isFinite(value) && fits(value as number)
    return setting(fallback, description, { unit, wanted, accepts, parse: toNumber })
  }

export const positive = number("give a number above 0", (value) => value > 0)
export const notNegative = number("give a number of at least 0", (value) => value >= 0)
export const fraction = number("give a number from 0 to below 1", (value) => value >= 0 && value < 1)

/** Whole numbers of at least 0, such as steps. */
export const wholes = <F extends Fallback<readonly number[]>>(
  fallback: F,
  description: string,
  { unit, wanted }: { unit: string; wanted: string },
) => {
  const accepts = (value: unknown): value is readonly number[] =>
    Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0)
  return setting(fallback, description, {
    unit,
    wanted,
    accepts,
    parse: (list) => list.split(",").map(toNumber),
  })
}

export const text = <F extends Fallback<string>>(
  fallback: F,
  description: string,
  { unit, wanted }: { unit: string; wanted: string },
) => {
  const accepts = (value: unknown): value is string => typeof value === "string" && value !== ""
  return setting(fallback, description, { unit, wanted, accepts, parse: (given) => given })
}

export function oneOf<const Name extends string, F extends Fallback<Name>>(
  choices: readonly Name[],
  fallback: F,
  description: string,
  { unit = "name" } = {},
) {
  const accepts = (value: unknown): value is Name => choices.includes(value as Name)
  const wanted = `give ${either(choices)}`
  return { ...setting(fallback, description, { unit, wanted, accepts, parse: (given) => given }), choices }
}

export const toggle = <F extends Fallback<boolean>>(fallback: F, description: string) => {
  const accepts = (value: unknown): value is boolean => typeof value === "boolean"
  const parse = (given: string) => ({ true: true, false: false })[given]
  return setting(fallback, description, { wanted: "give true or false", accepts, parse })
}

function setting<T extends Value, F extends Fallback<T>>(
  fallback: F,
  description: string,
  kind: Pick<Setting<T>, "unit" | "wanted" | "accepts" | "parse">,
): Setting<T, DefaultOf<F>> {
  const isDerived = typeof fallback === "object" && "of" in fallback
  const constant = () => ({ text: shown(fallback as Value), of: () => fallback })
  const found = fallback === undefined ? undefined : isDerived ? fallback : constant()
  return { ...kind, description, default: found as DefaultOf<F> }
}

/** A number as people write it, such as 1e-3 or 200_000; undefined where a text is none. */
export const toNumber = (written: string): number | undefined =>
  /^[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(written) ? Number(written.replaceAll("_", "")) : undefined

/** a, b or c. */
export const either = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`

/** --batch-size for batchSize. */
export const flag = (key: string): string =>
  `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** A value as help writes it. */
export const shown = (value: Value): string =>
  typeof value === "number" && value >= 1000 ? value.toLocaleString("en") : String(value)
