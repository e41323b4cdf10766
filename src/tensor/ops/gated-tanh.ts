/**
 * WaveNet's gate along an axis: (..., 2 D, ...) -> (..., D, ...), tanh of the first half of the numbers times σ of the second.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, equation 2.
 */
import type { Op } from "../op.ts"
import { ShapeError, show, sizeOf } from "../shape.ts"
import type { Tensor } from "../tensor.ts"

/** tanh of the filter half, σ of the gate half. */
function halves(x: Tensor, axis: number): [filtered: Tensor, gate: Tensor] {
  const D = x.shape[axis] / 2
  return [x.slice(axis, 0, D).tanh(), x.slice(axis, D).sigmoid()]
}

export const gatedTanh: Op<{ axis: number }> = {
  name: "gatedTanh",
  shape([x], { axis }) {
    if (x[axis] % 2 !== 0)
      throw new ShapeError(`gatedTanh: ${show(x)} does not fall into two halves along axis ${axis}`)
    return x.with(axis, x[axis] / 2)
  },
  reference([x], y, { axis }) {
    const half = sizeOf(y.shape.slice(axis))
    for (let i = 0; i < y.data.length; i++) {
      const from = Math.floor(i / half) * 2 * half + (i % half)
      y.data[i] = Math.tanh(x.data[from]) / (1 + Math.exp(-x.data[from + half]))
    }
  },
  composed([x], { axis }) {
    const [filtered, gate] = halves(x, axis)
    return filtered.mul(gate)
  },
  // With y at hand two passes fewer than the chain rule's: t' s = s - y t and t s' = y - y s.
  gradient(g, [x], y, { axis }) {
    const [filtered, gate] = halves(x, axis)
    const D = y.shape[axis]
    const ofFilter = g.mul(gate.sub(y.mul(filtered)))
    const ofGate = g.mul(y.sub(y.mul(gate)))
    return [ofFilter.pad(axis, 0, D).add(ofGate.pad(axis, D))]
  },
  examples: [
    { shapes: [[3, 4]], attributes: { axis: 1 } },
    { shapes: [[4, 3]], attributes: { axis: 0 } },
    { shapes: [[2, 3, 6]], attributes: { axis: 2 } },
    { shapes: [[2]], attributes: { axis: 0 } },
  ],
}
