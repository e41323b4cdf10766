/**
 * The error function, 2/√π ∫₀ˣ e^(-t²) dt. d/dx = 2/√π e^(-x²).
 * Source: https://dlmf.nist.gov/7.6 (power series) and https://dlmf.nist.gov/7.9 (continued fraction).
 */
import { elementwise, unaryExamples } from "../op.ts"

/** Correct to about 1e-15: the series of 7.6.2 up to |x| = 3, beyond it the continued fraction of erfc. */
export function erfOf(x: number): number {
  const square = x * x
  if (square < 9) {
    let term = x
    let sum = x
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * square) / (2 * n + 1)
      sum += term
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-square) * sum
  }
  if (square > 40) return Math.sign(x)
  let fraction = Math.abs(x)
  for (let n = 60; n > 0; n--) fraction = Math.abs(x) + n / 2 / fraction
  return Math.sign(x) * (1 - Math.exp(-square) / (fraction * Math.sqrt(Math.PI)))
}

export const erf = elementwise("erf", {
  reference: erfOf,
  onnx: "Erf",
  gradient: (g, [x]) => [
    g.mul(
      x
        .mul(x)
        .neg()
        .exp()
        .mul(2 / Math.sqrt(Math.PI)),
    ),
  ],
  examples: unaryExamples([-4, 4]),
})
