/** Elementwise functions of one tensor. */
import { elementwise } from "../op.ts"

/** -x. d/dx = -1. */
export const neg = elementwise("neg", (x) => -x, {
  takes: ["number"],
  javascript: "-x",
  gradient: (g) => [g.neg()],
})

/** |x|. d/dx = 1 above 0, -1 below, 0 at 0. */
export const abs = elementwise("abs", Math.abs, {
  takes: ["number"],
  gradient: (g, [x]) => [g.mul(x.greater(0).cast("float32").sub(x.less(0).cast("float32")))],
})

/** e to the power x. d/dx = e^x, the output itself. */
export const exp = elementwise("exp", Math.exp, { gradient: (g, _, y) => [g.mul(y)] })

/** The natural logarithm of x. d/dx = 1 / x. */
export const log = elementwise("log", Math.log, {
  gradient: (g, [x]) => [g.div(x)],
  ranges: [[0.5, 4]],
})

/** The square root of x. d/dx = 1 / (2 √x). */
export const sqrt = elementwise("sqrt", Math.sqrt, {
  gradient: (g, _, y) => [g.div(y.mul(2))],
  ranges: [[0.5, 4]],
})

/** x rounded down. Its slope is 0, so it passes no gradient. */
export const floor = elementwise("floor", Math.floor)

/** The sine of x, in radians. d/dx = cos x. */
export const sin = elementwise("sin", Math.sin, {
  gradient: (g, [x]) => [g.mul(x.cos())],
})

/** The cosine of x, in radians. d/dx = -sin x. */
export const cos = elementwise("cos", Math.cos, {
  gradient: (g, [x]) => [g.mul(x.sin()).neg()],
})
