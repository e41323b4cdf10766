/**
 * The Gaussian error linear unit x Φ(x): exactly, by erf, or in the tanh form of GPT-2 and makemore.
 * Source: Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415, section 2; torch.nn.GELU.
 */
import type { Op } from "../op.ts"
import type { Tensor } from "../tensor.ts"
import { erfOf } from "./erf.ts"

const slope = Math.sqrt(2 / Math.PI)
const cubic = 0.044715

/** tanh √(2/π) (x + 0.044715 x³), which stands in for erf(x / √2). */
const tanhGate = (x: Tensor): Tensor =>
  x
    .mul(
      x
        .mul(x)
        .mul(slope * cubic)
        .add(slope),
    )
    .tanh()
const erfGate = (x: Tensor): Tensor => x.mul(Math.SQRT1_2).erf()

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
  composed: ([x], { approximate }) =>
    x.mul((approximate === "tanh" ? tanhGate(x) : erfGate(x)).mul(0.5).add(0.5)),
  gradient(g, [x], _, { approximate }) {
    const gate = approximate === "tanh" ? tanhGate(x) : erfGate(x)
    const density =
      approximate === "tanh"
        ? gate
            .mul(gate)
            .neg()
            .add(1)
            .mul(
              x
                .mul(x)
                .mul(1.5 * slope * cubic)
                .add(0.5 * slope),
            )
        : x
            .mul(x)
            .mul(-0.5)
            .exp()
            .mul(1 / Math.sqrt(2 * Math.PI))
    return [g.mul(gate.mul(0.5).add(0.5).add(x.mul(density)))]
  },
  examples: [
    { shapes: [[3, 4]], attributes: { approximate: "none" }, ranges: [[-4, 4]] },
    { shapes: [[2, 3, 4]], attributes: { approximate: "tanh" }, ranges: [[-4, 4]] },
  ],
}
