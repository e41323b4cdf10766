/**
 * Which parameters a training that starts from another network keeps as they are. Source: "Feature extraction" of
 * https://docs.pytorch.org/tutorials/beginner/transfer_learning_tutorial.html, and Howard & Ruder 2018,
 * https://arxiv.org/abs/1801.06146, section 3.3
 */
import type { Model } from "../models/model.ts"
import type { Parameter } from "../nn/variable.ts"
import type { Recipe } from "./recipe.ts"
import { axesOf } from "./warm-start.ts"

/**
 * The parameters to freeze. The head has an output for each symbol or class, as its last axis; the body is what has no row for a symbol or
 * label at all, so that the rows of new ones are trained.
 */
export function frozenBy(freeze: Recipe["freeze"] = "nothing", model: Model): Parameter[] {
  if (freeze === "nothing") return []
  const axes = axesOf(model)
  return model.namedParameters().flatMap(([name, parameter]) => {
    const own = axes.get(name)!
    const isTrained = freeze === "body" ? own.some(Boolean) : own.at(-1) !== undefined
    return isTrained ? [] : [parameter]
  })
}
