/** Refuses a model whose numbers are not all finite: whatever it computes would be NaN, and a draw from NaN nothing at all. */
import { told, UserError } from "../errors.ts"
import type { Module } from "./module.ts"

/** Throws a UserError in the name of the `method` that was to use the model. */
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
