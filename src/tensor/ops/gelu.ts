/**
 * The Gaussian error linear unit x Φ(x): exactly, by erf, or in the tanh form of GPT-2 and makemore.
 * Source: Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415, section 2; torch.nn.GELU.
 */
import type { Op } from "../op.ts"
import type { Tensor } from "../tensor.ts"
import { erfOf } from "./erf.ts"

const slope = Math.sqrt(2 / Math.PI)
const cubic = 0.044715

/** Φ(x) by erf, or what stands in for it: 1/2 (1 + tanh u) = σ(2 u) with u = √(2/π) (x + 0.044715 x³), in fewer steps than tanh. */
const gate = (x: Tensor, approximate: "none" | "tanh"): Tensor =>
  approximate === "tanh"
    ? x
        .mul(
          x
            .mul(x)
            .mul(2 * slope * cubic)
            .add(2 * slope),
        )
        .sigmoid()
    : x.mul(Math.SQRT1_2).erf().mul(0.5).add(0.5)

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
  composed: ([x], { approximate }) => x.mul(gate(x, approximate)),
  // Φ + x Φ': with erf Φ' is the normal density; with σ, x σ' = y (1 - σ) (2 u)'.
  gradient(g, [x], y, { approximate }) {
    const Φ = gate(x, approximate)
    const square = x.mul(x)
    const change =
      approximate === "tanh"
        ? y.mul(Φ.neg().add(1)).mul(square.mul(6 * slope * cubic).add(2 * slope))
        : x.mul(
            square
              .mul(-0.5)
              .exp()
              .mul(1 / Math.sqrt(2 * Math.PI)),
          )
    return [g.mul(Φ.add(change))]
  },
  examples: [
    { shapes: [[3, 4]], attributes: { approximate: "none" }, ranges: [[-4, 4]] },
    { shapes: [[2, 3, 4]], attributes: { approximate: "tanh" }, ranges: [[-4, 4]] },
  ],
}
