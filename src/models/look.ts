/**
 * A look inside a network: the output of every layer for one context. By the interpreter, in double precision: an answer at once,
 * without a runtime, which is what a page or a notebook wants; many contexts are faster compiled, out of `trace`.
 * Source: makemore part 5, cell 11, "layer.out".
 */
import { UserError } from "../errors.ts"
import type { Callable } from "../nn/module.ts"
import { trace } from "../nn/trace.ts"
import { interpret } from "../tensor/interpreter.ts"
import type { Shape } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import { Model } from "./model.ts"

/** An output of a module. */
export interface LayerOutput {
  /** Of the module, as in a checkpoint: "network.layers.2"; the model itself is "". */
  readonly path: string
  /** The class. */
  readonly type: string
  readonly shape: Shape
  /** In row-major order. */
  readonly values: Float64Array
}

/** What a model's sequence goes along with, in numbers: a label, or its vector; a series, a row of numbers each step. */
export type ConditionNumbers = Readonly<Record<string, number | ArrayLike<number>>>

/**
 * The outputs of all modules in evaluation, an entry a call, in the order in which the modules first returned; the last is the model's.
 *
 * @param ids The symbols of one context. For a model of windows they are cut to its context length, or filled up with symbol 0
 *   before the first, as in `windows`; a model of sequences reads them as they are.
 */
export function look(model: Model, ids: readonly number[], conditions?: ConditionNumbers): LayerOutput[]
/** The same for any module and the tensors that its forward takes, whose numbers are known. */
export function look<M extends Callable>(module: M, ...inputs: Parameters<M["forward"]>): LayerOutput[]
export function look(module: Callable, ...inputs: unknown[]): LayerOutput[] {
  const [ids, conditions] = inputs
  const given =
    module instanceof Model && Array.isArray(ids)
      ? contextOf(module, ids, conditions as ConditionNumbers | undefined)
      : inputs
  const { outputs } = trace(module, "evaluation", () => module.forward(...(given as never[])))
  const paths = new Map(module.namedModules().map(([path, each]) => [each, path]))
  const calls = Array.from(outputs).flatMap(([each, tensors]) => tensors.map((tensor) => ({ each, tensor })))
  const numbers = interpret(calls.map(({ tensor }) => tensor))
  return calls.map(({ each, tensor: { shape } }, k) => ({
    path: paths.get(each)!,
    type: each.constructor.name,
    shape,
    values: numbers[k],
  }))
}

/** What a model's forward takes, for a single row. */
function contextOf(model: Model, ids: readonly number[], conditions: ConditionNumbers = {}): unknown[] {
  const { contextLength, reads } = model
  const blanks = new Array<number>(Math.max(0, contextLength - ids.length)).fill(0)
  const context = reads === "windows" ? [...blanks, ...ids.slice(-contextLength)] : ids
  const T = context.length
  const kinds = model.conditionKinds(1, T)
  const constants = Object.entries(conditions).map(([name, numbers]) => {
    const kind = kinds[name as keyof typeof kinds]
    if (!kind)
      throw new UserError(
        `look: the model goes by no ${name}: its conditions are ${Object.keys(kinds).join(", ") || "none"}`,
      )
    return [name, Tensor.constant(typeof numbers === "number" ? [numbers] : numbers, kind.shape, kind.dtype)]
  })
  return [Tensor.constant(context, [1, T], "int32"), Object.fromEntries(constants)]
}
