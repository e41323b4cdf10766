/** A leaf: numbers that never change, written into the model. */
import type { DType, Op } from "../op.ts"
import type { Shape } from "../shape.ts"

export interface Constant {
  readonly values: ArrayLike<number>
  readonly shape: Shape
  readonly dtype: DType
}

export const constant: Op<Constant> = {
  name: "constant",
  shape: (_, { shape }) => shape,
  dtype: (_, { dtype }) => dtype,
  reference: (_, y, { values }) => y.data.set(values),
  onnx: (graph, _, __, { values, shape, dtype }) => graph.constant(values, shape, dtype),
  examples: [],
}
