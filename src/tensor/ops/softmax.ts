/** Softmax over the last axis, and cross-entropy. */
import { MOST_ONE_HOT } from "../many.ts"
import { example, type Op, within } from "../op.ts"
import { axisOf, type Shape, ShapeError, sameShape, show } from "../shape.ts"
import { Tensor } from "../tensor.ts"

/** The shape of an op along the last axis; a scalar has none. */
function rowwise(name: string, shape: Shape): Shape {
  axisOf(name, -1, shape)
  return shape
}

/** ln Σ eˣ of a row, without overflow. */
function logSumExp(row: Float64Array): number {
  const largest = row.reduce((a, b) => Math.max(a, b))
  return largest + Math.log(row.reduce((total, x) => total + Math.exp(x - largest), 0))
}

const examples = [example([3, 4]), example([2, 3, 4]), example([1])]

const logSoftmaxFunction = `
/** The logarithm of each row's softmax. */
function logSoftmax(a, width) {
  const y = new Float64Array(a.length)
  for (let row = 0; row < a.length; row += width) {
    let most = -Infinity
    for (let i = row; i < row + width; i++) most = Math.max(most, a[i])
    let total = 0
    for (let i = row; i < row + width; i++) total += Math.exp(a[i] - most)
    for (let i = row; i < row + width; i++) y[i] = a[i] - most - Math.log(total)
  }
  return y
}`

/** ln softmax x along the last axis: (..., V) -> (..., V), log-probabilities from logits. d/dx = g - e^y Σ g. */
export const logSoftmax: Op<undefined> = {
  name: "logSoftmax",
  shape: ([x]) => rowwise("logSoftmax", x),
  reference([x], y) {
    const V = x.shape.at(-1)!
    for (let start = 0; start < x.data.length; start += V) {
      const row = x.data.subarray(start, start + V)
      const total = logSumExp(row)
      for (let v = 0; v < V; v++) y.data[start + v] = row[v] - total
    }
  },
  onnx: (graph, [x], y) => graph.node("LogSoftmax", [x], y, { axis: -1 }),
  javascript: (call, [x]) => call(logSoftmaxFunction, x.text, x.shape.at(-1)!),
  gradient: (g, _, y) => [g.sub(y.exp().mul(g.sum(-1, { keepDim: true })))],
  examples,
}

const softmaxFunction = `
/** The exponentials of each row, divided by their sum. */
function softmax(a, width) {
  const y = new Float64Array(a.length)
  for (let row = 0; row < a.length; row += width) {
    let most = -Infinity
    for (let i = row; i < row + width; i++) most = Math.max(most, a[i])
    let total = 0
    for (let i = row; i < row + width; i++) total += y[i] = Math.exp(a[i] - most)
    for (let i = row; i < row + width; i++) y[i] /= total
  }
  return y
}`

/** Exponentials along the last axis, divided by their sum: (..., V) -> (..., V). d/dx = (g - Σ g y) y. */
export const softmax: Op<undefined> = {
  name: "softmax",
  shape: ([x]) => rowwise("softmax", x),
  reference([x], y) {
    logSoftmax.reference([x], y, undefined)
    y.data.set(y.data.map(Math.exp))
  },
  onnx: (graph, [x], y) => graph.node("Softmax", [x], y, { axis: -1 }),
  javascript: (call, [x]) => call(softmaxFunction, x.text, x.shape.at(-1)!),
  gradient: (g, _, y) => [g.sub(g.mul(y).sum(-1, { keepDim: true })).mul(y)],
  examples,
}

/**
 * Minus each target's log-probability under its logits, in nats: float32 (..., V) and int32 (...) -> (...). d/dlogits =
 * (softmax - one-hot) g, in fewer steps than by the chain rule. Of many classes only the targets' own are picked and subtracted from.
 */
export const crossEntropy: Op<undefined> = {
  name: "crossEntropy",
  takes: ["float32", "int32"],
  shape([logits, targets]) {
    if (!sameShape(rowwise("crossEntropy", logits).slice(0, -1), targets))
      throw new ShapeError(
        `crossEntropy: logits ${show(logits)} need targets ${show(logits.slice(0, -1))}, got ${show(targets)}`,
      )
    return targets
  },
  reference([logits, targets], y) {
    const V = logits.shape.at(-1)!
    for (let i = 0; i < y.data.length; i++) {
      const target = targets.data[i]
      if (!(target >= 0 && target < V))
        throw new RangeError(
          `crossEntropy: target ${target} at ${i} is not one of ${V} classes; mask targets to ignore`,
        )
      const row = logits.data.subarray(i * V, (i + 1) * V)
      y.data[i] = logSumExp(row) - row[target]
    }
  },
  composed([logits, targets]) {
    const V = logits.shape.at(-1)!
    const logProbabilities = logits.logSoftmax()
    if (V > MOST_ONE_HOT) return logProbabilities.takeAlong(targets.unsqueeze(-1)).squeeze(-1).neg()
    return logProbabilities.mul(targets.oneHot(V)).sum(-1).neg()
  },
  gradient(g, [logits, targets]) {
    const V = logits.shape.at(-1)!
    const probabilities = logits.logSoftmax().exp()
    const column = targets.unsqueeze(-1)
    const difference =
      V > MOST_ONE_HOT
        ? probabilities.scatterAdd(column, Tensor.full(column.shape, -1))
        : probabilities.sub(targets.oneHot(V))
    return [difference.mul(g.unsqueeze(-1)), undefined]
  },
  examples: [
    example([4, 300], within([0, 300], [4])),
    example([3, 4], within([0, 4], [3])),
    example([2, 3, 4], within([0, 4], [2, 3])),
    example([1, 2], within([0, 2], [1])),
  ],
}
