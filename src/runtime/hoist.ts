/**
 * Loop-invariant code motion: what a step computes from its own rows alone, without the state (rows of the data set, their one-hot
 * form), is computed for all steps of a call at once, before the loop. The body then only picks its row.
 */
import type { Value } from "../tensor/op.ts"
import type { Port, Result } from "./emit.ts"
import { Graph, type GraphValue, type Node, nodesOf } from "./graph.ts"
import { pointwiseOperators } from "./operators.ts"

export interface Hoisted {
  /** The values of the body, with row leaves in place of what was hoisted. */
  readonly values: GraphValue[]
  /** The values of all steps, computed before the first. */
  readonly before: Result[]
  /** What the body reads one row of, with the kind of a row. */
  readonly rows: Port[]
}

export function hoist(values: readonly GraphValue[]): Hoisted {
  const outside = new Graph()
  const body = new Graph()
  /** Values for all steps at once, with the steps as first axis. */
  const stacked = new Map<GraphValue, GraphValue | undefined>()
  const rebuilt = new Map<GraphValue, GraphValue>()
  const before: Result[] = []
  const rows: Port[] = []

  const ofAllSteps = ({ shape, dtype }: Value): Value => ({ shape: [-1, ...shape], dtype })

  /** Whether a value is the same in every step. */
  const isGiven = ({ constant, role }: GraphValue) => constant !== undefined || role === "whole"

  /** A value for all steps, or undefined if it needs more than the step's own rows. */
  const stack = (value: GraphValue): GraphValue | undefined => {
    if (!stacked.has(value)) {
      const all =
        value.role === "row"
          ? outside.leaf(value.name!, ofAllSteps(value))
          : value.node && stackNode(value.node, value)
      stacked.set(value, all)
    }
    return stacked.get(value)
  }

  const stackNode = (node: Node, value: GraphValue): GraphValue | undefined => {
    const { operator, op, inputs, attributes } = node
    const write = (operands: readonly GraphValue[], changed = attributes) => {
      outside.writing = op
      return outside.node(operator, operands, ofAllSteps(value), changed)
    }
    if (operator === "Gather" && attributes.axis === 0) {
      const [table, indices] = inputs
      const all = isGiven(table) ? stack(indices) : undefined
      return all && write([outside.copy(table), all])
    }
    if (operator === "Transpose") {
      const all = stack(inputs[0])
      const order = attributes.perm as readonly number[]
      return all && write([all], { perm: [0, ...order.map((axis) => axis + 1)] })
    }
    if (operator === "Reshape") {
      const all = stack(inputs[0])
      return all && outside.reshape(all, [-1, ...value.shape])
    }
    if (!pointwiseOperators.has(operator) || !inputs.some(stack)) return undefined
    const operands = inputs.map((input) => {
      const all = stack(input)
      if (!all) return input.constant && outside.copy(input)
      // Broadcasting aligns axes from the right, so the axis of the steps must come before all axes of the output.
      return outside.reshape(all, [
        -1,
        ...new Array(value.shape.length - input.shape.length).fill(1),
        ...input.shape,
      ])
    })
    return operands.every((operand) => operand !== undefined) ? write(operands) : undefined
  }

  const rebuild = (value: GraphValue): GraphValue => {
    let to = rebuilt.get(value)
    if (!to) {
      const all = stack(value)
      if (all) {
        const name = all.name ?? `${all.node!.operator} of all steps ${before.length}`
        if (!all.name) before.push([name, all])
        rows.push([name, value])
        to = body.leaf(name, value, "row")
      } else to = body.copy(value, value.node?.inputs.map(rebuild))
      rebuilt.set(value, to)
    }
    return to
  }
  // In the order of the nodes, which keeps the recursion shallow.
  for (const { outputs } of nodesOf(values))
    for (const value of outputs) if (value && !stack(value)) rebuild(value)
  return { values: values.map(rebuild), before, rows }
}
