/**
 * Patterns that rewriting rules look for: the operator that made a value, a uniform constant, leading extents of 1.
 */
import type { Shape } from "../../tensor/shape.ts"
import type { GraphValue, Node } from "../graph.ts"

/** The node that computes a value, if it has this operator. */
export const madeBy = (value: GraphValue | undefined, operator: string): Node | undefined =>
  value?.node?.operator === operator ? value.node : undefined

/** The number of a uniform constant, expanded or not. */
export function splat(value: GraphValue): number | undefined {
  const { constant } = madeBy(value, "Expand")?.inputs[0] ?? value
  if (!constant || constant.length === 0) return undefined
  for (let i = 1; i < constant.length; i++) if (constant[i] !== constant[0]) return undefined
  return constant[0]
}

/** The shape without its leading extents of 1, which broadcasting ignores. */
export const withoutLeadingOnes = (shape: Shape): Shape => {
  const first = shape.findIndex((extent) => extent !== 1)
  return first < 0 ? [] : shape.slice(first)
}
