/**
 * The matrices between the input and the output of a network, which Muon is for. Source: Jordan et al. 2024,
 * https://kellerjordan.github.io/posts/muon/, "Empirical considerations".
 */
import { Model } from "../models/model.ts"
import { Embedding } from "../nn/embedding.ts"
import type { Module } from "../nn/module.ts"
import type { Parameter } from "../nn/variable.ts"

/**
 * Parameters of two axes or more and two rows or more, but for the tables of embeddings and, in a model of symbols, what has a column for
 * each symbol or class.
 */
export function hiddenMatrices(module: Module): ReadonlySet<Parameter> {
  const tables = new Set(
    module.namedModules().flatMap(([, each]) => (each instanceof Embedding ? each.parameters() : [])),
  )
  const outputs = module instanceof Model ? [module.vocabularySize, module.config.classes] : []
  const isHidden = (parameter: Parameter) => {
    const { shape, size } = parameter
    const width = shape.at(-1)!
    return shape.length > 1 && size > width && !tables.has(parameter) && !outputs.includes(width)
  }
  return new Set(module.parameters().filter(isHidden))
}
