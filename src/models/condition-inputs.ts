/** Leaves of a graph for what a model's sequences go along with: whoever compiles a model gives it these, and their numbers later. */
import { Tensor } from "../tensor/tensor.ts"
import type { Conditions, Model } from "./model.ts"

/** By the names `label` and `series`, of B rows of T symbols each; none of a model that goes by nothing. */
export const conditionInputs = (model: Model, B: number, T: number): Conditions & Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(model.conditionKinds(B, T)).map(([name, { shape, dtype }]) => [
      name,
      Tensor.input(name, shape, dtype),
    ]),
  )
