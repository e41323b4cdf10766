/**
 * The contract of an optimizer: a formula for one parameter, in tensors. It is traced once into the step; values that change from
 * step to step are scalars, computed outside of it in double precision.
 */
import { type Declared, oneOf } from "../setting.ts"
import type { Tensor } from "../tensor/tensor.ts"

/** Tensors by name. */
export type Tensors = Record<string, Tensor>

/** The setting of optimizers with weight decay that says what it shrinks. */
export const decays = oneOf(
  ["all", "matrices"],
  "all",
  "what weight decay shrinks: all parameters, or matrices (embeddings too) without biases and gains",
  { unit: "what" },
)

/** An optimizer as an entry of the table. */
export interface OptimizerKind {
  (options?: object): Optimizer
  readonly settings: Declared
  /** The default learning rate of a training. */
  readonly learningRate: number
}

export interface Optimizer {
  /** Its name and settings, as a run keeps them. */
  readonly config: Readonly<Record<string, string | number>>
  /** The names of the state kept for each parameter, in the parameter's shape, zeros at first. */
  readonly moments: readonly string[]
  /** The values that change from step to step; step 0 is the first. */
  scalars(step: number, rate: number): Record<string, number>
  /**
   * The scalar that multiplies the incoming gradient. For a formula linear in the gradient the backward pass starts with it, and
   * the product costs nothing.
   */
  readonly gradientScale?: string
  /** What its weight decay shrinks, all parameters by default. With "matrices" an update is given what is `decayed`. */
  readonly decays?: "all" | "matrices"
  /** The optimizer of all other parameters, for a formula of the matrices between a network's input and its output alone. */
  readonly others?: Optimizer
  /**
   * A parameter, its gradient (times `gradientScale`) and its moments -> parameter and moments after the step. With moments the
   * formula must be elementwise: several parameters may come as the rows of one. With `others` each comes alone. `decayed` multiplies the
   * weight decay: () or (R, 1) for each row, 1 or 0; without it everything decays.
   */
  update(
    parameter: Tensor,
    gradient: Tensor,
    given: { readonly scalars: Tensors; readonly moments: Tensors; readonly decayed?: Tensor },
  ): { readonly parameter: Tensor; readonly moments: Tensors }
}
