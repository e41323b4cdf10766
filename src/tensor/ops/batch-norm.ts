/**
 * Batch normalization of rows: (M, C), γ (C), β (C) -> (M, C), each column shifted and scaled to mean 0 and variance 1 over
 * the M rows, then to mean β and deviation γ. The variance divides by M - correction: 0 as in torch.nn.BatchNorm1d, 1 as in
 * the lecture. Source: Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167, algorithm 1; makemore part 5, cell 7.
 */
import type { Op } from "../op.ts"
import { ShapeError, show } from "../shape.ts"
import type { Tensor } from "../tensor.ts"

export interface BatchNorm {
  readonly epsilon: number
  readonly correction: 0 | 1
}

/** What a batch says of its columns: (M, C) -> mean (C), x - mean (M, C), variance (C). */
export function batchStatistics(x: Tensor, correction: 0 | 1) {
  const mean = x.mean(0)
  const centred = x.sub(mean)
  const variance = centred
    .mul(centred)
    .sum(0)
    .mul(1 / (x.shape[0] - correction))
  return { mean, centred, variance }
}

export const batchNorm: Op<BatchNorm> = {
  name: "batchNorm",
  shape([x, gamma, beta], { correction }) {
    if (x.length !== 2 || gamma.length !== 1 || beta.length !== 1 || gamma[0] !== x[1] || beta[0] !== x[1])
      throw new ShapeError(`batchNorm: wants (M, C), (C), (C); got ${[x, gamma, beta].map(show).join(", ")}`)
    if (x[0] <= correction)
      throw new ShapeError(
        `batchNorm: ${show(x)}: ${x[0]} row has no variance; train with a larger batch, or use eval()`,
      )
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
  // dβ = Σ g, dγ = Σ g x̂, dx = γ / d (g - x̂ dγ / N - dβ / M). Means instead of sums, for a product has a scale for nothing.
  gradient(g, [x, gamma], _, { epsilon, correction }) {
    const M = x.shape[0]
    const N = M - correction
    const { centred, variance } = batchStatistics(x, correction)
    const square = variance.add(epsilon)
    const deviation = square.sqrt()
    const mean = g.mean(0)
    const along = g
      .mul(centred)
      .sum(0)
      .mul(1 / N)
    const forX = g
      .sub(centred.mul(along.div(square)))
      .sub(mean)
      .mul(gamma.div(deviation))
    return [forX, along.div(deviation).mul(N), mean.mul(M)]
  },
  examples: [
    { shapes: [[6, 3], [3], [3]], attributes: { epsilon: 1e-5, correction: 1 } },
    { shapes: [[6, 3], [3], [3]], attributes: { epsilon: 1e-5, correction: 0 } },
    { shapes: [[4, 1], [1], [1]], attributes: { epsilon: 1e-2, correction: 1 } },
  ],
}
