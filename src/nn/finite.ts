/** Refuses a model whose numbers are not all finite: its outputs would be NaN, from which nothing can be drawn. */
import { told, UserError } from "../errors.ts"
import type { Module } from "./module.ts"

/** Throws a UserError that begins with the `method` that was going to use the model. */
export function requireFinite(model: Module, method: string): void {
  if (typeof model?.namedVariables !== "function")
    throw new UserError(
      `${method}: ${told(model)} in place of a model: give one, such as new WaveNet({ vocabularySize: 27 })`,
    )
  for (const [name, { data }] of model.namedVariables()) {
    const at = data.findIndex((value) => !Number.isFinite(value))
    if (at >= 0)
      throw new UserError(
        `${method}: '${name}' of the model is ${data[at]} at ${at}: load intact numbers, or train it at a lower rate`,
      )
  }
}
