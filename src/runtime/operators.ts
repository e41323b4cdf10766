/** What the op records say of the ONNX operators that they are written as. */
import type { Op } from "../tensor/op.ts"
import * as ops from "../tensor/ops/index.ts"

const records: readonly Op[] = Object.values(ops)

const operators = (which: (op: Op) => boolean): ReadonlySet<string> =>
  new Set(records.flatMap((op) => (op.pointwise && which(op) ? [op.pointwise] : [])))

const arity = (op: Op): number => op.examples[0].inputs.length

/** Operators that work position by position, by how many inputs they have. */
export const pointwiseOperators = operators(() => true)
export const unaryOperators = operators((op) => arity(op) === 1)
export const binaryOperators = operators((op) => arity(op) === 2)

/** Operators whose two inputs have no order. */
export const commutativeOperators = operators((op) => op.commutative === true)
