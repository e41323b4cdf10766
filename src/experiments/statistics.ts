/**
 * The statistics that losses are compared by: mean, deviation, Student's interval and Welch's test over seeds; the bootstrap and Wilcoxon's
 * test over the lines that two models were both evaluated on.
 * Sources: Student 1908, "The probable error of a mean"; Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13; Wilcoxon
 * 1945, "Individual comparisons by ranking methods"; Cochran 1977, "Sampling Techniques", section 2.11 (the ratio of two totals).
 */
import { Generator } from "../random/torch.ts"
import type { LineLoss } from "../training/evaluation-report.ts"
import { studentBound, studentTails } from "./student.ts"

/** The lowest and the highest value. */
export type Interval = readonly [low: number, high: number]

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Of a sample: the squares are divided by n - 1. NaN for a single value. */
export function standardDeviation(values: readonly number[]): number {
  const center = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1))
}

/** Student's confidence interval for the mean of what the values are drawn from, by default of 95 %. Two values are the least. */
export function meanInterval(values: readonly number[], level = 0.95): Interval {
  if (values.length < 2)
    throw new RangeError(`meanInterval: ${values.length} values: an interval takes at least 2`)
  const half = (studentBound(level, values.length - 1) * standardDeviation(values)) / Math.sqrt(values.length)
  return [mean(values) - half, mean(values) + half]
}

/** A mean of several values, such as the losses of runs that differ only in their seed. */
export interface Average {
  readonly mean: number
  readonly count: number
  /** From two values on: of the values, and Student's interval of 95 % for the mean. */
  readonly standardDeviation?: number
  readonly interval?: Interval
}

/** Undefined for no values. */
export function averageOf(values: readonly number[]): Average | undefined {
  if (values.length === 0) return undefined
  const isSeveral = values.length > 1
  return {
    mean: mean(values),
    count: values.length,
    ...(isSeveral && { standardDeviation: standardDeviation(values), interval: meanInterval(values) }),
  }
}

/** How much the mean of one sample differs from that of another. */
export interface WelchTest {
  /** Below 0 if the second mean is lower. */
  readonly difference: number
  readonly standardError: number
  readonly degreesOfFreedom: number
  /** Of 95 %. */
  readonly interval: Interval
  /** The probability that means differ so much, or more so, if what the samples are drawn from has one mean. */
  readonly p: number
}

/**
 * Welch's t-test of two samples whose deviations may differ, of at least two values each. Where neither has a deviation, there is no chance:
 * p is 1 for equal means, and else 0.
 * Source: Welch 1947, "The generalization of 'Student's' problem when several different population variances are involved"
 */
export function welchTest(first: readonly number[], second: readonly number[]): WelchTest {
  const samples = [first, second]
  if (samples.some(({ length }) => length < 2))
    throw new RangeError(
      `welchTest: ${first.length} values and ${second.length} values: give at least 2 of each`,
    )
  const difference = mean(second) - mean(first)
  const squares = samples.map((values) => standardDeviation(values) ** 2 / values.length)
  const square = squares[0] + squares[1]
  if (square === 0) {
    const degreesOfFreedom = first.length + second.length - 2
    const interval = [difference, difference] as const
    return { difference, standardError: 0, degreesOfFreedom, interval, p: difference === 0 ? 1 : 0 }
  }
  const standardError = Math.sqrt(square)
  const degrees =
    square ** 2 / samples.reduce((sum, { length }, k) => sum + squares[k] ** 2 / (length - 1), 0)
  const degreesOfFreedom = Math.max(1, degrees) // which it is, but for rounding
  const half = studentBound(0.95, degreesOfFreedom) * standardError
  return {
    difference,
    standardError,
    degreesOfFreedom,
    interval: [difference - half, difference + half],
    p: studentTails(Math.abs(difference) / standardError, degreesOfFreedom),
  }
}

/**
 * The probability that a standard normal is above z ≥ 0: by a power series, and far out by a continued fraction, which is exact there.
 * Source: Abramowitz & Stegun 1964, 26.2.11 and 26.2.14
 */
export function normalTail(z: number): number {
  const density = Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI)
  if (z >= 3) {
    let fraction = z
    for (let k = 100; k >= 1; k--) fraction = z + k / fraction
    return density / fraction
  }
  let [sum, term] = [0, z]
  for (let k = 3; term > 1e-20; k += 2) {
    sum += term
    term *= z ** 2 / k
  }
  return 0.5 - density * sum
}

/** How much the loss of one model differs from that of another on the same lines, in nats per symbol. */
export interface PairedTest {
  /** Below 0 if the second model is better. */
  readonly difference: number
  /** Over lines; undefined for a single line. */
  readonly standardError?: number
  /** The bootstrap's, of 95 %. */
  readonly interval: Interval
  /** The probability of Wilcoxon's test: that lines differ so consistently, or more so, if neither model is better. */
  readonly p: number
}

/**
 * Compares two models by their losses on each line, in the same order. Lines of another number of symbols are a RangeError: then these
 * are not the same.
 */
export function pairedTest(first: readonly LineLoss[], second: readonly LineLoss[]): PairedTest {
  if (first.length === 0 || first.length !== second.length)
    throw new RangeError(
      `pairedTest: ${first.length} lines and ${second.length} lines: give the losses on the same lines, at least one`,
    )
  const other = first.findIndex(({ symbols }, k) => symbols !== second[k].symbols)
  if (other >= 0)
    throw new RangeError(
      `pairedTest: line ${other} has ${first[other].symbols} symbols and ${second[other].symbols} symbols: give the losses on the same lines`,
    )
  const differences = second.map(({ nats }, k) => nats - first[k].nats)
  const symbols = first.map((line) => line.symbols)
  return {
    ...ratioOfTotals(differences, symbols),
    interval: bootstrapInterval(differences, symbols),
    p: wilcoxon(differences),
  }
}

/** The total of the differences over that of the symbols, with its standard error over lines. */
function ratioOfTotals(
  differences: readonly number[],
  symbols: readonly number[],
): Pick<PairedTest, "difference" | "standardError"> {
  const n = differences.length
  const total = symbols.reduce((sum, count) => sum + count, 0)
  const difference = differences.reduce((sum, each) => sum + each, 0) / total
  if (n === 1) return { difference }
  const squares = differences.reduce((sum, each, k) => sum + (each - difference * symbols[k]) ** 2, 0)
  return { difference, standardError: Math.sqrt((squares * n) / (n - 1)) / total }
}

/** Resamples, and lines that are drawn for all of them together, at most: a second. */
const [RESAMPLES, DRAWS] = [10_000, 2e7]

/**
 * The percentile interval of the total of the differences over that of the symbols, where as many lines are drawn again and again, each
 * with what both models lost on it. Equal seeds draw equal lines.
 */
export function bootstrapInterval(
  differences: readonly number[],
  symbols: readonly number[],
  { level = 0.95, seed = 42 } = {},
): Interval {
  const n = differences.length
  const generator = new Generator(seed)
  const resamples = Math.max(1000, Math.min(RESAMPLES, Math.floor(DRAWS / n)))
  const ratios = new Float64Array(resamples).map(() => {
    let [difference, count] = [0, 0]
    for (const line of generator.randint(0, n, n)) {
      difference += differences[line]
      count += symbols[line]
    }
    return difference / count
  })
  ratios.sort()
  const quantile = (part: number) => {
    const place = part * (resamples - 1)
    const [below, above] = [ratios[Math.floor(place)], ratios[Math.ceil(place)]]
    return below + (above - below) * (place % 1)
  }
  return [quantile((1 - level) / 2), quantile((1 + level) / 2)]
}

/** With so many differences or fewer, and no ties, p is exact. */
const EXACT = 50

/**
 * The two-sided p of Wilcoxon's signed-rank test. Zeros are left out and ties share their mean rank. It is exact for few differences
 * without ties, and else by the normal distribution with a correction for continuity. 1 if all differences are 0.
 * Source of the correction for ties: Lehmann 1975, Nonparametrics, section 3.2
 */
export function wilcoxon(differences: readonly number[]): number {
  const sorted = differences
    .filter((difference) => difference !== 0)
    .sort((a, b) => Math.abs(a) - Math.abs(b))
  const n = sorted.length
  let [positive, ties] = [0, 0]
  for (let from = 0, to = 0; from < n; from = to) {
    while (to < n && Math.abs(sorted[to]) === Math.abs(sorted[from])) to++
    const rank = (from + 1 + to) / 2
    for (let k = from; k < to; k++) if (sorted[k] > 0) positive += rank
    ties += (to - from) ** 3 - (to - from)
  }
  const expected = (n * (n + 1)) / 4
  if (n <= EXACT && ties === 0) return exactWilcoxon(n, positive)
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - ties / 48
  return 2 * normalTail(Math.max(0, Math.abs(positive - expected) - 0.5) / Math.sqrt(variance))
}

/** Of the 2^n ways to give the ranks 1 to n signs, twice the fraction in which the positive ones sum to as far from the middle. */
function exactWilcoxon(n: number, positive: number): number {
  const most = (n * (n + 1)) / 2
  const ways = new Float64Array(most + 1)
  ways[0] = 1
  for (let rank = 1; rank <= n; rank++) for (let sum = most; sum >= rank; sum--) ways[sum] += ways[sum - rank]
  const least = Math.min(positive, most - positive)
  return Math.min(1, (2 * ways.subarray(0, least + 1).reduce((sum, each) => sum + each, 0)) / 2 ** n)
}
