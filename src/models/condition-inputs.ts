/** The conditions of a model as leaves of a graph, whose values are given when the compiled graph runs. */
import { Tensor } from "../tensor/tensor.ts"
import type { Conditions, Model } from "./model.ts"

/** By the names `label` and `series`, for B rows of T symbols; empty for a model without conditions. */
export const conditionInputs = (model: Model, B: number, T: number): Conditions & Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(model.conditionKinds(B, T)).map(([name, { shape, dtype }]) => [
      name,
      Tensor.input(name, shape, dtype),
    ]),
  )
