/** Activation functions, and the error function that gelu is made of. */
import { elementwise, exampleWith, type Op, within } from "../op.ts"
import { ShapeError, show, sizeOf } from "../shape.ts"
import type { Tensor } from "../tensor.ts"

/** tanh x, between -1 and 1. d/dx = 1 - tanh². */
export const tanh = elementwise("tanh", Math.tanh, {
  gradient: (g, _, y) => [g.sub(g.mul(y).mul(y))],
  flat: (y) => Math.abs(y) > 0.97,
})

/** The logistic function 1 / (1 + e^-x), between 0 and 1. d/dx = σ (1 - σ). */
export const sigmoid = elementwise("sigmoid", (x) => 1 / (1 + Math.exp(-x)), {
  javascript: "1 / (1 + Math.exp(-x))",
  gradient: (g, _, y) => [g.mul(y.sub(y.mul(y)))],
  // tanh's bound: 2 σ(2 x) - 1 = tanh x.
  flat: (y) => Math.abs(2 * y - 1) > 0.97,
})

/** max(x, 0). d/dx = 1 above 0, else 0. */
export const relu = elementwise("relu", (x) => Math.max(x, 0), {
  javascript: "Math.max(x, 0)",
  // Greater, Cast and Mul take less than half the time of ONNX's Sign.
  gradient: (g, _, y) => [g.mul(y.greater(0).cast("float32"))],
  flat: (y) => y <= 0,
})

/**
 * Correct to about 1e-15: the power series up to |x| = 3, beyond it the continued fraction of 1 - erf.
 * Source: https://dlmf.nist.gov/7.6 and https://dlmf.nist.gov/7.9.
 */
function erfOf(x: number): number {
  const square = x * x
  if (square > 40) return Math.sign(x)
  if (square > 9) {
    let fraction = Math.abs(x)
    for (let n = 60; n > 0; n--) fraction = Math.abs(x) + n / 2 / fraction
    return Math.sign(x) * (1 - Math.exp(-square) / (fraction * Math.sqrt(Math.PI)))
  }
  let sum = x
  for (let n = 1, term = x; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * square) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-square) * sum
}

/** `erfOf` once more, as text: `toString` would give what a compiler or a bundler made of it. */
const erfFunction = `
/** The error function: its power series, and far from 0 the continued fraction of 1 - erf. */
function erf(x) {
  const square = x * x
  if (square > 9) {
    let fraction = Math.abs(x)
    for (let n = 60; n > 0; n--) fraction = Math.abs(x) + n / 2 / fraction
    return Math.sign(x) * (1 - Math.exp(-square) / (fraction * Math.sqrt(Math.PI)))
  }
  let sum = x
  for (let n = 1, term = x; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * square) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-square) * sum
}`

/** 2/√π ∫₀ˣ e^(-t²) dt. d/dx = 2/√π e^(-x²). */
export const erf = elementwise("erf", erfOf, {
  javascript: (call) => call(erfFunction, "x"),
  gradient(g, [x]) {
    const bell = x.mul(x).neg().exp()
    return [g.mul(bell.mul(2 / Math.sqrt(Math.PI)))]
  },
  ranges: [[-4, 4]],
})

const slope = Math.sqrt(2 / Math.PI)
const cubic = 0.044715

/** Φ(x) by erf, or its approximation: 1/2 (1 + tanh u) = σ(2 u) with u = √(2/π) (x + 0.044715 x³), in fewer steps than tanh. */
function gateOf(x: Tensor, approximate: "none" | "tanh"): Tensor {
  if (approximate === "none") return x.mul(Math.SQRT1_2).erf().mul(0.5).add(0.5)
  const square = x.mul(x)
  return x.mul(square.mul(2 * slope * cubic).add(2 * slope)).sigmoid()
}

/**
 * The Gaussian error linear unit x Φ(x): exactly, by erf, or in the tanh form of GPT-2 and makemore.
 * Source: Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415, section 2; torch.nn.GELU.
 */
export const gelu: Op<{ approximate: "none" | "tanh" }> = {
  name: "gelu",
  shape: ([x]) => x,
  reference([x], y, { approximate }) {
    const gate =
      approximate === "tanh"
        ? (v: number) => Math.tanh(slope * (v + cubic * v ** 3))
        : (v: number) => erfOf(v * Math.SQRT1_2)
    for (let i = 0; i < y.data.length; i++) y.data[i] = 0.5 * x.data[i] * (1 + gate(x.data[i]))
  },
  composed: ([x], { approximate }) => x.mul(gateOf(x, approximate)),
  // Φ + x Φ': with erf Φ' is the normal density; with σ, x σ' = y (1 - σ) (2 u)'.
  gradient(g, [x], y, { approximate }) {
    const Φ = gateOf(x, approximate)
    const square = x.mul(x)
    if (approximate === "tanh")
      return [g.mul(Φ.add(y.mul(Φ.neg().add(1)).mul(square.mul(6 * slope * cubic).add(2 * slope))))]
    const bell = square.mul(-0.5).exp()
    return [g.mul(Φ.add(x.mul(bell.mul(1 / Math.sqrt(2 * Math.PI)))))]
  },
  examples: [
    exampleWith({ approximate: "none" }, within([-4, 4], [3, 4])),
    exampleWith({ approximate: "tanh" }, within([-4, 4], [2, 3, 4])),
  ],
}

/** tanh of the first half, σ of the second. */
function halves(x: Tensor, axis: number) {
  const [filter, gate] = x.chunk(2, axis)
  return { filtered: filter.tanh(), gate: gate.sigmoid() }
}

/**
 * WaveNet's gate along an axis: (..., 2 D, ...) -> (..., D, ...), tanh of the first half times σ of the second.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, equation 2.
 */
export const gatedTanh: Op<{ axis: number }> = {
  name: "gatedTanh",
  shape([x], { axis }) {
    if (x[axis] % 2 !== 0) throw new ShapeError(`gatedTanh: ${show(x)} has an odd extent along axis ${axis}`)
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
    const { filtered, gate } = halves(x, axis)
    return filtered.mul(gate)
  },
  // Using y saves two passes over the chain rule: t' s = s - y t and t s' = y - y s.
  gradient(g, [x], y, { axis }) {
    const { filtered, gate } = halves(x, axis)
    const D = y.shape[axis]
    const forFilter = g.mul(gate.sub(y.mul(filtered)))
    const forGate = g.mul(y.sub(y.mul(gate)))
    return [forFilter.pad(axis, 0, D).add(forGate.pad(axis, D))]
  },
  examples: [
    exampleWith({ axis: 1 }, [3, 4]),
    exampleWith({ axis: 0 }, [4, 3]),
    exampleWith({ axis: 2 }, [2, 3, 6]),
    exampleWith({ axis: 0 }, [2]),
  ],
}
