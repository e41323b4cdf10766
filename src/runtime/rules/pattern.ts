/**
 * The questions that rewriting rules ask of a value: which node made it, is it one number everywhere, is it a row.
 */
import type { Shape } from "../../tensor/shape.ts"
import type { GraphValue, Node } from "../graph.ts"

/** The node that made the value, if it is of that operator. */
export const madeBy = (value: GraphValue | undefined, operator: string): Node | undefined =>
  value?.node?.operator === operator ? value.node : undefined

/** The number that a constant, expanded or not, has everywhere. */
export function splat(value: GraphValue): number | undefined {
  const { constant } = madeBy(value, "Expand")?.inputs[0] ?? value
  if (!constant || constant.length === 0) return undefined
  for (let i = 1; i < constant.length; i++) if (constant[i] !== constant[0]) return undefined
  return constant[0]
}

/** The shape without its leading extents of 1, which broadcasting does not see. */
export const withoutLeadingOnes = (shape: Shape): Shape => {
  const first = shape.findIndex((extent) => extent !== 1)
  return first < 0 ? [] : shape.slice(first)
}
