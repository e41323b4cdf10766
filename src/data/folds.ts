/**
 * Cuts lines into folds for cross-validation: each line is held out once, and equal lines are held out together. A few lines say more of
 * a model in five folds than in one split.
 * Source: Stone 1974, Cross-Validatory Choice and Assessment of Statistical Predictions, https://doi.org/10.1111/j.2517-6161.1974.tb00994.x
 */
import { requireOptions, UserError } from "../errors.ts"
import { requireAccepted, whole } from "../setting.ts"
import { shuffledGroups } from "./shuffled-groups.ts"
import type { Lines } from "./text.ts"

export interface Fold {
  readonly train: Lines
  readonly held: Lines
}

/**
 * `count` folds, or as many as there are different lines if those are fewer. They are shuffled as those of `split` are, and their numbers
 * of different lines differ by at most one. Throws a UserError for fewer than two different lines.
 */
export function folds(text: Lines, options: { count?: number; seed?: number } = {}): Fold[] {
  requireOptions("folds", options, ["count", "seed"])
  const { count = 5, seed = 42 } = options
  requireAccepted("folds", { count: whole(undefined, "", { least: 2 }) }, { count })
  const { order, linesOf } = shuffledGroups("folds", text, { seed, duplicates: "together" })
  const n = order.length
  if (n < 2)
    throw new UserError(
      `folds: ${n === 0 ? "there is no line" : "all lines are equal"}: give two different ones or more`,
    )
  const k = Math.min(count, n)
  const end = (fold: number) => Math.floor((fold * n) / k)
  return Array.from({ length: k }, (_, fold) => ({
    train: linesOf([...order.slice(0, end(fold)), ...order.slice(end(fold + 1))]),
    held: linesOf(order.slice(end(fold), end(fold + 1))),
  }))
}
