/** Finds the numbers of a model that are not finite. With one of them its outputs would be NaN, from which nothing can be drawn. */
import { told, UserError } from "../errors.ts"
import type { Module } from "./module.ts"

/** Throws a UserError that begins with the `method` that was going to use the model. */
export function requireFinite(model: Module, method: string): void {
  if (typeof model?.namedVariables !== "function")
    throw new UserError(
      `${method}: ${told(model)} in place of a model: give one, such as new WaveNet({ vocabularySize: 27 })`,
    )
  const found = nonFinite(model)
  if (found)
    throw new UserError(
      `${method}: '${found.name}' of the model is ${found.value} at ${found.at}: load intact numbers, or train it at a lower rate`,
    )
}

/** The first number of a module's parameters and buffers that is not finite; undefined if all are. */
export function nonFinite(module: Module): { name: string; value: number; at: number } | undefined {
  for (const [name, { data }] of module.namedVariables()) {
    const at = data.findIndex((value) => !Number.isFinite(value))
    if (at >= 0) return { name, value: data[at], at }
  }
  return undefined
}
