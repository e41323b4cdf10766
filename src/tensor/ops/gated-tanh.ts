/**
 * WaveNet's gate: (..., 2 D) -> (..., D), tanh of the first half of the numbers times σ of the second.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, equation 2.
 */
import type { Op } from "../op.ts"
import { ShapeError, show } from "../shape.ts"
import type { Tensor } from "../tensor.ts"

/** tanh of the filter half, σ of the gate half. */
function halves(x: Tensor): [filtered: Tensor, gate: Tensor] {
  const D = x.shape.at(-1)! / 2
  return [x.slice(-1, 0, D).tanh(), x.slice(-1, D).sigmoid()]
}

export const gatedTanh: Op<undefined> = {
  name: "gatedTanh",
  shape([x]) {
    if (x.length === 0 || x.at(-1)! % 2 !== 0)
      throw new ShapeError(`gatedTanh: ${show(x)} does not fall into two halves along its last axis`)
    return x.with(-1, x.at(-1)! / 2)
  },
  reference([x], y) {
    const D = y.shape.at(-1)!
    for (let i = 0; i < y.data.length; i++) {
      const row = Math.floor(i / D) * 2 * D + (i % D)
      y.data[i] = Math.tanh(x.data[row]) / (1 + Math.exp(-x.data[row + D]))
    }
  },
  composed([x]) {
    const [filtered, gate] = halves(x)
    return filtered.mul(gate)
  },
  // With y at hand two passes fewer than the chain rule's: t' s = s - y t and t s' = y - y s.
  gradient(g, [x], y) {
    const [filtered, gate] = halves(x)
    const D = y.shape.at(-1)!
    const ofFilter = g.mul(gate.sub(y.mul(filtered)))
    const ofGate = g.mul(y.sub(y.mul(gate)))
    return [ofFilter.pad(-1, 0, D).add(ofGate.pad(-1, D))]
  },
  examples: [{ shapes: [[3, 4]] }, { shapes: [[2, 3, 6]] }, { shapes: [[2]] }],
}
