/**
 * The contract of an optimizer: a formula for one parameter, in tensors. It is traced once into the step; what changes from
 * step to step comes in as scalars, computed in double precision outside.
 */
import type { Declared } from "../setting.ts"
import type { Tensor } from "../tensor/tensor.ts"

/** Tensors by name. */
export type Tensors = Record<string, Tensor>

/** An optimizer as an entry of the table. */
export interface OptimizerKind {
  (options?: object): Optimizer
  readonly settings: Declared
  /** The default learning rate of a training. */
  readonly learningRate: number
}

export interface Optimizer {
  /** Its name and settings, as they are kept with a run. */
  readonly config: Readonly<Record<string, string | number>>
  /** The names of what it remembers of each parameter, in the parameter's shape, zeros at first. */
  readonly moments: readonly string[]
  /** What changes from step to step; step 0 is the first. */
  scalars(step: number, rate: number): Record<string, number>
  /**
   * The scalar that the gradient is wanted multiplied by. For a formula linear in the gradient the backward pass starts with
   * it, and the product costs nothing.
   */
  readonly gradientScale?: string
  /**
   * Parameter, its gradient (scaled as asked for), and its moments -> what they are after the step. Of an optimizer with moments it
   * is a formula for each number by itself: several parameters may come as the rows of one.
   */
  update(
    parameter: Tensor,
    gradient: Tensor,
    given: { readonly scalars: Tensors; readonly moments: Tensors },
  ): { readonly parameter: Tensor; readonly moments: Tensors }
}
