/**
 * How much each setting matters for reaching the best results, by PED-ANOVA: how differently the values of a setting are distributed among
 * the best runs and among all.
 * Source: Watanabe, Bansal, Hutter 2023, "PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in Arbitrary Subspaces",
 * https://arxiv.org/abs/2304.10255; of settings that only some runs have, https://arxiv.org/abs/2601.20800; grid and bandwidth as
 * Optuna's PedAnovaImportanceEvaluator.
 */
import { extent } from "../charts/log-ticks.ts"
import type { ValueAxis } from "../charts/value-axis.ts"
import { normalTail } from "./statistics.ts"

export interface Importance {
  readonly name: string
  /** 0 to 1; all together are 1, or 0 if nothing tells the best runs from the others. */
  readonly importance: number
}

/** The best tenth is told from all, and at least this many, so that their distribution can be seen. */
const [BEST, LEAST] = [0.1, 5]

/** How many of so many runs count as the best. */
export const bestOf = (runs: number): number =>
  Math.max(Math.ceil(BEST * runs), Math.min(LEAST, Math.ceil(runs / 2)))

/** The settings by their importance, the highest first. `losses` are those of the runs, lower is better. */
export function importanceOf(settings: readonly ValueAxis[], losses: readonly number[]): Importance[] {
  const cutoff = losses.toSorted((a, b) => a - b)[bestOf(losses.length) - 1]
  const isBest = losses.map((loss) => loss <= cutoff)
  const raw = settings.map((setting) => ({ name: setting.name, importance: divergence(setting, isBest) }))
  const total = raw.reduce((sum, { importance }) => sum + importance, 0)
  return raw
    .map(({ name, importance }) => ({ name, importance: total === 0 ? 0 : importance / total }))
    .sort((a, b) => b.importance - a.importance)
}

/** Pearson's divergence of the best runs' values from all values. */
function divergence({ scale, values }: ValueAxis, isBest: readonly boolean[]): number {
  const applies = values.map((value) => value !== undefined)
  const count = (mask: readonly boolean[]) => mask.filter(Boolean).length
  const best = isBest.map((yes, k) => yes && applies[k])
  if (count(best) === 0) return 0
  const cells = cellsOf(values, scale)
  const density = scale === "ordinal" ? densityOfCategories : densityOfNumbers
  const densityOf = (mask: readonly boolean[]) => {
    const counts = Array<number>(cells.count).fill(0)
    for (const [k, cell] of cells.of.entries()) if (mask[k]) counts[cell!]++
    return density(counts)
  }
  const [top, all] = [densityOf(best), densityOf(applies)]
  const pearson = all.reduce((sum, each, k) => sum + each * (top[k] / each - 1) ** 2, 0)
  const ofBest = count(best) / count(isBest)
  const ofAll = count(applies) / values.length
  return (ofBest ** 2 / ofAll) * pearson
}

/** Cells of the grid that numbers are counted in. */
const CELLS = 50

function cellsOf(
  values: ValueAxis["values"],
  scale: ValueAxis["scale"],
): { count: number; of: (number | undefined)[] } {
  if (scale === "ordinal") {
    const categories = [...new Set(values.filter((value) => value !== undefined))]
    return {
      count: categories.length,
      of: values.map((value) => (value === undefined ? undefined : categories.indexOf(value))),
    }
  }
  const placed = values.map((value) =>
    value === undefined ? undefined : scale === "log" ? Math.log(value as number) : (value as number),
  )
  const known = placed.filter((place) => place !== undefined)
  const [low, high] = extent(known)
  const width = (high - low) / (CELLS - 1)
  const cellOf = (place: number) => Math.min(CELLS - 1, Math.max(0, Math.ceil((place - low) / width - 0.5)))
  return { count: CELLS, of: placed.map((place) => (place === undefined ? undefined : cellOf(place))) }
}

/** Each category that occurs is a kernel, which leaves a little for the others; a uniform one has the weight of one run. */
function densityOfCategories(counts: readonly number[]): number[] {
  const kernels = counts.filter((count) => count > 0).length + 1
  const total = counts.reduce((sum, count) => sum + count, 1)
  const share = 1 / kernels / (1 + counts.length / kernels)
  const uniform = 1 / counts.length / total
  return counts.map(
    (count) =>
      uniform + (count / total) * (1 / (1 + counts.length / kernels)) + ((total - 1) / total) * share,
  )
}

/** A Parzen estimator on the grid, with Scott's bandwidth; a wide kernel in the middle has the weight of one run. */
function densityOfNumbers(counts: readonly number[]): number[] {
  const high = counts.length - 1
  const total = counts.reduce((sum, count) => sum + count, 0)
  const cells = [...counts.keys()].filter((cell) => counts[cell] > 0)
  const mean = cells.reduce((sum, cell) => sum + cell * counts[cell], 0) / total
  const squares = cells.reduce((sum, cell) => sum + (cell - mean) ** 2 * counts[cell], 0)
  const deviation = Math.sqrt(squares / Math.max(1, total - 1))
  const upTo = cells.map((_, k) => cells.slice(0, k + 1).reduce((sum, cell) => sum + counts[cell], 0))
  const lower = upTo.findIndex((sum) => sum >= Math.floor(total / 4))
  const upper = upTo.findIndex((sum) => sum > Math.floor((total * 3) / 4))
  const range = cells.at(upper)! - cells[lower]
  // Nine tenths of a kernel lie at least in its own cell.
  const bandwidth = Math.max(0.5 / 1.64, 1.059 * Math.min(range / 1.34, deviation) * total ** -0.2)
  const kernels = [
    ...cells.map((cell) => ({ at: cell, bandwidth, weight: counts[cell] })),
    { at: high / 2, bandwidth: high + 1, weight: 1 },
  ]
  return counts.map((_, cell) =>
    kernels.reduce((sum, { at, bandwidth, weight }) => {
      const within = (from: number, to: number) =>
        normal((to - at) / bandwidth) - normal((from - at) / bandwidth)
      return sum + ((weight / (total + 1)) * within(cell - 0.5, cell + 0.5)) / within(-0.5, high + 0.5)
    }, 1e-12),
  )
}

/** The probability that a standard normal is below z. */
const normal = (z: number): number => (z < 0 ? normalTail(-z) : 1 - normalTail(z))
