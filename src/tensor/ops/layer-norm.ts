/**
 * Layer normalization: (..., C), γ (C), β (C) -> (..., C), each row shifted and scaled to mean 0 and variance 1 over its last
 * axis, then times γ plus β. Source: Ba et al. 2016, https://arxiv.org/abs/1607.06450; torch.nn.LayerNorm.
 */
import type { Emitter, Kind, Op, Value } from "../op.ts"
import { type Shape, ShapeError, show } from "../shape.ts"

interface LayerNorm {
  readonly epsilon: number
}

function shape([x, gamma, beta]: readonly Shape[]): Shape {
  const C = x.at(-1)
  if (C === undefined || gamma.length !== 1 || beta.length !== 1 || gamma[0] !== C || beta[0] !== C)
    throw new ShapeError(`layerNorm: wants (..., C), (C), (C); got ${[x, gamma, beta].map(show).join(", ")}`)
  return x
}

/** One ONNX node gives all three: 0 the output, 1 the mean, 2 one over the deviation. */
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

/** The mean (part 1) or one over the deviation (part 2) of each row: (..., C) -> (..., 1). Only layerNorm's gradient asks. */
export const layerNormStatistic: Op<LayerNorm & { part: 1 | 2 }> = {
  name: "layerNormStatistic",
  shape: (inputs) => shape(inputs).with(-1, 1),
  reference([x], y, { epsilon, part }) {
    let at = 0
    for (const { mean, inverse } of rows(x.data, x.shape.at(-1)!, epsilon))
      y.data[at++] = part === 1 ? mean : inverse
  },
  onnx: (graph, inputs, y, attributes) => output(attributes.part)(graph, inputs, y, attributes),
  examples: ([1, 2] as const).map((part) => ({
    shapes: [[2, 3, 4], [4], [4]],
    attributes: { epsilon: 1e-5, part },
  })),
}

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
    { shapes: [[3, 4], [4], [4]], attributes: { epsilon: 1e-5 } },
    { shapes: [[2, 3, 4], [4], [4]], attributes: { epsilon: 1e-2 } },
  ],
}
