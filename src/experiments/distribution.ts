/**
 * What a parameter of a sweep may be: one of some values, or a number of a range, each with the scale on which it is uniform.
 * Names: Weights & Biases' sweep configurations, in camelCase; its log_uniform_values is logUniform.
 */
import type { Generator } from "../random/torch.ts"
import type { Settings } from "../runs/settings.ts"
import type { Value } from "../setting.ts"

/** What a parameter may be set to: the value of a setting, or several settings at once. */
export type Chosen = Value | Settings

/** Each value is equally likely. */
export interface Choice {
  readonly values: readonly Chosen[]
}

/** Whether two values are equal, also as lists and objects. */
export const isSame = (a: Chosen | undefined, b: Chosen | undefined): boolean =>
  a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b))

export const ranges = ["uniform", "logUniform", "intUniform", "logIntUniform"] as const

/** Both ends are included. The logarithmic ones begin above 0. */
export interface Range {
  readonly distribution: (typeof ranges)[number]
  readonly min: number
  readonly max: number
}

export type Distribution = Choice | Range

export const isRange = (distribution: Distribution): distribution is Range => "distribution" in distribution

export const isLogarithmic = ({ distribution }: Pick<Range, "distribution">): boolean =>
  distribution === "logUniform" || distribution === "logIntUniform"

export const isWhole = ({ distribution }: Pick<Range, "distribution">): boolean =>
  distribution === "intUniform" || distribution === "logIntUniform"

/** A range as an interval in which positions are uniform. A whole number has all positions that round to it. */
export interface Scale {
  readonly low: number
  readonly high: number
  /** The value at a position. */
  valueAt(position: number): number
  /** The positions of a value: an interval for a whole number, otherwise a point. */
  positionsOf(value: number): readonly [number, number]
}

export function scaleOf(range: Range): Scale {
  const { min, max } = range
  const [to, from] = isLogarithmic(range) ? [Math.log, Math.exp] : [same, same]
  const half = isWhole(range) ? 0.5 : 0
  const positionsOf = (value: number) => [to(value - half), to(value + half)] as const
  return {
    low: to(min - half),
    high: to(max + half),
    valueAt(position) {
      const value = from(position)
      return Math.min(max, Math.max(min, isWhole(range) ? Math.round(value) : value))
    },
    positionsOf,
  }
}

const same = (x: number): number => x

export function sample(distribution: Distribution, random: Generator): Chosen {
  const u = random.nextUniform()
  if (!isRange(distribution)) return distribution.values[Math.floor(u * distribution.values.length)]
  const { low, high, valueAt } = scaleOf(distribution)
  return valueAt(low + u * (high - low))
}

/** Whether it has a number of values that can be counted. */
export const isDiscrete = (distribution: Distribution): boolean =>
  !isRange(distribution) || isWhole(distribution)

/** All values in order, of a discrete distribution. */
export function* valuesOf(distribution: Distribution): Iterable<Chosen> {
  if (!isRange(distribution)) yield* distribution.values
  else for (let value = distribution.min; value <= distribution.max; value++) yield value
}
