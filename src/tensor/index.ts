/** The language: symbolic tensors, their ops, gradients, and the interpreter. */
export * as functional from "./functional.ts"
export { gradients } from "./gradients.ts"
export { interpret } from "./interpreter.ts"
export type { DType, Emitter, Example, Kind, OnnxAttributes, OnnxType, Op, Value, Values } from "./op.ts"
export { binaryExamples, elementwise, unaryExamples } from "./op.ts"
export * as ops from "./ops/index.ts"
export { type Shape, ShapeError } from "./shape.ts"
export { type Axes, type Operand, Tensor } from "./tensor.ts"
