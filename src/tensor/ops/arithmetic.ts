/** Arithmetic of two numbers, position by position, broadcasting. Whole numbers wrap around as 32 bits do. */
import { binaryExamples, elementwise, exampleWith, type Op } from "../op.ts"
import type { Tensor } from "../tensor.ts"

/** a + b. d/da = 1, d/db = 1. */
export const add = elementwise("add", {
  takes: ["number"],
  commutative: true,
  reference: (a, b) => a + b,
  onnx: "Add",
  javascript: "x + y",
  gradient: (g) => [g, g],
  examples: binaryExamples(),
})

/** a - b. d/da = 1, d/db = -1. */
export const sub = elementwise("sub", {
  takes: ["number"],
  reference: (a, b) => a - b,
  onnx: "Sub",
  javascript: "x - y",
  gradient: (g) => [g, g.neg()],
  examples: binaryExamples(),
})

/** a b. d/da = b, d/db = a. */
export const mul = elementwise("mul", {
  takes: ["number"],
  commutative: true,
  reference: (a, b) => a * b,
  whole: Math.imul,
  onnx: "Mul",
  javascript: "x * y",
  gradient: (g, [a, b]) => [g.mul(b), g.mul(a)],
  examples: binaryExamples(),
})

/** a / b. d/da = 1 / b, d/db = -(a / b) / b. */
export const div = elementwise("div", {
  reference: (a, b) => a / b,
  onnx: "Div",
  javascript: "x / y",
  gradient: (g, [, b], y) => [g.div(b), g.mul(y).div(b).neg()],
  examples: binaryExamples([-2, 2], [0.5, 2]),
})

/** a to the power b, for a > 0 wherever the gradient of b is asked for. d/da = b a^(b-1), d/db = a^b ln a. */
export const pow = elementwise("pow", {
  reference: (a, b) => a ** b,
  onnx: "Pow",
  javascript: "Math.pow(x, y)",
  gradient: (g, [a, b], y) => [g.mul(b).mul(a.pow(b.sub(1))), g.mul(y).mul(a.log())],
  examples: binaryExamples([0.5, 2], [-2, 2]),
})

/** The gradient of a choice between a and b: to the one that became y, or to both in equal shares, as in PyTorch. */
function toTheChosen(g: Tensor, [a, b]: readonly Tensor[], y: Tensor): Tensor[] {
  const toA = a.equal(y).cast("float32")
  const toB = b.equal(y).cast("float32")
  const share = g.div(toA.add(toB))
  return [share.mul(toA), share.mul(toB)]
}

/** The larger of a and b. */
export const maximum = elementwise("maximum", {
  takes: ["number"],
  commutative: true,
  reference: Math.max,
  onnx: "Max",
  javascript: "Math.max(x, y)",
  gradient: toTheChosen,
  examples: binaryExamples(),
})

/** The smaller of a and b. */
export const minimum = elementwise("minimum", {
  takes: ["number"],
  commutative: true,
  reference: Math.min,
  onnx: "Min",
  javascript: "Math.min(x, y)",
  gradient: toTheChosen,
  examples: binaryExamples(),
})

/** x, but no less than `min` and no more than `max`. The gradient passes where x is within, the bounds included, as in PyTorch. */
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
