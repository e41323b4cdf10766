/**
 * What goes on inside a network on one batch, layer by layer: how large its activations and gradients are, how much of a
 * nonlinearity is stuck in its flat part, and how large a step's update is beside the number that it changes.
 * Source: makemore parts 3 and 4, "viz #1" to "viz #4".
 *
 * B rows, T symbols
 */
import { table } from "../charts/table.ts"
import type { Dataset } from "../data/dataset.ts"
import type { Model } from "../models/model.ts"
import { trace } from "../nn/trace.ts"
import { clipGradNorm } from "../optim/clipping.ts"
import type { Optimizer } from "../optim/optimizer.ts"
import { sgd } from "../optim/sgd.ts"
import { compile } from "../runtime/compile.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { gradients } from "../tensor/gradients.ts"
import { Tensor } from "../tensor/tensor.ts"
import { traceBatch, wholeNumbers } from "./batch.ts"
import { stepLoss } from "./loss.ts"
import { flat, placesOf } from "./places.ts"
import { momentName } from "./step.ts"
import type { TrainingState } from "./training-state.ts"

/** Numbers in short. */
export interface Distribution {
  readonly mean: number
  /** The unbiased standard deviation, PyTorch's `std()`; NaN of a single number. */
  readonly deviation: number
  /** The root of the sum of the squares. */
  readonly norm: number
}

export interface LayerDiagnosis {
  /** The path of a module, as in a checkpoint; of a nonlinearity that is no module, that of the module before it. */
  readonly path: string
  /** The module's class, or the nonlinearity's name. */
  readonly type: string
  readonly activation: Distribution
  /** Of the loss with respect to the activations. */
  readonly gradient: Distribution
  /** Of tanh, sigmoid and relu the part of the activations that lies where the slope is next to nothing. */
  readonly saturated?: number
  /** Of these the part of the units, the last axis, that does so in every row: they learn nothing from this batch. */
  readonly dead?: number
  /** What the distributions are of, for histograms. */
  readonly activations: Float32Array
  readonly gradients: Float32Array
}

export interface ParameterDiagnosis {
  /** As in a checkpoint. */
  readonly path: string
  readonly shape: readonly number[]
  readonly data: Distribution
  readonly gradient: Distribution
  /** The gradient's deviation over that of the numbers; not there where these have none. */
  readonly gradientToData?: number
  /** log10 of the update's deviation over that of the numbers, about -3 where the learning rate is right. */
  readonly updateToData?: number
}

export interface Diagnosis {
  readonly loss: number
  readonly layers: readonly LayerDiagnosis[]
  readonly parameters: readonly ParameterDiagnosis[]
}

export interface DiagnosisOptions {
  /** The rows of the data that the batch is. */
  readonly rows: ArrayLike<number>
  readonly optimizer?: Optimizer
  /** The learning rate of the update. */
  readonly rate?: number
  /** The longest that all gradients together may be in the update; what is told of gradients is from before. */
  readonly clipNorm?: number
  /** How much the class that is foretold counts beside the next symbol. */
  readonly classWeight?: number
  /** Where the training stands, for an optimizer that remembers: what a checkpoint keeps. */
  readonly from?: Pick<TrainingState, "steps" | "moments">
  readonly runtime?: RuntimeOptions
}

/** Looks at one training step without taking it: the model is left as it is. */
export async function diagnose(model: Model, data: Dataset, options: DiagnosisOptions): Promise<Diagnosis> {
  const { rows, optimizer = sgd(), rate = 0.1, clipNorm, classWeight, from, runtime } = options
  const step = from?.steps ?? 0
  const rowsOfBatch = Tensor.input("rows", [rows.length], "int32")
  const { batch, whole } = traceBatch(model, data, rowsOfBatch)
  const { result, outputs } = trace(model, "training", () => stepLoss(model, batch, { classWeight }))
  const loss = result.sum

  const places = placesOf(model, outputs, loss)
  const watched = places.flatMap(({ tensors }) => tensors)
  const parameters = model.namedParameters()
  const changes = gradients(loss, [...watched, ...parameters.map(([, parameter]) => parameter)])
  const slopes = changes.slice(watched.length)
  const clipped = clipNorm === undefined ? slopes : clipGradNorm(slopes, clipNorm).gradients
  const scalars = Object.fromEntries(
    Object.entries(optimizer.scalars(step, rate)).map(([name, value]) => [name, Tensor.scalar(value)]),
  )

  const feeds: Record<string, ArrayLike<number>> = { rows, ...wholeNumbers(data) }
  const inputs: Record<string, Tensor> = { rows: rowsOfBatch, ...whole }
  for (const [name, variable] of model.namedVariables()) {
    inputs[name] = variable
    feeds[name] = variable.data
  }
  const wanted: Record<string, Tensor> = { loss }
  for (const [k, tensor] of watched.entries()) {
    wanted[`activation ${k}`] = tensor
    wanted[`gradient ${k}`] = changes[k]
  }
  for (const [k, [name, parameter]] of parameters.entries()) {
    const moments: Record<string, Tensor> = {}
    for (const moment of optimizer.moments) {
      const key = momentName(moment, name)
      moments[moment] = Tensor.input(key, parameter.shape)
      inputs[key] = moments[moment]
      feeds[key] = from?.moments[key]?.data ?? new Float32Array(parameter.size)
    }
    const scale = optimizer.gradientScale
    const scaled = scale === undefined ? clipped[k] : clipped[k].mul(scalars[scale])
    const after = optimizer.update(parameter, scaled, { scalars, moments })
    wanted[`gradient of ${name}`] = slopes[k]
    wanted[`after ${name}`] = after.parameter
  }

  const compiled = await compile(inputs, wanted, runtime)
  const found = await compiled.run(feeds)
  await compiled.release()
  let next = 0
  return {
    loss: found.loss[0],
    layers: places.map(({ tensors, nonlinearity, ...place }) => {
      const numbers = tensors.map((_, k) => [found[`activation ${next + k}`], found[`gradient ${next + k}`]])
      next += tensors.length
      const units = tensors[0].shape.at(-1) ?? 1
      const [activations, gradients] = [0, 1].map((k) => joined(numbers.map((both) => both[k])))
      return {
        ...place,
        activation: distributionOf(activations),
        gradient: distributionOf(gradients),
        ...stuckOf(nonlinearity, activations, units),
        activations,
        gradients,
      }
    }),
    parameters: parameters.map(([path, { shape, data }]) => {
      const [before, after] = [data, found[`after ${path}`]]
      const update = Float64Array.from(before, (number, k) => after[k] - number)
      const numbers = distributionOf(before)
      const gradient = distributionOf(found[`gradient of ${path}`])
      const spread = numbers.deviation > 0
      return {
        path,
        shape,
        data: numbers,
        gradient,
        ...(spread && { gradientToData: gradient.deviation / numbers.deviation }),
        ...(spread && { updateToData: Math.log10(distributionOf(update).deviation / numbers.deviation) }),
      }
    }),
  }
}

/** Both tables, one under the other, as text or Markdown. */
export function formatDiagnosis({ layers, parameters }: Diagnosis, { markdown = false } = {}): string {
  const part = (x: number | undefined) => (x === undefined ? "" : `${(100 * x).toFixed(1)} %`)
  const number = (x: number | undefined, digits = 2) =>
    x === undefined ? "" : x.toFixed(digits).replace(/^-(0\.0*)$/, "$1")
  const small = (x: number | undefined) => (x === undefined ? "" : x.toExponential(1))
  const tables = [
    [
      ["Layer", "mean", "deviation", "saturated", "dead", "gradient's mean", "deviation", "norm"],
      ...layers.map(({ path, type, activation, gradient, saturated, dead }) => [
        layerName({ path, type }),
        number(activation.mean),
        number(activation.deviation),
        part(saturated),
        part(dead),
        small(gradient.mean),
        small(gradient.deviation),
        small(gradient.norm),
      ]),
    ],
    [
      ["Parameter", "shape", "deviation", "gradient's deviation", "gradient : data", "log10 update : data"],
      ...parameters.map(({ path, shape, data, gradient, gradientToData, updateToData }) => [
        path,
        `(${shape.join(", ")})`,
        number(data.deviation, 3),
        small(gradient.deviation),
        small(gradientToData),
        number(updateToData),
      ]),
    ],
  ]
  return tables.map((rows) => table(rows, { markdown })).join("\n\n")
}

/** "network.layers.4: Tanh" */
export const layerName = ({ path, type }: Pick<LayerDiagnosis, "path" | "type">): string =>
  path === "" ? type : `${path}: ${type}`

/** A diagnosis without the numbers that histograms are of: what is kept as JSON. */
export function summaryOf({ loss, layers, parameters }: Diagnosis): {
  readonly loss: number
  readonly layers: readonly Omit<LayerDiagnosis, "activations" | "gradients">[]
  readonly parameters: readonly ParameterDiagnosis[]
} {
  return { loss, layers: layers.map(({ activations: _, gradients: __, ...layer }) => layer), parameters }
}

function stuckOf(
  nonlinearity: string | undefined,
  activations: Float32Array,
  units: number,
): { saturated?: number; dead?: number } {
  if (nonlinearity === undefined) return {}
  const stuck = flat[nonlinearity]
  const rows = activations.length / units
  const counts = new Float64Array(units)
  for (const [k, y] of activations.entries()) if (stuck(y)) counts[k % units]++
  return {
    saturated: counts.reduce((sum, count) => sum + count, 0) / activations.length,
    dead: counts.filter((count) => count === rows).length / units,
  }
}

export function distributionOf(numbers: ArrayLike<number>): Distribution {
  const n = numbers.length
  let [sum, squares] = [0, 0]
  for (let k = 0; k < n; k++) {
    sum += numbers[k]
    squares += numbers[k] ** 2
  }
  const mean = sum / n
  let spread = 0
  for (let k = 0; k < n; k++) spread += (numbers[k] - mean) ** 2
  return { mean, deviation: Math.sqrt(spread / (n - 1)), norm: Math.sqrt(squares) }
}

function joined(parts: readonly ArrayLike<number>[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  for (const part of parts) {
    result.set(part, end)
    end += part.length
  }
  return result
}
