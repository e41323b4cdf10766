/** What a session is fed: numbers by name, checked against the kinds that they fill. */
import type { DType } from "../tensor/op.ts"
import { sizeOf } from "../tensor/shape.ts"
import type { Port } from "./emit.ts"
import type { Feeds, Session } from "./session.ts"

/** Numbers by name. */
export type Given = Readonly<Record<string, ArrayLike<number>>>

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }

/** The numbers given under a name, of which there must be `size`. */
export function given(numbers: Given, name: string, size: number): ArrayLike<number> {
  const values = numbers[name]
  if (!values) throw new RangeError(`run: nothing is given for '${name}'`)
  if (values.length !== size)
    throw new RangeError(`run: '${name}' wants ${size} numbers, got ${values.length}`)
  return values
}

/** Of each kind the numbers under its name, with `steps` rows where each step has its own. */
export function feedsOf(session: Session, kinds: readonly Port[], numbers: Given, steps?: number): Feeds {
  return Object.fromEntries(
    kinds.map(([name, kind]) => {
      const shape = steps === undefined ? kind.shape : [steps, ...kind.shape]
      const values = given(numbers, name, sizeOf(shape))
      const Typed = arrays[kind.dtype as DType]
      return [name, session.tensor(values instanceof Typed ? values : Typed.from(values), shape, kind.dtype)]
    }),
  )
}
