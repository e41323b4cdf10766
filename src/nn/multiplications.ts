/** The cost of a graph: the multiplications in its matrix products, which outweigh everything else. */
import { topological } from "../tensor/interpreter.ts"
import { matmul } from "../tensor/ops/index.ts"
import type { Tensor } from "../tensor/tensor.ts"

/** The multiplications in all matrix products that the outputs depend on, each product counted once. */
export const multiplications = (...outputs: readonly Tensor[]): number =>
  topological(outputs)
    .filter(({ op }) => op === matmul)
    .reduce((total, product) => total + product.size * product.inputs[0].shape.at(-1)!, 0)
