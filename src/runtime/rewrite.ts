/**
 * The rewriting pass rebuilds the graph through the rules until it stops changing. Rules are general and tested one by one; no layer
 * depends on them.
 */
import { Graph, type GraphValue, nodesOf, type Rule, type Rules, rebuild } from "./graph.ts"
import { arithmetic } from "./rules/arithmetic.ts"
import { layout } from "./rules/layout.ts"
import { manyClasses } from "./rules/many-classes.ts"
import { movement } from "./rules/movement.ts"
import { products } from "./rules/products.ts"

export const rules: Rules = [...arithmetic, ...layout, ...movement, ...products, ...manyClasses].reduce(
  (table, [operator, more]) => table.set(operator, [...(table.get(operator) ?? []), ...more]),
  new Map<string, Rule[]>(),
)

/** Graphs settle in a few passes. One that does not has two rules that undo each other. */
const passLimit = 30

/** The outputs of the rewritten graph. Leaves keep their names. */
export function rewrite(outputs: readonly GraphValue[], ruleSet: Rules = rules): GraphValue[] {
  let current = outputs
  let signature = ""
  for (let passes = 0; passes < passLimit; passes++) {
    current = pass(current, ruleSet)
    const next = nodesOf(current)
      .map(({ operator, inputs }) => `${operator} ${inputs.map(({ id }) => id)}`)
      .join("\n")
    if (next === signature) return [...current]
    signature = next
  }
  throw new Error(`rewrite: no end after ${passLimit} passes; two rules undo each other's work`)
}

function pass(outputs: readonly GraphValue[], ruleSet: Rules): GraphValue[] {
  const graph = new Graph(ruleSet)
  const uses = new Map<GraphValue, number>()
  for (const value of [...nodesOf(outputs).flatMap(({ inputs }) => inputs), ...outputs])
    uses.set(value, (uses.get(value) ?? 0) + 1)
  return rebuild(outputs, (value, anew) => {
    const to = graph.copy(value, value.node?.inputs.map(anew))
    graph.addUses(to, uses.get(value)!)
    return to
  })
}
