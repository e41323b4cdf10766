/**
 * Loop-invariant code motion: values that a step computes from its own rows alone, without the state (rows of the data set, their
 * one-hot form), are computed for all steps of a call at once, before the loop. The body then only picks its row.
 */
import { allSteps, type Port, type Result } from "./emit.ts"
import { Graph, type GraphValue, type Node, nodesOf, rebuild } from "./graph.ts"
import { pointwiseOperators } from "./operators.ts"

/** `values` of the body, with row leaves in place of hoisted values; `before` and `rows` as in emit's Loop. */
export function hoist(values: readonly GraphValue[]) {
  const outside = new Graph()
  const body = new Graph()
  /** Values for all steps at once, with the steps as first axis. */
  const stacked = new Map<GraphValue, GraphValue | undefined>()
  const before: Result[] = []
  const rows: Port[] = []

  /** A value for all steps, or undefined if it needs more than the step's own rows. */
  const stack = (value: GraphValue): GraphValue | undefined => {
    if (!stacked.has(value))
      stacked.set(
        value,
        value.role === "row"
          ? outside.leaf(value.name!, allSteps(value))
          : value.node && stackNode(value.node, value),
      )
    return stacked.get(value)
  }

  const stackNode = ({ operator, op, inputs, attributes }: Node, value: GraphValue) => {
    const [x, indices] = inputs
    const write = (operands: readonly GraphValue[], changed = attributes) => {
      outside.writing = op
      return outside.node(operator, operands, allSteps(value), changed)
    }
    if (operator === "Gather" && attributes.axis === 0) {
      // A table that is the same in every step.
      const all = x.constant || x.role === "whole" ? stack(indices) : undefined
      return all && write([outside.copy(x), all])
    }
    const all = stack(x)
    if (operator === "Reshape") return all && outside.reshape(all, [-1, ...value.shape])
    if (operator === "Transpose") {
      const order = attributes.perm as readonly number[]
      return all && write([all], { perm: [0, ...order.map((axis) => axis + 1)] })
    }
    if (!pointwiseOperators.has(operator) || !inputs.some(stack)) return undefined
    const operands = inputs.map((input) => {
      const all = stack(input)
      // Broadcasting aligns axes from the right, so the axis of the steps must come before all axes of the output.
      const ones = new Array(value.shape.length - input.shape.length).fill(1)
      return all ? outside.reshape(all, [-1, ...ones, ...input.shape]) : input.constant && outside.copy(input)
    })
    return operands.every((operand) => operand !== undefined) ? write(operands) : undefined
  }

  const bodyNodes = nodesOf(values).filter(({ outputs }) => !outputs.some((value) => value && stack(value)))
  const inBody = rebuild(
    values,
    (value, anew) => {
      const all = stack(value)
      if (!all) return body.copy(value, value.node?.inputs.map(anew))
      const name = all.name ?? `${all.node!.operator} of all steps ${before.length}`
      if (!all.name) before.push([name, all])
      rows.push([name, value])
      return body.leaf(name, value, "row")
    },
    bodyNodes,
  )
  return { values: inBody, before, rows }
}
