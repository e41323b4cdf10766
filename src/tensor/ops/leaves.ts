/** Leaves of a graph: values that come from outside. */
import { UserError } from "../../errors.ts"
import type { Kind, Op } from "../op.ts"
import { show } from "../shape.ts"

interface Constant extends Kind {
  readonly values: ArrayLike<number>
}

/** Values that never change, written into the model. */
export const constant: Op<Constant> = {
  name: "constant",
  shape: (_, { shape }) => shape,
  dtype: (_, { dtype }) => dtype,
  reference: (_, y, { values }) => y.data.set(values),
  onnx: (graph, _, __, { values, shape, dtype }) => graph.constant(values, shape, dtype),
  constant: ({ values }) => values,
  javascript: { none: "the writer reads its values" },
  examples: [],
}

interface Input extends Kind {
  readonly name: string
  /** The values that the interpreter uses if a run gives none. */
  readonly read?: () => ArrayLike<number>
}

/** Values given when the graph is run. A parameter is an input with `read`. */
export const input: Op<Input> = {
  name: "input",
  shape: (_, { shape }) => shape,
  dtype: (_, { dtype }) => dtype,
  reference(_, y, { name, read }) {
    if (!read) throw new Error(`input '${name}' has no values: pass them to the run`)
    y.data.set(read())
  },
  onnx(_, __, { shape }, { name, read }) {
    if (read)
      throw new UserError(
        `a ${name} of shape ${show(shape)} is used that the module does not have: keep its layer in a field of the module, or in an ` +
          "array or a plain object there",
      )
    throw new Error(`input '${name}' ${show(shape)} is not among the inputs of the compiled function`)
  },
  javascript: { none: "the writer names it" },
  examples: [],
}
