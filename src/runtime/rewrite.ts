/**
 * The rewriting pass rebuilds the graph through the rules until it stops changing. Rules are general and tested one by one; no layer
 * depends on them.
 */
import { Graph, type GraphValue, nodesOf, type Rule, type Rules } from "./graph.ts"
import { arithmetic } from "./rules/arithmetic.ts"
import { layout } from "./rules/layout.ts"
import { movement } from "./rules/movement.ts"
import { products } from "./rules/products.ts"

export const rules: Rules = [...arithmetic, ...layout, ...movement, ...products].reduce(
  (table, [operator, more]) => table.set(operator, [...(table.get(operator) ?? []), ...more]),
  new Map<string, Rule[]>(),
)

/** Graphs settle in a few passes. One that does not has two rules that undo each other. */
const passLimit = 30

/** The outputs of the rewritten graph. Leaves keep their names. */
export function rewrite(outputs: readonly GraphValue[], ruleSet: Rules = rules): GraphValue[] {
  let current = outputs
  let signature = ""
  for (let pass = 0; pass < passLimit; pass++) {
    current = rebuild(current, ruleSet)
    const next = nodesOf(current)
      .map(({ operator, inputs }) => `${operator} ${inputs.map(({ id }) => id)}`)
      .join("\n")
    if (next === signature) return [...current]
    signature = next
  }
  throw new Error(`rewrite: no end after ${passLimit} passes; two rules undo each other's work`)
}

function rebuild(outputs: readonly GraphValue[], ruleSet: Rules): GraphValue[] {
  const graph = new Graph(ruleSet)
  const uses = new Map<GraphValue, number>()
  const use = (value: GraphValue) => uses.set(value, (uses.get(value) ?? 0) + 1)
  const nodes = nodesOf(outputs)
  for (const { inputs } of nodes) inputs.forEach(use)
  outputs.forEach(use)

  const rebuilt = new Map<GraphValue, GraphValue>()
  const anew = (value: GraphValue): GraphValue => {
    let to = rebuilt.get(value)
    if (!to) {
      to = graph.copy(value, value.node?.inputs.map(anew))
      rebuilt.set(value, to)
      graph.addUses(to, uses.get(value) ?? 0)
    }
    return to
  }
  for (const { outputs: made } of nodes) for (const value of made) if (value && uses.has(value)) anew(value)
  return outputs.map(anew)
}
