/** The values of a setting along an axis from 0 to 1: categories evenly spaced, numbers on a linear or logarithmic scale. */
import { extent, logTicks } from "./log-ticks.ts"

export interface ValueAxis {
  readonly name: string
  readonly scale: "linear" | "log" | "ordinal"
  /** One for each run, which is a line or dot. Undefined: it has none. Those of a linear or logarithmic scale are numbers. */
  readonly values: readonly (number | string | undefined)[]
}

export interface Tick {
  readonly place: number
  readonly text: string
}

/** The place of each value, 0 to 1, and the ticks. */
export function placed({ scale, values }: ValueAxis): { places: (number | undefined)[]; ticks: Tick[] } {
  if (scale === "ordinal") {
    const categories = categoriesOf(values)
    const placeOf = (category: number | string) => (categories.indexOf(category) + 0.5) / categories.length
    return {
      places: values.map((value) => (value === undefined ? undefined : placeOf(value))),
      ticks: categories.map((category) => ({ place: placeOf(category), text: textOf(category) })),
    }
  }
  const numbers = values.filter((value) => typeof value === "number")
  const to = scale === "log" ? Math.log : (value: number) => value
  const [low, high] = extent(numbers.map(to))
  const placeOf = (value: number) => MARGIN + ((to(value) - low) / (high - low || 1)) * (1 - 2 * MARGIN)
  const ticks = scale === "log" ? fewer(logTicks(numbers)) : roundNumbers(low, high)
  return {
    places: values.map((value) => (value === undefined ? undefined : placeOf(value as number))),
    ticks: ticks.map((value) => ({ place: placeOf(value), text: textOf(value) })),
  }
}

/** Left free at both ends of a scale. */
const MARGIN = 0.04

const fewer = (ticks: readonly number[], most = 5): number[] =>
  ticks.filter((_, k) => k % Math.ceil(ticks.length / most) === 0)

/** Numbers by size, then texts in the order of their first occurrence. */
function categoriesOf(values: ValueAxis["values"]): (number | string)[] {
  const all = [...new Set(values.filter((value) => value !== undefined))]
  const numbers = all.filter((value) => typeof value === "number").sort((a, b) => a - b)
  return [...numbers, ...all.filter((value) => typeof value === "string")]
}

/** About five multiples of 1, 2 or 5 times a power of ten. */
function roundNumbers(low: number, high: number): number[] {
  const raw = (high - low) / 5 || 1
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = power * [1, 2, 5, 10].find((digit) => digit * power >= raw * (1 - 1e-9))!
  const first = Math.ceil(low / step - 1e-9)
  const count = Math.floor(high / step + 1e-9) - first + 1
  return Array.from({ length: count }, (_, k) => Number(((first + k) * step).toPrecision(12)))
}

/** Numbers to four digits. */
export const textOf = (value: number | string): string =>
  typeof value === "string"
    ? value
    : Number(value.toPrecision(4)).toLocaleString("en", { maximumSignificantDigits: 4 })
