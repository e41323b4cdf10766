/** What a graph costs: the multiplications of its matrix products, beside which everything else is little. */
import { topological } from "../tensor/interpreter.ts"
import { matmul } from "../tensor/ops/index.ts"
import type { Tensor } from "../tensor/tensor.ts"

/** How many multiplications the matrix products take that the outputs are made with, each product counted once. */
export const multiplications = (...outputs: readonly Tensor[]): number =>
  topological(outputs)
    .filter(({ op }) => op === matmul)
    .reduce((total, product) => total + product.size * product.inputs[0].shape.at(-1)!, 0)
