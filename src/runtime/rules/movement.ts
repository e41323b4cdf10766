/**
 * Movement rules: sink reshapes below elementwise operators, where they meet and merge; cancel transposes and expansions.
 */
import { type Shape, sameShape } from "../../tensor/shape.ts"
import type { Candidate, Graph, GraphValue, Rule } from "../graph.ts"
import { binaryOperators, unaryOperators } from "../operators.ts"
import { madeBy, splat, withoutLeadingOnes } from "./pattern.ts"

/** The candidate computed on other inputs in their shape, reshaped to its own. */
function reshaped(
  { graph, operator, output, attributes }: Candidate,
  inputs: GraphValue[],
  shape = inputs[0].shape,
) {
  return graph.reshape(graph.node(operator, inputs, { shape, dtype: output.dtype }, attributes), output.shape)
}

const sinkBelowUnary: Rule = (candidate) => {
  const inner = madeBy(candidate.inputs[0], "Reshape")
  return inner && reshaped(candidate, [inner.inputs[0]])
}

const expandAfterUnary: Rule = ({ graph, operator, inputs, output, attributes }) => {
  const inner = madeBy(inputs[0], "Expand")
  if (!inner) return undefined
  const small = graph.node(
    operator,
    [inner.inputs[0]],
    { ...output, shape: inner.inputs[0].shape },
    attributes,
  )
  return graph.node("Expand", [small, inner.inputs[1]], output)
}

/** `other` reshaped to go with an operand that has the shape of `inner` in place of the output's; undefined if it does not fit. */
function beside({ graph, output }: Candidate, inner: GraphValue, other: GraphValue): GraphValue | undefined {
  if (other.size === 1) return graph.reshape(other, [])
  if (sameShape(other.shape, output.shape)) return graph.reshape(other, inner.shape)
  // A row along the last axis, which the reshape does not change.
  const extent = output.shape.at(-1)
  const isRow = other.size === extent && other.shape.at(-1) === extent && inner.shape.at(-1) === extent
  return isRow
    ? inner.shape.length < other.shape.length
      ? graph.reshape(other, [extent])
      : other
    : undefined
}

const inRows = (shape: Shape, of: Shape): boolean => shape.length === 2 && shape[1] === of.at(-1)

const sinkBelowBinary: Rule = (candidate) => {
  const { inputs, output } = candidate
  for (const k of [0, 1]) {
    const inner = madeBy(inputs[k], "Reshape")?.inputs[0]
    if (!inner || !sameShape(inputs[k].shape, output.shape)) continue
    const other = inputs[1 - k]
    if (other.size === inner.size) {
      // Both take the shape before the reshape if it is the same, or rows of the output's last axis. Otherwise only rows sink, so
      // that no two rules undo each other.
      const alike = madeBy(other, "Reshape")?.inputs[0].shape
      // A matrix whose shape has extents of 1, such as one position of each sequence, becomes rows as well.
      const fits = alike
        ? sameShape(alike, inner.shape) || (inRows(inner.shape, output.shape) && !inRows(alike, output.shape))
        : inRows(inner.shape, output.shape) && output.shape.slice(0, -1).filter((n) => n !== 1).length < 2
      if (!fits) continue
    }
    const fitting = beside(candidate, inner, other)
    if (fitting) return reshaped(candidate, k === 0 ? [inner, fitting] : [fitting, inner], inner.shape)
  }
  return undefined
}

/** Drops a reshape that only adds or removes leading extents of 1, which broadcasting ignores. */
const dropLeadingOnes: Rule = ({ graph, operator, inputs, output, attributes }) => {
  const bare = inputs.map((input) => {
    const inner = madeBy(input, "Reshape")?.inputs[0]
    return inner &&
      inner.shape.length <= output.shape.length &&
      input.size < output.shape.reduce((a, b) => a * b, 1) &&
      sameShape(withoutLeadingOnes(inner.shape), withoutLeadingOnes(input.shape))
      ? inner
      : input
  })
  return bare.some((value, k) => value !== inputs[k])
    ? graph.node(operator, bare, output, attributes)
    : undefined
}

/** The matrix with the same last axis that a value was reshaped from. */
const rowsOf = (value: GraphValue): GraphValue | undefined => {
  const inner = madeBy(value, "Reshape")?.inputs[0]
  return inner && value.shape.length > 2 && inRows(inner.shape, value.shape) ? inner : undefined
}

/** An operator along the last axis works on the rows as well. */
const sinkBelowSlice: Rule = ({ graph, inputs: [x, start, end, axis], output }) => {
  const rows = rowsOf(x)
  if (!rows || axis.constant![0] !== x.shape.length - 1) return undefined
  const part = graph.node("Slice", [rows, start, end, graph.integers([1])], {
    shape: [rows.shape[0], output.shape.at(-1)!],
    dtype: output.dtype,
  })
  return graph.reshape(part, output.shape)
}

const sinkBelowPad: Rule = ({ graph, inputs: [x, amounts], output }) => {
  const rows = rowsOf(x)
  const rank = x.shape.length
  const numbers = Array.from(amounts.constant!)
  if (!rows || numbers.some((amount, k) => amount !== 0 && k % rank !== rank - 1)) return undefined
  const wide = graph.node("Pad", [rows, graph.integers([0, numbers[rank - 1], 0, numbers[2 * rank - 1]])], {
    shape: [rows.shape[0], output.shape.at(-1)!],
    dtype: output.dtype,
  })
  return graph.reshape(wide, output.shape)
}

const sinkBelowConcat: Rule = ({ graph, inputs, output, attributes }) => {
  const rows = inputs.map(rowsOf)
  if (attributes.axis !== output.shape.length - 1 || !rows.every((each) => each !== undefined))
    return undefined
  const wide = graph.node(
    "Concat",
    rows,
    { shape: [rows[0].shape[0], output.shape.at(-1)!], dtype: output.dtype },
    { axis: 1 },
  )
  return graph.reshape(wide, output.shape)
}

/** A lookup by reshaped indices is a reshaped lookup. */
const sinkBelowGather: Rule = (candidate) => {
  const { inputs, attributes } = candidate
  const [table, indices] = inputs
  const inner = madeBy(indices, "Reshape")?.inputs[0]
  if (!inner || attributes.axis !== 0) return undefined
  return reshaped(candidate, [table, inner], [...inner.shape, ...table.shape.slice(1)])
}

const mergeReshapes: Rule = ({ graph, inputs: [x], output }) => {
  const inner = madeBy(x, "Reshape")
  if (inner) return graph.reshape(inner.inputs[0], output.shape)
  if (x.constant) return graph.constant(x.constant, output.shape, x.dtype)
  const expanded = madeBy(x, "Expand")?.inputs[0]
  if (expanded?.size === 1) return graph.expand(graph.reshape(expanded, []), output.shape)
  return sameShape(x.shape, output.shape) ? x : undefined
}

const mergeExpands: Rule = ({ graph, inputs: [x, shape], output }) => {
  if (sameShape(x.shape, output.shape)) return x
  const inner = madeBy(x, "Expand")
  return inner && graph.node("Expand", [inner.inputs[0], shape], output)
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

/** The padding of a value along a single axis: the axis, and the number of zeros before and after. */
function paddingOf(value: GraphValue) {
  const node = madeBy(value, "Pad")
  if (!node) return undefined
  const amounts = Array.from(node.inputs[1].constant!)
  const rank = value.shape.length
  const axes = value.shape.flatMap((_, axis) => (amounts[axis] || amounts[axis + rank] ? [axis] : []))
  return axes.length === 1 && amounts.every((amount) => amount >= 0)
    ? { inner: node.inputs[0], axis: axes[0], before: amounts[axes[0]], after: amounts[axes[0] + rank] }
    : undefined
}

/** The sum of two adjacent parts, each padded to the whole, as their concatenation with less padding. */
function joined(graph: Graph, a: GraphValue, b: GraphValue): GraphValue | undefined {
  const [first, second] = [paddingOf(a), paddingOf(b)].sort((p, q) => (p?.before ?? 0) - (q?.before ?? 0))
  if (!first || !second || first.axis !== second.axis || !graph.usedOnce(a) || !graph.usedOnce(b))
    return undefined
  const { axis, before } = first
  const { shape, dtype } = first.inner
  if (before + shape[axis] !== second.before) return undefined
  const both = graph.node(
    "Concat",
    [first.inner, second.inner],
    { shape: shape.with(axis, shape[axis] + second.inner.shape[axis]), dtype },
    { axis },
  )
  const amounts = [before, second.after].flatMap((amount) =>
    a.shape.map((_, at) => (at === axis ? amount : 0)),
  )
  return graph.node("Pad", [both, graph.integers(amounts)], a)
}

/** Joins the padded gradients of adjacent slices, which are added up one by one. */
const joinPads: Rule = ({ graph, inputs: [a, b], output }) => {
  const direct = joined(graph, a, b)
  if (direct) return direct
  for (const [sum, part] of [
    [a, b],
    [b, a],
  ]) {
    const terms = graph.usedOnce(sum) ? madeBy(sum, "Add")?.inputs : undefined
    for (const k of terms ? [0, 1] : []) {
      const together = joined(graph, terms![k], part)
      if (together) return graph.node("Add", [together, terms![1 - k]], output)
    }
  }
  return undefined
}

const dropPad: Rule = ({ inputs: [x, amounts] }) => (splat(amounts) === 0 ? x : undefined)

/** A slice of a matrix padded on the other side is one Pad with a negative amount: a shift is a single node. */
const padInsteadOfSlice: Rule = ({ graph, inputs: [x, amounts], output }) => {
  const slice = x.shape.length === 2 && graph.usedOnce(x) ? madeBy(x, "Slice") : undefined
  if (!slice) return undefined
  const [whole, start, end, axis] = slice.inputs
  const [at] = Array.from(axis.constant!)
  const less = [start.constant![0], whole.shape[at] - end.constant![0]]
  const more = [amounts.constant![at], amounts.constant![at + 2]]
  if (less.some((count, side) => count > 0 && more[side] > 0)) return undefined
  const changed = Array.from(amounts.constant!, (amount, k) =>
    k % 2 === at ? amount - less[k >> 1] : amount,
  )
  return graph.node("Pad", [whole, graph.integers(changed)], output)
}

/** Flattens nested concatenations. */
const mergeConcats: Rule = ({ graph, inputs, output, attributes }) => {
  const parts = inputs.flatMap((input) => {
    const inner = madeBy(input, "Concat")
    return inner && inner.attributes.axis === attributes.axis && graph.usedOnce(input)
      ? inner.inputs
      : [input]
  })
  return parts.length > inputs.length ? graph.node("Concat", parts, output, attributes) : undefined
}

export const movement: [string, Rule[]][] = [
  ["Add", [joinPads]],
  ["Slice", [sinkBelowSlice]],
  ["Pad", [dropPad, padInsteadOfSlice, sinkBelowPad]],
  ["Concat", [mergeConcats, sinkBelowConcat]],
  ["Gather", [sinkBelowGather]],
  ["Reshape", [mergeReshapes]],
  ["Expand", [mergeExpands]],
  ["Transpose", [mergeTransposes]],
  ...Array.from(unaryOperators, (operator): [string, Rule[]] => [
    operator,
    [sinkBelowUnary, expandAfterUnary],
  ]),
  ...Array.from(binaryOperators, (operator): [string, Rule[]] => [
    operator,
    [dropLeadingOnes, sinkBelowBinary],
  ]),
]
