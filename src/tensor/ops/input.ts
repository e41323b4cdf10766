/**
 * A leaf: numbers that are given when the graph is run. A parameter is an input whose numbers stand in `read` until then.
 */
import type { DType, Op } from "../op.ts"
import type { Shape } from "../shape.ts"

export interface Input {
  readonly name: string
  readonly shape: Shape
  readonly dtype: DType
  /** The numbers that the interpreter takes where a run gives none. */
  readonly read?: () => ArrayLike<number>
}

export const input: Op<Input> = {
  name: "input",
  shape: (_, { shape }) => shape,
  dtype: (_, { dtype }) => dtype,
  reference(_, y, { name, read }) {
    if (!read) throw new Error(`input '${name}' has no numbers: give them to the run`)
    y.data.set(read())
  },
  examples: [],
}
