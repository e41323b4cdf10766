/** Elementwise arithmetic of two tensors, with broadcasting. int32 wraps around on overflow. */
import { elementwise, exampleWith, type Op } from "../op.ts"
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

/** a / b. d/da = 1 / b, d/db = -(a / b) / b. */
export const div = elementwise("div", (a, b) => a / b, {
  javascript: "x / y",
  gradient: (g, [, b], y) => [g.div(b), g.mul(y).div(b).neg()],
  ranges: [
    [-2, 2],
    [0.5, 2],
  ],
})

/** a to the power b; a gradient of b requires a > 0. d/da = b a^(b-1), d/db = a^b ln a. */
export const pow = elementwise("pow", (a, b) => a ** b, {
  javascript: "Math.pow(x, y)",
  gradient: (g, [a, b], y) => [g.mul(b).mul(a.pow(b.sub(1))), g.mul(y).mul(a.log())],
  ranges: [
    [0.5, 2],
    [-2, 2],
  ],
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

/** x limited to the range from `min` to `max`. The gradient passes within the range, bounds included, as in PyTorch. */
export const clamp: Op<{ min: number; max: number }> = {
  name: "clamp",
  takes: ["number"],
  shape: ([x]) => x,
  reference: ([x], y, { min, max }) => y.data.set(x.data.map((v) => Math.min(Math.max(v, min), max))),
  composed([x], { min, max }) {
    const above = min === -Infinity ? x : x.maximum(min)
    return max === Infinity ? above : above.minimum(max)
  },
  gradient: (g, [x], y) => [g.mul(x.equal(y).cast("float32"))],
  examples: [
    exampleWith({ min: -1, max: 1 }, [3, 4]),
    exampleWith({ min: 0, max: Infinity }, [2, 3, 4]),
    exampleWith({ min: -Infinity, max: 0 }, [1]),
  ],
}
