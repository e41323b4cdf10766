/** Elementwise arithmetic of two tensors, with broadcasting. int32 wraps around on overflow. */
import { elementwise } from "../op.ts"
import type { Tensor } from "../tensor.ts"

/** a + b. d/da = 1, d/db = 1. */
export const add = elementwise("add", (a, b) => a + b, {
  takes: ["number"],
  commutative: true,
  javascript: "x + y",
  gradient: (g) => [g, g],
})

/** a - b. d/da = 1, d/db = -1. */
export const sub = elementwise("sub", (a, b) => a - b, {
  takes: ["number"],
  javascript: "x - y",
  gradient: (g) => [g, g.neg()],
})

/** a b. d/da = b, d/db = a. */
export const mul = elementwise("mul", (a, b) => a * b, {
  takes: ["number"],
  commutative: true,
  whole: Math.imul,
  javascript: "x * y",
  gradient: (g, [a, b]) => [g.mul(b), g.mul(a)],
})

const anywhere = [-2, 2] as const
const above = [0.5, 2] as const

/** a / b. d/da = 1 / b, d/db = -(a / b) / b. */
export const div = elementwise("div", (a, b) => a / b, {
  javascript: "x / y",
  gradient: (g, [, b], y) => [g.div(b), g.mul(y).div(b).neg()],
  ranges: [anywhere, above],
})

/** a to the power b; a gradient of b requires a > 0. d/da = b a^(b-1), d/db = a^b ln a. */
export const pow = elementwise("pow", (a, b) => a ** b, {
  javascript: "Math.pow(x, y)",
  gradient: (g, [a, b], y) => [g.mul(b).mul(a.pow(b.sub(1))), g.mul(y).mul(a.log())],
  ranges: [above, anywhere],
})

/** The input that equals the output gets the gradient; ties share it, as in PyTorch. */
function toTheChosen(g: Tensor, [a, b]: readonly Tensor[], y: Tensor): Tensor[] {
  const toA = a.equal(y).cast("float32")
  const toB = b.equal(y).cast("float32")
  const share = g.div(toA.add(toB))
  return [share.mul(toA), share.mul(toB)]
}

/** The larger of a and b. */
export const maximum = elementwise("maximum", Math.max, {
  takes: ["number"],
  commutative: true,
  onnx: "Max",
  gradient: toTheChosen,
})

/** The smaller of a and b. */
export const minimum = elementwise("minimum", Math.min, {
  takes: ["number"],
  commutative: true,
  onnx: "Min",
  gradient: toTheChosen,
})
