/**
 * A look inside a network: the output of every layer for one context. The interpreter computes it in double precision: for one context
 * that takes about as long as compiling, without a runtime or an await. For many contexts, compile the outputs of `trace`.
 */
import { UserError } from "../errors.ts"
import type { Callable } from "../nn/module.ts"
import { trace } from "../nn/trace.ts"
import { interpret } from "../tensor/interpreter.ts"
import type { Shape } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import { type Conditions, Model } from "./model.ts"
import { type Seen, watch } from "./watch.ts"

export interface LayerOutput {
  /** The module's path, as in a checkpoint: "network.layers.2"; the model itself is "". */
  readonly path: string
  /** The name of the module's class. */
  readonly type: string
  readonly shape: Shape
  /** In row-major order. */
  readonly values: Float64Array
}

export interface Observation {
  readonly outputs: readonly LayerOutput[]
  /** How much each position reads of each, (1, heads, T, T), for each module of attention. */
  readonly attention: readonly LayerOutput[]
}

/** A model's conditions as numbers: a label or a vector in its place; a series (steps, width) in row-major order. */
export type ConditionNumbers = Readonly<Record<string, number | ArrayLike<number>>>

/**
 * The outputs of all modules in evaluation mode, one for each call, in the order in which the modules first returned. The last is the
 * model's own.
 *
 * @param ids The symbols of one context. For a model of windows they are cut to its context length, or padded with symbol 0 at the
 *   front, as in `windows`; a model of sequences reads all of them, and throws a ShapeError if it has fewer positions.
 */
export function look(model: Model, ids: readonly number[], conditions?: ConditionNumbers): LayerOutput[]
/** The same for any module, given the inputs of its forward: tensors with known values. */
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

/** As `look`, with the states of recurrent cells among the outputs and the weights of attention beside them. */
export function observe(model: Model, ids: readonly number[], conditions?: ConditionNumbers): Observation {
  const { outputs, attention } = watch(model, ...contextOf(model, ids, conditions))
  const numbers = interpret([...outputs, ...attention].map(({ tensor }) => tensor))
  const valuesFrom = (all: readonly Seen[], first: number) =>
    all.map(({ path, type, tensor: { shape } }, k) => ({ path, type, shape, values: numbers[first + k] }))
  return { outputs: valuesFrom(outputs, 0), attention: valuesFrom(attention, outputs.length) }
}

/** The inputs of a model's forward for a single row. */
function contextOf(
  model: Model,
  ids: readonly number[],
  conditions: ConditionNumbers = {},
): [ids: Tensor, conditions: Conditions] {
  const { contextLength, reads } = model
  const blanks = new Array<number>(Math.max(0, contextLength - ids.length)).fill(0)
  const context = reads === "windows" ? [...blanks, ...ids.slice(-contextLength)] : ids
  const T = context.length
  const kinds = model.conditionKinds(1, T)
  const constants = Object.entries(conditions).map(([name, numbers]) => {
    const kind = kinds[name as keyof typeof kinds]
    if (!kind)
      throw new UserError(
        `look: the model is not conditioned on a ${name}: its conditions are ${Object.keys(kinds).join(", ") || "none"}`,
      )
    return [name, Tensor.constant(typeof numbers === "number" ? [numbers] : numbers, kind.shape, kind.dtype)]
  })
  return [Tensor.constant(context, [1, T], "int32"), Object.fromEntries(constants)]
}
