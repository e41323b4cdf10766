/**
 * One training step as tensors: rows of the data set, forward, backward, update. It is the body of the runtime's loop.
 * Source: makemore part 5, cell 10.
 */
import type { Module } from "../nn/module.ts"
import { trace } from "../nn/trace.ts"
import type { Parameter } from "../nn/variable.ts"
import { clipGradNorm } from "../optim/clipping.ts"
import type { Tensors } from "../optim/optimizer.ts"
import type { Carried } from "../runtime/carried.ts"
import type { LoopBody } from "../runtime/compile.ts"
import type { Numbers } from "../runtime/session.ts"
import { gradients } from "../tensor/gradients.ts"
import { Tensor } from "../tensor/tensor.ts"
import { byWidth, decayedRows, type Stack } from "./by-width.ts"
import { type Table, traceBatch } from "./columns.ts"
import { type LossFunction, traceLoss } from "./loss.ts"
import { frozenParameters, type TrainedGroup } from "./parameter-groups.ts"
import type { TrainOptions } from "./train-options.ts"

export interface StepOptions extends Pick<TrainOptions, "clipNorm" | "ema"> {
  readonly batchSize: number
  readonly loss: LossFunction
  readonly groups: readonly TrainedGroup[]
}

/** State of the loop that belongs to a parameter: its values, a moment of its optimizer, or its moving average. */
export type Slot = "numbers" | "average" | { readonly moment: string }

/** Its name in the loop. */
export const slotName = (slot: Slot, parameter: string): string =>
  slot === "numbers" ? parameter : `${slot === "average" ? slot : slot.moment} of ${parameter}`

/** The name of a frozen parameter among the whole inputs. */
export const frozenName = (parameter: string): string => `frozen ${parameter}`

/** The name of an optimizer's scalar among a step's own inputs. */
export const scalarName = (scalar: string, { suffix }: TrainedGroup): string => scalar + suffix

export interface TracedStep extends LoopBody {
  /** The values of the whole inputs: the columns of the data, and the frozen parameters. */
  readonly numbers: Readonly<Record<string, Numbers>>
}

/** Traces the step. Each step has its own `rows` (B) and optimizer scalars, and puts out what the loss reports. */
export function traceStep(
  module: Module,
  table: Table,
  { batchSize, loss, groups, clipNorm, ema }: StepOptions,
): TracedStep {
  const rows = Tensor.input("rows", [batchSize], "int32")
  const { batch, whole, numbers } = traceBatch(table, rows)
  const { result, buffers } = trace(module, "training", () => traceLoss(loss, batch))
  const scalars = groups.map(({ optimizer }) =>
    Object.fromEntries(Object.keys(optimizer.scalars(0, 1)).map((name) => [name, Tensor.input(name, [])])),
  )
  const changes = scaledGradients(result.minimize, groups, scalars, clipNorm)
  const carried: Record<string, Carried> = {}
  for (const [k, group] of groups.entries()) {
    const { optimizer, parameters, suffix } = group
    const each = parameters.map(([name, now]): Stack => ({ name, now, gradient: changes.get(now)! }))
    // Without moments the update is swallowed by the product that makes the gradient, which is faster still where this is small.
    const wideOnly = optimizer.moments.length === 0
    const stacks = optimizer.others ? each : byWidth(each, suffix, { wideOnly })
    for (const stack of stacks) {
      const { now } = stack
      const moments: Tensors = Object.fromEntries(
        optimizer.moments.map((moment) => [moment, Tensor.input(moment, now.shape)]),
      )
      const decayed = optimizer.decays === "matrices" ? decayedRows(stack) : undefined
      const after = optimizer.update(now, stack.gradient, { scalars: scalars[k], moments, decayed })
      const carry = (slot: Slot, now: Tensor, next: Tensor) => {
        carried[slotName(slot, stack.name)] = { now, next, parts: partsOf(stack, slot) }
      }
      carry("numbers", now, after.parameter)
      for (const moment of optimizer.moments) carry({ moment }, moments[moment], after.moments[moment])
      if (ema === undefined) continue
      const average = Tensor.input("average", now.shape)
      carry("average", average, average.mul(ema).add(after.parameter.mul(1 - ema)))
    }
  }
  for (const [name, parameter] of frozenParameters(module, groups)) {
    whole[frozenName(name)] = parameter
    numbers[frozenName(name)] = parameter.data
  }
  for (const [name, buffer] of module.namedBuffers())
    carried[name] = { now: buffer, next: buffers.get(buffer) ?? buffer }
  const perStep: Tensors = { rows }
  for (const [k, group] of groups.entries())
    for (const [name, scalar] of Object.entries(scalars[k])) perStep[scalarName(name, group)] = scalar
  return { carried, whole, numbers, perStep, outputs: result.report }
}

/** The parts of a stack, or the leaves of what is carried for them. */
function partsOf({ parts }: Stack, slot: Slot): Tensors | undefined {
  if (!parts || slot === "numbers") return parts
  return Object.fromEntries(
    Object.entries(parts).map(([part, { shape }]) => {
      const name = slotName(slot, part)
      return [name, Tensor.input(name, shape)]
    }),
  )
}

/**
 * The gradients by parameter, scaled as the optimizer of its group asks. With one group the scale is the seed of the backward pass,
 * where it costs nothing. With several groups it is applied afterwards, and with clipping too, which measures the gradients themselves.
 */
function scaledGradients(
  loss: Tensor,
  groups: readonly TrainedGroup[],
  scalars: readonly Tensors[],
  clipNorm?: number,
): ReadonlyMap<Parameter, Tensor> {
  const parameters = groups.flatMap((group) => group.parameters.map(([, parameter]) => parameter))
  const scales = groups.flatMap(({ optimizer: { gradientScale }, parameters }, k) =>
    parameters.map(() => (gradientScale === undefined ? undefined : scalars[k][gradientScale])),
  )
  const seed = groups.length === 1 && clipNorm === undefined ? scales[0] : undefined
  const found = gradients(loss, parameters, seed)
  const clipped = clipNorm === undefined ? found : clipGradNorm(found, clipNorm).gradients
  return new Map(
    parameters.map((parameter, k) => {
      const scale = scales[k] === seed ? undefined : scales[k]
      return [parameter, scale ? clipped[k].mul(scale) : clipped[k]]
    }),
  )
}
