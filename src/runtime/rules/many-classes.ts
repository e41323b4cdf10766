/**
 * Rules for many classes, such as words: logits (N, V) are far larger than all else, and each pass over them costs as much as a tenth of a
 * product with them. So the softmax is the only one between the products, and biases are part of the products. With few classes these
 * rules do not apply: the passes cost less than the nodes.
 */
import { isWide, MOST_ONE_HOT } from "../../tensor/many.ts"
import { sameShape } from "../../tensor/shape.ts"
import type { Candidate, Graph, GraphValue, Rule } from "../graph.ts"
import { concatenated, madeBy, under } from "./pattern.ts"
import { gemm, scalesOf } from "./products.ts"

const isOfMany = ({ shape }: GraphValue): boolean => shape.at(-1)! > MOST_ONE_HOT

/** exp(logSoftmax x) = softmax x. */
const expOfLogSoftmax: Rule = ({ graph, inputs: [x], output }) => {
  const logits = isOfMany(x) && under(x, "LogSoftmax")
  return logits ? graph.node("Softmax", [logits], output, { axis: -1 }) : undefined
}

/**
 * Some elements of logSoftmax x = the logarithms of those of softmax x, if x has another use, which is its softmax in a gradient. Where
 * a target's probability is below e⁻⁸⁷, what a training reports as its loss stays at about 87 nats; its gradient is exact.
 */
const fewOfLogSoftmax: Rule = ({ graph, inputs: [x, indices], output, attributes }) => {
  const logits = graph.usedOnce(x) && isOfMany(x) && under(x, "LogSoftmax")
  if (!logits || graph.usedOnce(logits)) return undefined
  const probabilities = graph.node("Softmax", [logits], x, { axis: -1 })
  return graph.node(
    "Log",
    [graph.node("GatherElements", [probabilities, indices], output, attributes)],
    output,
  )
}

/** x and w of w x, a wide matrix with a factor for each row, reshaped or not; w has an element for each row. */
function rowFactorOf(value: GraphValue, narrow: number): [x: GraphValue, w: GraphValue] | undefined {
  const scaled = under(value, "Reshape") ?? value
  const [x, w] = madeBy(scaled, "Mul")?.inputs ?? []
  if (!x || !isWide(value.shape, narrow) || scaled.shape.at(-1) !== value.shape[1]) return undefined
  return sameShape(x.shape, scaled.shape) && sameShape(w.shape, x.shape.with(-1, 1)) ? [x, w] : undefined
}

/** (w x) b = w (x b) and aᵀ (w x) = (w a)ᵀ x: what multiplies the rows of a wide matrix multiplies the narrow one beside it. */
const moveRowFactor: Rule = ({ graph, inputs: [a, b, c], output, attributes }) => {
  if (c) return undefined
  const scales = scalesOf(attributes)
  const scaled = (x: GraphValue, w: GraphValue) =>
    graph.node("Mul", [x, w], { shape: x.shape, dtype: "float32" })
  const [x, w] = (scales.transA === 0 && rowFactorOf(a, output.shape[1])) || []
  if (x && w) {
    const product = gemm(graph, [graph.reshape(x, a.shape), b], output.shape, scales)
    return scaled(product, graph.reshape(w, [w.size, 1]))
  }
  const [y, v] = (scales.transB === 0 && rowFactorOf(b, output.shape[0])) || []
  if (!y || !v) return undefined
  const narrow = scaled(a, graph.reshape(v, scales.transA === 1 ? [v.size, 1] : [1, v.size]))
  return gemm(graph, [narrow, graph.reshape(y, b.shape)], output.shape, scales)
}

/** A term a p of a sum. */
type Term = readonly [a: GraphValue, p: GraphValue]

/** The terms of a p + b q + r, where p, q and the row r are outputs of a Split; that of r is 1 r. Undefined if there are others. */
function termsOf(graph: Graph, { operator, inputs, attributes }: Part): Term[] | undefined {
  const [a, p, c] = inputs
  const { transA, transB, alpha, beta } = operator === "Gemm" ? scalesOf(attributes) : { alpha: 0 }
  if (transA || transB || alpha !== 1 || beta !== 1 || !madeBy(p, "Split")) return undefined
  if (!c) return [[a, p]]
  const [rows] = a.shape
  if (madeBy(c, "Split") && c.shape[0] === 1)
    return [
      [a, p],
      [ones(graph, rows), c],
    ]
  const others = c.node && termsOf(graph, c.node)
  return others && [[a, p], ...others]
}

type Part = Pick<Candidate, "operator" | "inputs" | "attributes">

const ones = (graph: Graph, rows: number): GraphValue =>
  graph.constant(new Array(rows).fill(1), [rows, 1], "float32")

/** a p + b q + r, where p, q and the row r are all parts of one matrix, is one product with it: [a b 1] of the whole. */
const productOfParts: Rule = (candidate) => {
  const { graph, inputs, output } = candidate
  const [a, p] = inputs
  const split = madeBy(p, "Split")
  if (!split || !isWide(output.shape, a.shape[1])) return undefined
  const factors = new Map(termsOf(graph, candidate)?.map(([factor, part]) => [part, factor]))
  const parts = split.inputs[1].constant!.length
  const inOrder = Array.from(split.outputs, (part) => part && factors.get(part))
  if (parts < 2 || inOrder.length !== parts || !inOrder.every((factor) => factor !== undefined))
    return undefined
  return gemm(graph, [concatenated(graph, inOrder, 1), split.inputs[0]], output.shape)
}

/** Products aᵀ x, bᵀ x and the row 1 x with one wide matrix, one above the other, are one: [a b 1]ᵀ x. */
const productsAbove: Rule = ({ graph, inputs, output, attributes }) => {
  const products = inputs.map((input) => (graph.usedOnce(input) ? madeBy(input, "Gemm") : undefined))
  const x = products[0]?.inputs[1]
  if (attributes.axis !== 0 || output.shape.length !== 2 || inputs.length < 2 || !x) return undefined
  const columns = products.map((product) => {
    const [a, b, c] = product?.inputs ?? []
    if (!product || b !== x || c) return undefined
    const { transA, transB, alpha } = scalesOf(product.attributes)
    const column = transA ? a : a.shape[0] === 1 ? graph.reshape(a, [a.size, 1]) : undefined
    if (!column || transB) return undefined
    return alpha === 1 ? column : graph.node("Mul", [column, graph.scalar(alpha)], column)
  })
  if (!isWide(output.shape, output.shape[0]) || !columns.every((column) => column !== undefined))
    return undefined
  return gemm(graph, [concatenated(graph, columns, 1), x], output.shape, { transA: 1 })
}

export const manyClasses: [string, Rule[]][] = [
  ["Exp", [expOfLogSoftmax]],
  ["GatherElements", [fewOfLogSoftmax]],
  ["Gemm", [moveRowFactor, productOfParts]],
  ["Concat", [productsAbove]],
]
