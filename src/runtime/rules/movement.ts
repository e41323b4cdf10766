/**
 * Movement rules: sink reshapes below elementwise operators, where they meet and merge; cancel transposes and expansions.
 */
import { broadcast, type Shape, sameShape, sizeOf } from "../../tensor/shape.ts"
import type { Candidate, Graph, GraphValue, Rule } from "../graph.ts"
import { binaryOperators, unaryOperators } from "../operators.ts"
import {
  amountsOf,
  concatenated,
  each,
  edgesOf,
  madeBy,
  redone,
  splat,
  under,
  withEdges,
  withoutLeadingOnes,
} from "./pattern.ts"

const sinkBelowUnary: Rule = (candidate) => {
  const inner = under(candidate.inputs[0], "Reshape")
  return inner && candidate.graph.reshape(redone(candidate, [inner]), candidate.output.shape)
}

const expandAfterUnary: Rule = (candidate) => {
  const inner = under(candidate.inputs[0], "Expand")
  return inner && candidate.graph.expand(redone(candidate, [inner]), candidate.output.shape)
}

/** `other` reshaped to go with an operand that has the shape of `inner` in place of the output's; undefined if it does not fit. */
function beside({ graph, output }: Candidate, inner: GraphValue, other: GraphValue): GraphValue | undefined {
  if (other.size === 1) return graph.reshape(other, [])
  if (sameShape(other.shape, output.shape)) return graph.reshape(other, inner.shape)
  // A row along the last axis, which the reshape does not change.
  const C = output.shape.at(-1)!
  if ([other.size, other.shape.at(-1), inner.shape.at(-1)].some((extent) => extent !== C)) return undefined
  return inner.shape.length < other.shape.length ? graph.reshape(other, [C]) : other
}

const areRows = (shape: Shape, of: Shape): boolean => shape.length === 2 && shape[1] === of.at(-1)

const sinkBelowBinary: Rule = (candidate) => {
  const { graph, inputs, output } = candidate
  for (const [k, input] of inputs.entries()) {
    const inner = under(input, "Reshape")
    if (!inner || !sameShape(input.shape, output.shape)) continue
    const other = inputs[1 - k]
    if (other.size === inner.size) {
      // Both take the shape before the reshape if it is the same, or rows of the output's last axis. Otherwise only rows sink, so
      // that no two rules undo each other.
      const alike = under(other, "Reshape")?.shape
      const toRows = areRows(inner.shape, output.shape)
      // A matrix whose shape has extents of 1, such as one position of each sequence, becomes rows as well.
      const fits = alike
        ? sameShape(alike, inner.shape) || (toRows && !areRows(alike, output.shape))
        : toRows && output.shape.slice(0, -1).filter((n) => n !== 1).length < 2
      if (!fits) continue
    }
    const fitting = beside(candidate, inner, other)
    if (!fitting) continue
    const y = redone(candidate, k === 0 ? [inner, fitting] : [fitting, inner], inner.shape)
    return graph.reshape(y, output.shape)
  }
  return undefined
}

/** Drops a reshape that only adds or removes leading extents of 1, which broadcasting ignores. */
const dropLeadingOnes: Rule = (candidate) => {
  const { operator, inputs, output } = candidate
  const bare = inputs.map((input) => {
    const inner = under(input, "Reshape")
    return inner &&
      input.size < sizeOf(output.shape) &&
      sameShape(withoutLeadingOnes(inner.shape), withoutLeadingOnes(input.shape))
      ? inner
      : input
  })
  const shapes = bare.map(({ shape }) => shape)
  return bare.some((value, k) => value !== inputs[k]) && sameShape(broadcast(operator, shapes), output.shape)
    ? redone(candidate, bare, output.shape)
    : undefined
}

/** The matrix with the same last axis that a value was reshaped from. */
const rowsOf = (value: GraphValue): GraphValue | undefined => {
  const inner = under(value, "Reshape")
  return inner && value.shape.length > 2 && areRows(inner.shape, value.shape) ? inner : undefined
}

/** A Slice or Pad of the last axis works on the rows as well. */
const sinkBelowEdges: Rule = (candidate) => {
  const { graph, inputs, output } = candidate
  const rows = rowsOf(inputs[0])
  const edges = edgesOf(candidate)
  return rows && edges?.axis === output.shape.length - 1
    ? graph.reshape(withEdges(candidate, rows, { ...edges, axis: 1 }), output.shape)
    : undefined
}

const sinkBelowConcat: Rule = ({ graph, inputs, output, attributes }) => {
  const rows = inputs.map(rowsOf)
  return attributes.axis === output.shape.length - 1 && rows.every((part) => part !== undefined)
    ? graph.reshape(concatenated(graph, rows, 1), output.shape)
    : undefined
}

/** A lookup by reshaped indices is a reshaped lookup. */
const sinkBelowGather: Rule = (candidate) => {
  const [table, indices] = candidate.inputs
  const inner = under(indices, "Reshape")
  if (!inner || candidate.attributes.axis !== 0) return undefined
  const y = redone(candidate, [table, inner], [...inner.shape, ...table.shape.slice(1)])
  return candidate.graph.reshape(y, candidate.output.shape)
}

const mergeReshapes: Rule = ({ graph, inputs: [x], output }) => {
  const inner = under(x, "Reshape")
  if (inner) return graph.reshape(inner, output.shape)
  if (x.constant) return graph.constant(x.constant, output.shape, x.dtype)
  const expanded = under(x, "Expand")
  if (expanded?.size === 1) return graph.expand(graph.reshape(expanded, []), output.shape)
  return sameShape(x.shape, output.shape) ? x : undefined
}

const mergeExpands: Rule = ({ graph, inputs: [x], output }) => {
  if (sameShape(x.shape, output.shape)) return x
  const inner = under(x, "Expand")
  return inner && graph.expand(inner, output.shape)
}

const mergeTransposes: Rule = ({ graph, inputs: [x], output, attributes }) => {
  const order = attributes.perm as readonly number[]
  const inner = madeBy(x, "Transpose")
  if (inner) {
    const first = inner.attributes.perm as readonly number[]
    return graph.node("Transpose", inner.inputs, output, { perm: order.map((axis) => first[axis]) })
  }
  // If only extents of 1 move, the order in memory stays.
  const moving = order.filter((axis) => x.shape[axis] !== 1)
  return moving.every((axis, k) => k === 0 || axis > moving[k - 1])
    ? graph.reshape(x, output.shape)
    : undefined
}

/** The padding of a value, if it adds zeros and cuts nothing off. */
function paddingOf(value: GraphValue) {
  const node = madeBy(value, "Pad")
  const edges = node && edgesOf(node)
  return edges && edges.before >= 0 && edges.after >= 0 ? { ...edges, inner: node!.inputs[0] } : undefined
}

/** The sum of two adjacent parts, each padded to the whole, as their concatenation with less padding. */
function joined(graph: Graph, a: GraphValue, b: GraphValue): GraphValue | undefined {
  const [p, q] = [paddingOf(a), paddingOf(b)]
  if (!p || !q || p.axis !== q.axis || !graph.usedOnce(a) || !graph.usedOnce(b)) return undefined
  const [first, second] = p.before <= q.before ? [p, q] : [q, p]
  if (first.before + first.inner.shape[p.axis] !== second.before) return undefined
  const both = concatenated(graph, [first.inner, second.inner], p.axis)
  return withEdges({ graph, operator: "Pad" }, both, { ...first, after: second.after })
}

/** Joins the padded gradients of adjacent slices, which are added up one by one. */
const joinPads: Rule = ({ graph, inputs, output }) => {
  const direct = joined(graph, inputs[0], inputs[1])
  if (direct) return direct
  for (const [k, sum] of inputs.entries()) {
    const terms = (graph.usedOnce(sum) && madeBy(sum, "Add")?.inputs) || []
    for (const [j, term] of terms.entries()) {
      const together = joined(graph, term, inputs[1 - k])
      if (together) return graph.node("Add", [together, terms[1 - j]], output)
    }
  }
  return undefined
}

const dropPad: Rule = ({ inputs: [x, amounts] }) => (splat(amounts) === 0 ? x : undefined)

/** A slice of a matrix padded on the other side is one Pad with a negative amount: a shift is a single node. */
const padInsteadOfSlice: Rule = ({ graph, operator, inputs, output }) => {
  const [x] = inputs
  const slice = x.shape.length === 2 && graph.usedOnce(x) ? madeBy(x, "Slice") : undefined
  if (!slice) return undefined
  const [cut, pad] = [amountsOf(slice), amountsOf({ operator, inputs })]
  if (cut.some((amount, k) => amount < 0 && pad[k] > 0)) return undefined
  return graph.node("Pad", [slice.inputs[0], graph.integers(cut.map((amount, k) => amount + pad[k]))], output)
}

/** Flattens nested concatenations. */
const mergeConcats: Rule = ({ graph, inputs, output, attributes }) => {
  const parts = inputs.flatMap((input) => {
    const inner = madeBy(input, "Concat")
    return inner?.attributes.axis === attributes.axis && graph.usedOnce(input) ? inner.inputs : [input]
  })
  return parts.length > inputs.length ? graph.node("Concat", parts, output, attributes) : undefined
}

export const movement: [string, Rule[]][] = [
  ["Add", [joinPads]],
  ["Slice", [sinkBelowEdges]],
  ["Pad", [dropPad, padInsteadOfSlice, sinkBelowEdges]],
  ["Concat", [mergeConcats, sinkBelowConcat]],
  ["Gather", [sinkBelowGather]],
  ["Reshape", [mergeReshapes]],
  ["Expand", [mergeExpands]],
  ["Transpose", [mergeTransposes]],
  ...each(unaryOperators, [sinkBelowUnary, expandAfterUnary]),
  ...each(binaryOperators, [dropLeadingOnes, sinkBelowBinary]),
]
