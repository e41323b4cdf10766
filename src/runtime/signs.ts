/**
 * Proves by induction over the steps that a loop's counters never become negative if they start at 0 or above, so that indices
 * computed from them need no guard. It assumes that sums stay below 2³¹.
 */
import { type Graph, type GraphValue, movingOperators, type Rule } from "./graph.ts"
import { madeBy, splat } from "./rules/pattern.ts"

/** The states that stay at 0 or above if all of them start there. `nexts` are the states after a step, by name. */
function statesAboveZero(nexts: ReadonlyMap<string, GraphValue>): ReadonlySet<string> {
  const states = new Set([...nexts.keys()].filter((name) => nexts.get(name)!.dtype === "int32"))
  for (let before = -1; before !== states.size; ) {
    before = states.size
    for (const name of states)
      if (!neverNegative(nexts.get(name)!, (state) => states.has(state))) states.delete(name)
  }
  return states
}

/**
 * Removes the guard of indices that are never negative. The states that the proof relies on get bounds, which are checked when a
 * loop starts.
 */
export const dropGuards = (nexts: ReadonlyMap<string, GraphValue>, bounds: Graph["bounds"]): Rule => {
  const states = statesAboveZero(nexts)
  const restOn = (value: GraphValue, op: string): boolean =>
    neverNegative(value, (name) => {
      if (!states.has(name)) return false
      if (!bounds.has(name)) {
        bounds.set(name, { op, count: 2 ** 31 })
        restOn(nexts.get(name)!, op)
      }
      return true
    })
  return ({ graph, inputs: [below, , x] }) =>
    isBelowZero(below, x) && x.dtype === "int32" && restOn(x, graph.writing) ? x : undefined
}

const isBelowZero = (condition: GraphValue, x: GraphValue): boolean => {
  const less = madeBy(condition, "Less")
  return less?.inputs[0] === x && splat(less.inputs[1]) === 0
}

function neverNegative(x: GraphValue, state: (name: string) => boolean): boolean {
  const known = new Map<GraphValue, boolean>()
  const of = (value: GraphValue): boolean => {
    if (!known.has(value)) known.set(value, look(value))
    return known.get(value)!
  }
  const look = ({ constant, name, role, node }: GraphValue): boolean => {
    if (constant) return Array.prototype.every.call(constant, (number) => number >= 0)
    if (!node) return role === "state" && state(name!)
    const { operator, inputs } = node
    if (movingOperators.has(operator)) return inputs.every((input) => input.dtype === "int64" || of(input))
    if (["Add", "Mul", "Min"].includes(operator)) return inputs.every(of)
    if (operator === "Max") return inputs.some(of)
    if (operator === "Cast")
      return inputs[0].dtype === "bool" || ["ArgMax", "TopK"].includes(inputs[0].node?.operator ?? "")
    const [condition, yes, no] = inputs
    return operator === "Where" && of(yes) && (isBelowZero(condition, no) || of(no))
  }
  return of(x)
}
