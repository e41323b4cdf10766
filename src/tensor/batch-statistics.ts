/** Mean and variance of the columns of a batch, which batch normalization and its running statistics share. */
import type { Tensor } from "./tensor.ts"

/** (M, C) -> mean (C), x - mean (M, C), variance (C), divided by M - correction. */
export function batchStatistics(x: Tensor, correction: 0 | 1) {
  const mean = x.mean(0)
  const centred = x.sub(mean)
  const squares = centred.mul(centred)
  return { mean, centred, variance: squares.sum(0).mul(1 / (x.shape[0] - correction)) }
}
