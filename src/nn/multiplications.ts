/** The cost of a graph: the multiplications in its matrix products, which outweigh everything else. */
import { topological } from "../tensor/interpreter.ts"
import type { Tensor } from "../tensor/tensor.ts"

/** The multiplications in all matrix products that the outputs depend on, each product counted once. */
export const multiplications = (...outputs: readonly Tensor[]): number =>
  topological(outputs).reduce((total, { op, inputs, shape }) => {
    const shapes = inputs.map((input) => input.shape)
    return total + (op.multiplications?.(shapes, shape) ?? 0)
  }, 0)
