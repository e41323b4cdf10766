/** Comparisons, logic, the choice by a truth value, and the way from one dtype to another. */

import { map } from "../javascript.ts"
import { binaryExamples, type DType, elementwise, example, exampleWith, type Op, within } from "../op.ts"

/** a = b. */
export const equal = elementwise("equal", {
  takes: ["any"],
  dtype: () => "bool",
  commutative: true,
  reference: (a, b) => Number(a === b),
  onnx: "Equal",
  javascript: "Number(x === y)",
  examples: binaryExamples(),
})

/** a < b. */
export const less = elementwise("less", {
  takes: ["number"],
  dtype: () => "bool",
  reference: (a, b) => Number(a < b),
  onnx: "Less",
  javascript: "Number(x < y)",
  examples: binaryExamples(),
})

/** a > b. */
export const greater = elementwise("greater", {
  takes: ["number"],
  dtype: () => "bool",
  reference: (a, b) => Number(a > b),
  onnx: "Greater",
  javascript: "Number(x > y)",
  examples: binaryExamples(),
})

/** a and b. */
export const logicalAnd = elementwise("logicalAnd", {
  takes: ["bool"],
  commutative: true,
  reference: (a, b) => Number(a !== 0 && b !== 0),
  onnx: "And",
  javascript: "Number(x && y)",
  examples: binaryExamples(),
})

/** a or b. */
export const logicalOr = elementwise("logicalOr", {
  takes: ["bool"],
  commutative: true,
  reference: (a, b) => Number(a !== 0 || b !== 0),
  onnx: "Or",
  javascript: "Number(x || y)",
  examples: binaryExamples(),
})

/** Not a. */
export const logicalNot = elementwise("logicalNot", {
  takes: ["bool"],
  reference: (a) => Number(a === 0),
  onnx: "Not",
  javascript: "Number(!x)",
  examples: [example([3, 4])],
})

/** a where the condition holds, else b. The gradient goes where the number came from. */
export const where = elementwise("where", {
  takes: ["bool", "number"], // ONNX Runtime has no Where of truth values
  dtype: ([, a]) => a,
  reference: (condition, a, b) => (condition !== 0 ? a : b),
  onnx: "Where",
  javascript: "x ? y : z",
  gradient: (g, [condition]) => [undefined, condition.where(g, 0), condition.where(0, g)],
  examples: [example([3, 4], [3, 4], [3, 4]), example([4], [3, 1], [])],
})

/** TensorProto.DataType of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. */
const onnxType: Record<DType, number> = { float32: 1, int32: 6, bool: 9 }

const converters: Record<DType, (x: number) => number> = {
  float32: (x) => x,
  int32: Math.trunc,
  bool: (x) => Number(x !== 0),
}

/** The same numbers in another dtype: towards zero to int32, 0 or 1 from truth values, whether it is not 0 to truth values. */
export const cast: Op<{ to: DType }> = {
  name: "cast",
  takes: ["any"],
  shape: ([x]) => x,
  dtype: (_, { to }) => to,
  reference: ([x], y, { to }) => y.data.set(x.data.map(converters[to])),
  onnx: (graph, [x], y, { to }) => graph.node("Cast", [x], y, { to: onnxType[to] }),
  pointwise: "Cast",
  javascript(call, [x], _, { to }) {
    if (to === "float32") return x.text
    return call(map, to === "int32" ? "Math.trunc" : "(x) => Number(x !== 0)", x.text)
  },
  gradient: (g, [x], _, { to }) => [to === "float32" && x.dtype === "float32" ? g : undefined],
  examples: [
    exampleWith({ to: "int32" }, within([-3, 3], [3, 4])),
    exampleWith({ to: "float32" }, within([-3, 3], [3, 4])),
    exampleWith({ to: "bool" }, within([-1, 2], [])),
  ],
}
