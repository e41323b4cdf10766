/** A session's feeds: values by name, checked against the inputs that they fill. */
import { type DType, firstMisfit, type Value } from "../tensor/op.ts"
import { sizeOf } from "../tensor/shape.ts"
import { type Bound, expectIndices } from "./indices.ts"
import type { Feeds, Session } from "./session.ts"

/** Values by name. */
export type Given = Readonly<Record<string, ArrayLike<number>>>

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }

/** The values of a name. Throws a RangeError unless there are `size` of them. */
export function given(numbers: Given, name: string, size: number): ArrayLike<number> {
  const values = numbers[name]
  if (!values) throw new RangeError(`run: nothing is given for '${name}'`)
  if (values.length !== size)
    throw new RangeError(`run: '${name}' needs ${size} values, got ${values.length}`)
  return values
}

/** An input: its name in the model, and the name that callers use. */
export interface Input {
  readonly port: string
  readonly name: string
  readonly kind: Value
}

/** Names the inputs of a model. A name that is already `taken` is altered, since all inputs of an ONNX model share one namespace. */
export const inputsOf = (kinds: Readonly<Record<string, Value>>, taken = new Set<string>()): Input[] =>
  Object.entries(kinds).map(([name, kind]) => {
    let port = name
    while (taken.has(port)) port += "'"
    taken.add(port)
    return { port, name, kind }
  })

/** The values of each input, with one row for each of `steps` if given; `bounds` are those of indices. */
export function feedsOf(
  session: Session,
  bounds: ReadonlyMap<string, Bound>,
  inputs: readonly Input[],
  numbers: Given,
  steps?: number,
): Feeds {
  const feeds = inputs.map(({ port, name, kind: { shape: each, dtype } }) => {
    const shape = steps === undefined ? each : [steps, ...each]
    const values = given(numbers, name, sizeOf(shape))
    const misfit = firstMisfit(values, dtype as DType)
    if (misfit !== undefined)
      throw new TypeError(`run: ${values[misfit]} at ${misfit} of '${name}' is not ${dtype}`)
    const bound = bounds.get(port)
    if (bound) expectIndices(values, bound, ` of '${name}'`)
    const Typed = arrays[dtype as DType]
    return [port, session.tensor(values instanceof Typed ? values : Typed.from(values), shape, dtype)]
  })
  return Object.fromEntries(feeds)
}
