/** Normalization to mean 0 and variance 1, followed by a learned scale γ and shift β. */
import { batchStatistics } from "../batch-statistics.ts"
import { type Emitter, exampleWith, type Kind, type Op, type Value } from "../op.ts"
import { type Shape, ShapeError, sameShape, show } from "../shape.ts"

interface BatchNorm {
  readonly epsilon: number
  readonly correction: 0 | 1
}

/**
 * Batch normalization of rows: (M, C), γ (C), β (C) -> (M, C), each column shifted and scaled to mean 0 and variance 1 over
 * the M rows, then to mean β and deviation γ. The variance divides by M - correction: 0 as in torch.nn.BatchNorm1d, 1 as in
 * the lecture. Source: Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167, algorithm 1; makemore part 5, cell 7.
 */
export const batchNorm: Op<BatchNorm> = {
  name: "batchNorm",
  shape([x, gamma, beta], { correction }) {
    if (x.length !== 2 || [gamma, beta].some((each) => !sameShape(each, [x[1]])))
      throw new ShapeError(`batchNorm takes (M, C), (C), (C), got ${[x, gamma, beta].map(show).join(", ")}`)
    if (x[0] <= correction)
      throw new ShapeError(`batchNorm: ${show(x)}: one row has no variance: give two or more`)
    return x
  },
  reference([x, gamma, beta], y, { epsilon, correction }) {
    const [M, C] = x.shape
    for (let c = 0; c < C; c++) {
      let mean = 0
      for (let m = 0; m < M; m++) mean += x.data[m * C + c] / M
      let variance = 0
      for (let m = 0; m < M; m++) variance += (x.data[m * C + c] - mean) ** 2 / (M - correction)
      const scale = gamma.data[c] / Math.sqrt(variance + epsilon)
      for (let m = 0; m < M; m++) y.data[m * C + c] = (x.data[m * C + c] - mean) * scale + beta.data[c]
    }
  },
  composed([x, gamma, beta], { epsilon, correction }) {
    const { centred, variance } = batchStatistics(x, correction)
    return centred.mul(gamma.div(variance.add(epsilon).sqrt())).add(beta)
  },
  // With d the deviation, x̂ = (x - mean) / d and N = M - correction:
  // dβ = Σ g, dγ = Σ g x̂, dx = γ / d (g - x̂ dγ / N - dβ / M). Means in place of sums, since a Gemm scales at no cost.
  gradient(g, [x, gamma], _, { epsilon, correction }) {
    const M = x.shape[0]
    const N = M - correction
    const { centred, variance } = batchStatistics(x, correction)
    const square = variance.add(epsilon)
    const deviation = square.sqrt()
    const mean = g.mean(0)
    const products = g.mul(centred)
    const along = products.sum(0).mul(1 / N)
    const across = g.sub(centred.mul(along.div(square))).sub(mean)
    return [across.mul(gamma.div(deviation)), along.div(deviation).mul(N), mean.mul(M)]
  },
  examples: [
    exampleWith({ epsilon: 1e-5, correction: 1 }, [6, 3], [3], [3]),
    exampleWith({ epsilon: 1e-5, correction: 0 }, [6, 3], [3], [3]),
    exampleWith({ epsilon: 1e-2, correction: 1 }, [4, 1], [1], [1]),
  ],
}

type LayerNorm = Pick<BatchNorm, "epsilon">

function shape([x, gamma, beta]: readonly Shape[]): Shape {
  if (x.length === 0 || [gamma, beta].some((each) => !sameShape(each, x.slice(-1))))
    throw new ShapeError(`layerNorm takes (..., C), (C), (C), got ${[x, gamma, beta].map(show).join(", ")}`)
  return x
}

/** One ONNX node has three outputs: 0 the result, 1 the mean, 2 the inverse deviation. */
const output =
  (index: number) =>
  (graph: Emitter, inputs: readonly Value[], y: Kind, { epsilon }: LayerNorm) =>
    graph.node("LayerNormalization", inputs, y, { axis: -1, epsilon: { float: epsilon } }, index)

function* rows(x: Float64Array, C: number, epsilon: number) {
  for (let start = 0; start < x.length; start += C) {
    const row = x.subarray(start, start + C)
    const mean = row.reduce((a, b) => a + b, 0) / C
    const inverse = 1 / Math.sqrt(row.reduce((total, v) => total + (v - mean) ** 2, 0) / C + epsilon)
    yield { start, row, mean, inverse }
  }
}

/** The mean (part 1) or inverse deviation (part 2) of each row: (..., C) -> (..., 1). For layerNorm's gradient. */
export const layerNormStatistic: Op<LayerNorm & { part: 1 | 2 }> = {
  name: "layerNormStatistic",
  shape: (inputs) => shape(inputs).with(-1, 1),
  reference([x], y, { epsilon, part }) {
    let at = 0
    for (const { mean, inverse } of rows(x.data, x.shape.at(-1)!, epsilon))
      y.data[at++] = part === 1 ? mean : inverse
  },
  onnx: (graph, inputs, y, attributes) => output(attributes.part)(graph, inputs, y, attributes),
  javascript: { none: "only a gradient asks for it" },
  examples: ([1, 2] as const).map((part) => exampleWith({ epsilon: 1e-5, part }, [2, 3, 4], [4], [4])),
}

const layerNormFunction = `
/** Each row with mean 0 and variance 1, times gamma plus beta. */
function layerNorm(a, gamma, beta, epsilon) {
  const width = gamma.length
  const y = new Float64Array(a.length)
  for (let row = 0; row < a.length; row += width) {
    let mean = 0
    for (let i = 0; i < width; i++) mean += a[row + i] / width
    let variance = 0
    for (let i = 0; i < width; i++) variance += (a[row + i] - mean) ** 2 / width
    const scale = 1 / Math.sqrt(variance + epsilon)
    for (let i = 0; i < width; i++) y[row + i] = (a[row + i] - mean) * scale * gamma[i] + beta[i]
  }
  return y
}`

/**
 * Layer normalization: (..., C), γ (C), β (C) -> (..., C), each row shifted and scaled to mean 0 and variance 1 over its last
 * axis, then times γ plus β. Source: Ba et al. 2016, https://arxiv.org/abs/1607.06450; torch.nn.LayerNorm.
 */
export const layerNorm: Op<LayerNorm> = {
  name: "layerNorm",
  shape,
  reference([x, gamma, beta], y, { epsilon }) {
    for (const { start, row, mean, inverse } of rows(x.data, x.shape.at(-1)!, epsilon))
      row.forEach((v, c) => {
        y.data[start + c] = (v - mean) * inverse * gamma.data[c] + beta.data[c]
      })
  },
  onnx: output(0),
  javascript: (call, [x, gamma, beta], _, { epsilon }) =>
    call(layerNormFunction, x.text, gamma.text, beta.text, epsilon),
  // With r = 1 / deviation, and over a row p = Σ g γ / C and q = Σ g γ x / C: dx = g γ r + x b - c, where b = (p mean - q) r³ and
  // c = b mean + p r; the sums over rows and columns are products. dγ = Σ g (x - mean) r, dβ = Σ g over all rows.
  gradient(g, [x, gamma, beta], _, { epsilon }) {
    const C = gamma.size
    const [mean, inverse] = ([1, 2] as const).map((part) =>
      x.layerNormStatistic(gamma, beta, { epsilon, part }).reshape([-1, 1]),
    )
    const rows = x.reshape([-1, C])
    const gRows = g.reshape([-1, C])
    const gx = gRows.mul(rows)
    const column = gamma.mul(1 / C).reshape([C, 1])
    const p = gRows.matmul(column)
    const q = gx.matmul(column)
    const b = p.mul(mean).sub(q).mul(inverse.mul(inverse).mul(inverse))
    const c = b.mul(mean).add(p.mul(inverse))
    const forGamma = inverse.transpose().matmul(gx).sub(inverse.mul(mean).transpose().matmul(gRows))
    return [
      gRows.mul(gamma).mul(inverse).add(rows.mul(b)).sub(c).reshape(x.shape),
      forGamma.reshape([C]),
      gRows.sum(0),
    ]
  },
  examples: [
    exampleWith({ epsilon: 1e-5 }, [3, 4], [4], [4]),
    exampleWith({ epsilon: 1e-2 }, [2, 3, 4], [4], [4]),
  ],
}
