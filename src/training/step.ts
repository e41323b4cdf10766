/**
 * One training step as tensors: rows of the data set, forward, backward, update. It is the body of the runtime's loop.
 * Source: makemore part 5, cell 10.
 */
import type { Dataset } from "../data/dataset.ts"
import type { Model } from "../models/model.ts"
import { trace } from "../nn/trace.ts"
import type { Parameter } from "../nn/variable.ts"
import { clipGradNorm } from "../optim/clipping.ts"
import type { Optimizer, Tensors } from "../optim/optimizer.ts"
import type { Carried } from "../runtime/carried.ts"
import type { LoopBody } from "../runtime/compile.ts"
import { gradients } from "../tensor/gradients.ts"
import { Tensor } from "../tensor/tensor.ts"
import { traceBatch } from "./batch.ts"
import { stepLoss } from "./loss.ts"
import { alone, byWidth } from "./parameter-groups.ts"

export interface StepOptions {
  readonly batchSize: number
  readonly optimizer: Optimizer
  /** The longest that all gradients together may be. */
  readonly clipNorm?: number
  /** Averages of the parameters over steps are carried along, of which a step keeps this part. */
  readonly ema?: number
  /** How much the class that is foretold counts beside the next symbol. */
  readonly classWeight?: number
}

/** The name under which a moment of a parameter is carried. */
export const momentName = (moment: string, parameter: string): string => `${moment} of ${parameter}`

/** What `momentName` calls the average of a parameter over steps: average ← ema average + (1 - ema) parameter. */
export const AVERAGE = "average"

/** Traces the step. Its per-step inputs are `rows` (B) and the optimizer's scalars; its outputs are `loss` and, of data with classes, `classLoss`. */
export function traceStep(
  model: Model,
  data: Dataset,
  { batchSize, optimizer, clipNorm, ema, classWeight }: StepOptions,
): LoopBody & { readonly perStep: Tensors } {
  const rows = Tensor.input("rows", [batchSize], "int32")
  const { batch, whole } = traceBatch(model, data, rows)
  const scalars = Object.fromEntries(
    Object.keys(optimizer.scalars(0, 1)).map((name) => [name, Tensor.input(name, [])]),
  )
  const { result: loss, buffers } = trace(model, "training", () => stepLoss(model, batch, { classWeight }))

  const named = model.namedParameters()
  const changes = scaledGradients(
    loss.sum,
    named.map(([, parameter]) => parameter),
    optimizer.gradientScale === undefined ? undefined : scalars[optimizer.gradientScale],
    clipNorm,
  )
  const members = named.map(([name, parameter], k) => ({ name, parameter, change: changes[k] }))
  const carried: Record<string, Carried> = {}
  // Without moments the change is swallowed by the product that makes the gradient, which is faster still.
  for (const group of optimizer.moments.length > 0 ? byWidth(members) : members.map(alone)) {
    const { name, now, change, parts } = group
    const moments: Tensors = Object.fromEntries(
      optimizer.moments.map((moment) => [moment, Tensor.input(moment, now.shape)]),
    )
    const after = optimizer.update(now, change, { scalars, moments })
    carried[name] = { now, next: after.parameter, parts }
    for (const moment of optimizer.moments)
      carried[momentName(moment, name)] = {
        now: moments[moment],
        next: after.moments[moment],
        parts: momentParts(moment, parts),
      }
    if (ema === undefined) continue
    const average = Tensor.input(AVERAGE, now.shape)
    carried[momentName(AVERAGE, name)] = {
      now: average,
      next: average.mul(ema).add(after.parameter.mul(1 - ema)),
      parts: momentParts(AVERAGE, parts),
    }
  }
  for (const [name, buffer] of model.namedBuffers())
    carried[name] = { now: buffer, next: buffers.get(buffer) ?? buffer }
  return {
    carried,
    whole,
    perStep: { rows, ...scalars },
    outputs: { loss: loss.symbols, ...(loss.classes && { classLoss: loss.classes }) },
  }
}

const momentParts = (moment: string, parts?: Readonly<Record<string, Parameter>>): Tensors | undefined =>
  parts &&
  Object.fromEntries(
    Object.entries(parts).map(([name, { shape }]) => [momentName(moment, name), Tensor.input(moment, shape)]),
  )

/** Clipping measures the gradients themselves, so then the scale comes after it and not with the backward pass. */
function scaledGradients(
  loss: Tensor,
  parameters: readonly Parameter[],
  scale?: Tensor,
  clipNorm?: number,
): Tensor[] {
  if (clipNorm === undefined) return gradients(loss, parameters, scale)
  const clipped = clipGradNorm(gradients(loss, parameters), clipNorm).gradients
  return scale ? clipped.map((g) => g.mul(scale)) : clipped
}
