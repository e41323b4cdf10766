/** Functions of one number, position by position. */
import { elementwise, unaryExamples } from "../op.ts"

/** -x. d/dx = -1. */
export const neg = elementwise("neg", {
  takes: ["number"],
  reference: (x) => -x,
  onnx: "Neg",
  javascript: "-x",
  gradient: (g) => [g.neg()],
  examples: unaryExamples(),
})

/** |x|. d/dx = 1 above 0, -1 below, 0 at 0. */
export const abs = elementwise("abs", {
  takes: ["number"],
  reference: Math.abs,
  onnx: "Abs",
  javascript: "Math.abs(x)",
  gradient: (g, [x]) => [g.mul(x.greater(0).cast("float32").sub(x.less(0).cast("float32")))],
  examples: unaryExamples(),
})

/** e to the power x. d/dx = e^x, the output itself. */
export const exp = elementwise("exp", {
  reference: Math.exp,
  onnx: "Exp",
  javascript: "Math.exp(x)",
  gradient: (g, _, y) => [g.mul(y)],
  examples: unaryExamples(),
})

/** The natural logarithm of x. d/dx = 1 / x. */
export const log = elementwise("log", {
  reference: Math.log,
  onnx: "Log",
  javascript: "Math.log(x)",
  gradient: (g, [x]) => [g.div(x)],
  examples: unaryExamples([0.5, 4]),
})

/** The square root of x. d/dx = 1 / (2 √x). */
export const sqrt = elementwise("sqrt", {
  reference: Math.sqrt,
  onnx: "Sqrt",
  javascript: "Math.sqrt(x)",
  gradient: (g, _, y) => [g.div(y.mul(2))],
  examples: unaryExamples([0.5, 4]),
})

/** 1 / x. d/dx = -(1 / x) / x. */
export const reciprocal = elementwise("reciprocal", {
  reference: (x) => 1 / x,
  onnx: "Reciprocal",
  javascript: "1 / x",
  gradient: (g, [x], y) => [g.mul(y).div(x).neg()],
  examples: unaryExamples([0.5, 4]),
})

/** The largest whole number not above x. Its slope is 0, so it passes no gradient. */
export const floor = elementwise("floor", {
  reference: Math.floor,
  onnx: "Floor",
  javascript: "Math.floor(x)",
  examples: unaryExamples(),
})

/** The sine of x, in radians. d/dx = cos x. */
export const sin = elementwise("sin", {
  reference: Math.sin,
  onnx: "Sin",
  javascript: "Math.sin(x)",
  gradient: (g, [x]) => [g.mul(x.cos())],
  examples: unaryExamples([-4, 4]),
})

/** The cosine of x, in radians. d/dx = -sin x. */
export const cos = elementwise("cos", {
  reference: Math.cos,
  onnx: "Cos",
  javascript: "Math.cos(x)",
  gradient: (g, [x]) => [g.mul(x.sin()).neg()],
  examples: unaryExamples([-4, 4]),
})
