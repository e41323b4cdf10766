/** Properties of ONNX operators, collected from the op records. */
import type { Op } from "../tensor/op.ts"
import * as ops from "../tensor/ops/index.ts"

const records: readonly Op[] = Object.values(ops)

const operators = (which: (op: Op) => boolean): ReadonlySet<string> =>
  new Set(records.flatMap((op) => (op.pointwise && which(op) ? [op.pointwise] : [])))

const arity = (op: Op): number => op.examples[0].inputs.length

/** Elementwise operators. */
export const pointwiseOperators = operators(() => true)
export const unaryOperators = operators((op) => arity(op) === 1)
export const binaryOperators = operators((op) => arity(op) === 2)

/** Operators whose inputs may be swapped. */
export const commutativeOperators = operators((op) => op.commutative === true)
