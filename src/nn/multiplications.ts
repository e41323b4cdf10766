/** What a graph costs: the multiplications of its matrix products, beside which everything else is little. */
import { topological } from "../tensor/interpreter.ts"
import type { Tensor } from "../tensor/tensor.ts"

/** How many multiplications the matrix products take that the outputs are made with, each product counted once. */
export const multiplications = (...outputs: readonly Tensor[]): number =>
  topological(outputs).reduce((total, { op, inputs, shape }) => {
    const shapes = inputs.map((input) => input.shape)
    return total + (op.multiplications?.(shapes, shape) ?? 0)
  }, 0)
