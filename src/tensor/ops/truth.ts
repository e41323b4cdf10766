/** Comparisons, boolean logic, choice by a condition, and casts. */

import { type DType, elementwise, exampleWith, type Op, within } from "../op.ts"

/** a = b. */
export const equal = elementwise("equal", (a, b) => Number(a === b), {
  takes: ["any"],
  dtype: () => "bool",
  commutative: true,
  javascript: "Number(x === y)",
})

const order = { takes: ["number"], dtype: () => "bool" } satisfies Partial<Op>

/** a < b. */
export const less = elementwise("less", (a, b) => Number(a < b), { ...order, javascript: "Number(x < y)" })

/** a > b. */
export const greater = elementwise("greater", (a, b) => Number(a > b), {
  ...order,
  javascript: "Number(x > y)",
})

/** a and b. */
export const logicalAnd = elementwise("logicalAnd", (a, b) => Number(a !== 0 && b !== 0), {
  takes: ["bool"],
  commutative: true,
  onnx: "And",
  javascript: "Number(x && y)",
})

/** a or b. */
export const logicalOr = elementwise("logicalOr", (a, b) => Number(a !== 0 || b !== 0), {
  takes: ["bool"],
  commutative: true,
  onnx: "Or",
  javascript: "Number(x || y)",
})

/** Not a. */
export const logicalNot = elementwise("logicalNot", (a) => Number(a === 0), {
  takes: ["bool"],
  onnx: "Not",
  javascript: "Number(!x)",
})

/** a where the condition is true, else b. The gradient goes to the chosen input. */
export const where = elementwise("where", (condition, a, b) => (condition !== 0 ? a : b), {
  takes: ["bool", "number"], // ONNX Runtime has no Where of truth values
  dtype: ([, a]) => a,
  javascript: "x ? y : z",
  gradient: (g, [condition]) => [undefined, condition.where(g, 0), condition.where(0, g)],
})

const converters: Record<DType, (x: number) => number> = {
  float32: (x) => x,
  int32: Math.trunc,
  bool: (x) => Number(x !== 0),
}

/** Conversion to another dtype: to int32 towards zero, to bool whether x is not 0, from bool 0 or 1. */
export const cast: Op<{ to: DType }> = {
  name: "cast",
  takes: ["any"],
  shape: ([x]) => x,
  dtype: (_, { to }) => to,
  reference: ([x], y, { to }) => y.data.set(x.data.map(converters[to])),
  onnx: (graph, [x], _, { to }) => graph.cast(x, to),
  pointwise: "Cast",
  javascript: {
    each: (_, { to }) => ({ float32: "x", int32: "Math.trunc(x)", bool: "Number(x !== 0)" })[to],
  },
  gradient: (g, [x], _, { to }) => [to === "float32" && x.dtype === "float32" ? g : undefined],
  examples: [
    exampleWith({ to: "int32" }, within([-3, 3], [3, 4])),
    exampleWith({ to: "float32" }, within([-3, 3], [3, 4])),
    exampleWith({ to: "bool" }, within([-1, 2], [])),
  ],
}
