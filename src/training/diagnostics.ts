/**
 * A look inside a network on one batch, layer by layer: the size of its activations and gradients, how many units are saturated or
 * dead, and the size of a step's update relative to the parameter.
 * Source: makemore parts 3 and 4, "viz #1" to "viz #4".
 *
 * B rows, T symbols
 */
import { table } from "../charts/table.ts"
import type { Dataset } from "../data/dataset.ts"
import { shownAs } from "../display/contract.ts"
import { requireOptions } from "../errors.ts"
import type { Model } from "../models/model.ts"
import type { Module } from "../nn/module.ts"
import { trace } from "../nn/trace.ts"
import { clipGradNorm } from "../optim/clipping.ts"
import type { Optimizer } from "../optim/optimizer.ts"
import { sgd } from "../optim/sgd.ts"
import { compile } from "../runtime/compile.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { notNegative, positive, requireAccepted } from "../setting.ts"
import { gradients } from "../tensor/gradients.ts"
import type { Shape } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import { decayedRows } from "./by-width.ts"
import { type Columns, type Table, tableOf, traceBatch } from "./columns.ts"
import { type LossFunction, lossFor, traceLoss } from "./loss.ts"
import { resolveGroups } from "./parameter-groups.ts"
import { type Place, placesOf } from "./places.ts"
import { checkMoments, type TrainingState } from "./training-state.ts"

export interface Distribution {
  readonly mean: number
  /** The unbiased standard deviation, PyTorch's `std()`; NaN for a single number. */
  readonly deviation: number
  /** The 2-norm. */
  readonly norm: number
}

export interface LayerDiagnosis {
  /** The path of the module, as in a checkpoint; for a nonlinearity outside of modules, the path of the module before it. */
  readonly path: string
  /** The module's class, or the nonlinearity's name. */
  readonly type: string
  readonly activation: Distribution
  /** The gradient of the loss with respect to the activations. */
  readonly gradient: Distribution
  /** For tanh, sigmoid and relu: the fraction of the activations where the slope is close to 0, as it is where a relu is zero. */
  readonly saturated?: number
  /** The fraction of the units (the last axis) that are saturated in every row: they learn nothing from this batch. */
  readonly dead?: number
  /** All values, for histograms. */
  readonly activations: Float32Array
  readonly gradients: Float32Array
}

export interface ParameterDiagnosis {
  /** As in a checkpoint. */
  readonly path: string
  readonly shape: readonly number[]
  readonly data: Distribution
  readonly gradient: Distribution
  /** The gradient's standard deviation over the parameter's; missing if the latter is 0. */
  readonly gradientToData?: number
  /** log10 of the update's standard deviation over the parameter's; about -3 is healthy. */
  readonly updateToData?: number
}

export interface Diagnosis {
  readonly loss: number
  readonly layers: readonly LayerDiagnosis[]
  readonly parameters: readonly ParameterDiagnosis[]
}

/** The step to examine. */
export interface DiagnosedStep {
  /** The rows of the data in the batch. */
  readonly rows: ArrayLike<number>
  /** The learning rate of the update. */
  readonly rate?: number
  /** The training's state, for an optimizer with moments. */
  readonly from?: Pick<TrainingState, "steps" | "moments">
}

interface DiagnosedTraining {
  readonly optimizer?: Optimizer
  /** Maximum global gradient norm of the update; the gradients reported are those before clipping. */
  readonly clipNorm?: number
  readonly runtime?: RuntimeOptions
}

export interface DiagnosisOptions extends DiagnosedStep, DiagnosedTraining {}

const optionNames = ["rows", "optimizer", "rate", "clipNorm", "from", "runtime", "loss"]

/** Examines one training step without taking it. The module does not change. */
export function diagnose(model: Model, data: Dataset, options: DiagnosisOptions): Promise<Diagnosis>
export function diagnose<Data extends Columns>(
  module: Module,
  data: Data,
  options: DiagnosisOptions & { readonly loss: LossFunction<Data> },
): Promise<Diagnosis>
export async function diagnose(
  module: Module,
  data: Columns,
  options: DiagnosisOptions & { readonly loss?: LossFunction<never> } = { rows: [] },
): Promise<Diagnosis> {
  requireOptions("diagnose", options, optionNames)
  const { rows = [], rate, from, ...training } = options
  checkStep(tableOf(data), { rows, rate })
  if (from) checkMoments(from.moments, resolveGroups(module, [], training.optimizer ?? sgd(), 0.1))
  const opened = await openDiagnosis(
    module as Model,
    data as Dataset,
    {
      ...training,
      batchSize: rows.length,
    } as never,
  )
  try {
    return await opened.diagnose({ rows, rate, from })
  } finally {
    await opened.release()
  }
}

function checkStep({ count }: Table, { rows, rate }: DiagnosedStep): void {
  requireAccepted("diagnose", { rate: notNegative(0.1, "") }, { rate })
  const outside = Array.from(rows).find((row) => !(Number.isInteger(row) && row >= 0 && row < count))
  if (rows.length === 0 || outside !== undefined)
    throw new RangeError(
      `diagnose: rows = ${rows.length === 0 ? "[]" : outside}: give row numbers from 0 to ${count - 1}`,
    )
}

/** A diagnosis that is compiled once and repeated while the model is trained. Release it at the end. */
export interface OpenDiagnosis {
  /** With the numbers that the module has now: as `diagnose`. There are as many rows as the batch was compiled for. */
  diagnose(step: DiagnosedStep): Promise<Diagnosis>
  release(): Promise<void>
}

type OpenOptions = DiagnosedTraining & { readonly batchSize: number }

/** Compiles the diagnosis of steps of a batch size. */
export function openDiagnosis(model: Model, data: Dataset, options: OpenOptions): Promise<OpenDiagnosis>
export function openDiagnosis<Data extends Columns>(
  module: Module,
  data: Data,
  options: OpenOptions & { readonly loss: LossFunction<Data> },
): Promise<OpenDiagnosis>
export async function openDiagnosis(
  module: Module,
  data: Columns,
  options: OpenOptions & { readonly loss?: LossFunction<never> },
): Promise<OpenDiagnosis> {
  requireOptions("openDiagnosis", options, ["batchSize", "optimizer", "clipNorm", "runtime", "loss"])
  const { batchSize, optimizer = sgd(), clipNorm, runtime } = options
  requireAccepted("diagnose", { clipNorm: positive(1, "") }, { clipNorm })
  const table = tableOf(data)
  const groups = resolveGroups(module, [], optimizer, 0.1)
  const rowsOfBatch = Tensor.input("rows", [batchSize], "int32")
  const { batch, whole, numbers } = traceBatch(table, rowsOfBatch)
  const loss = lossFor(module, options.loss)
  const { result, outputs } = trace(module, "training", () => traceLoss(loss, batch))

  const places = placesOf(module, outputs, result.minimize)
  const watched = places.flatMap(({ tensors }) => tensors)
  const named = module.namedParameters()
  const parameters = named.map(([, parameter]) => parameter)
  const all = gradients(result.minimize, [...watched, ...parameters])
  const gradientOf = new Map(watched.map((tensor, k) => [tensor, all[k]]))
  const ofParameters = all.slice(watched.length)
  const clipped = clipNorm === undefined ? ofParameters : clipGradNorm(ofParameters, clipNorm).gradients

  /** The leaves of the graph, and what they hold at a step. */
  const leaves: { readonly leaf: Tensor; now(step: DiagnosedStep): ArrayLike<number> }[] = [
    { leaf: rowsOfBatch, now: ({ rows }) => rows },
    ...Object.entries(whole).map(([name, leaf]) => ({ leaf, now: () => numbers[name] })),
    ...module.namedVariables().map(([, variable]) => ({ leaf: variable, now: () => variable.data })),
  ]
  const updated = named.map(([name, parameter], k) => {
    const { optimizer } = groups.find(({ parameters }) => parameters.some(([each]) => each === name))!
    const leafOf = (name: string, shape: Shape, now: (step: DiagnosedStep) => ArrayLike<number>) => {
      const leaf = Tensor.input(name, shape)
      leaves.push({ leaf, now })
      return [name, leaf] as const
    }
    const scalars = Object.fromEntries(
      Object.keys(optimizer.scalars(0, 1)).map((scalar) =>
        leafOf(scalar, [], ({ from, rate = 0.1 }) => [optimizer.scalars(from?.steps ?? 0, rate)[scalar]]),
      ),
    )
    const zeros = new Float32Array(optimizer.moments.length > 0 ? parameter.size : 0)
    const moments = Object.fromEntries(
      optimizer.moments.map((moment) =>
        leafOf(moment, parameter.shape, ({ from }) => from?.moments[moment]?.[name]?.data ?? zeros),
      ),
    )
    const scale = optimizer.gradientScale
    const scaled = scale === undefined ? clipped[k] : clipped[k].mul(scalars[scale])
    const decayed = optimizer.decays === "matrices" ? decayedRows({ now: parameter }) : undefined
    return optimizer.update(parameter, scaled, { scalars, moments, decayed }).parameter
  })

  const joined = (tensors: readonly Tensor[]) => Tensor.concat(tensors.map((each) => each.reshape([-1])))
  const ofPlaces = places.flatMap(({ tensors }) => [
    joined(tensors),
    joined(tensors.map((tensor) => gradientOf.get(tensor)!)),
  ])
  const numbered = <T>(prefix: string, all: readonly T[]) =>
    Object.fromEntries(all.map((each, k) => [`${prefix} ${k}`, each]))
  const compiled = await compile(
    numbered(
      "leaf",
      leaves.map(({ leaf }) => leaf),
    ),
    numbered("output", [result.report.loss, ...ofPlaces, ...ofParameters, ...updated]),
    runtime,
  )
  return {
    async diagnose(step) {
      checkStep(table, step)
      if (step.from) checkMoments(step.from.moments, groups)
      const feeds = numbered(
        "leaf",
        leaves.map(({ now }) => now(step)),
      )
      const [[lossOfBatch], ...found] = Object.values(await compiled.run(feeds))
      const [slopes, after] = [ofPlaces.length, ofPlaces.length + named.length].map((first) =>
        found.slice(first),
      )
      return shownDiagnosis({
        loss: lossOfBatch,
        layers: places.map(({ tensors, flat, ...place }, k) => {
          const activations = Float32Array.from(found[2 * k])
          const gradients = Float32Array.from(found[2 * k + 1])
          return {
            ...place,
            activation: distributionOf(activations),
            gradient: distributionOf(gradients),
            ...stuckOf(flat, activations, tensors[0].shape.at(-1) ?? 1),
            activations,
            gradients,
          }
        }),
        parameters: named.map(([path, parameter], k) => {
          const data = distributionOf(parameter.data)
          const gradient = distributionOf(slopes[k])
          const update = distributionOf(Float64Array.from(parameter.data, (value, i) => after[k][i] - value))
          return {
            path,
            shape: parameter.shape,
            data,
            gradient,
            ...(data.deviation > 0 && {
              gradientToData: gradient.deviation / data.deviation,
              updateToData: Math.log10(update.deviation / data.deviation),
            }),
          }
        }),
      })
    },
    release: compiled.release,
  }
}

const shownDiagnosis = (diagnosis: Diagnosis): Diagnosis =>
  shownAs(diagnosis, {
    text: () => formatDiagnosis(diagnosis),
    async html() {
      const { diagnosisHtml } = await import("./diagnosis-table.ts")
      return diagnosisHtml(diagnosis, columnsOf(diagnosis))
    },
  })

/** Tables of the layers and of the parameters, as text or Markdown. */
export function formatDiagnosis(diagnosis: Diagnosis, { markdown = false, width = Infinity } = {}): string {
  const { names, activations, slopes, ofParameters } = columnsOf(diagnosis)
  const beside = table(rowsOf([names, ...activations, ...slopes]), { markdown })
  const fits = markdown || beside.indexOf("\n") <= width
  return [
    ...(fits
      ? [beside]
      : [activations, slopes].map((columns) => table(rowsOf([names, ...columns]), { width }))),
    table(ofParameters, { markdown, width }),
  ].join("\n\n")
}

/** The rows of a table with these columns. */
export const rowsOf = (columns: readonly (readonly string[])[]): string[][] =>
  columns[0].map((_, row) => columns.map((column) => column[row]))

export type DiagnosisColumns = ReturnType<typeof columnsOf>

/** The columns of the table of layers, each with its head, and the rows of that of parameters. */
function columnsOf({ layers, parameters }: Diagnosis) {
  const part = (x: number | undefined) => (x === undefined ? "" : `${(100 * x).toFixed(1)} %`)
  // One number has no deviation, and an update of 0 no logarithm.
  const shown = (x: number | undefined, show: (x: number) => string) =>
    x === undefined ? "" : Number.isFinite(x) ? show(x) : "-"
  const number = (x: number | undefined, digits = 2) =>
    shown(x, (x) => x.toFixed(digits).replace(/^-(0\.0*)$/, "$1"))
  const small = (x: number | undefined) => shown(x, (x) => x.toExponential(1))
  const saturatedAs = (wanted: string) => (layer: LayerDiagnosis) =>
    part(saturationName(layer) === wanted ? layer.saturated : undefined)
  const names = ["Layer", ...layers.map(layerName)]
  const activations = [
    ["mean", ...layers.map(({ activation }) => number(activation.mean))],
    ["deviation", ...layers.map(({ activation }) => number(activation.deviation))],
    ["saturated", ...layers.map(saturatedAs("saturated"))],
    ["zero", ...layers.map(saturatedAs("zero"))],
    ["dead", ...layers.map(({ dead }) => part(dead))],
  ].filter(([, ...cells]) => cells.some((cell) => cell !== ""))
  const slopes = [
    ["gradient's mean", ...layers.map(({ gradient }) => small(gradient.mean))],
    ["deviation", ...layers.map(({ gradient }) => small(gradient.deviation))],
    ["norm", ...layers.map(({ gradient }) => small(gradient.norm))],
  ]
  const ofParameters = [
    ["Parameter", "shape", "deviation", "gradient's deviation", "gradient : data", "log10 update : data"],
    ...parameters.map(({ path, shape, data, gradient, gradientToData, updateToData }) => [
      path,
      `(${shape.join(", ")})`,
      number(data.deviation, 3),
      small(gradient.deviation),
      small(gradientToData),
      number(updateToData),
    ]),
  ]
  return { names, activations, slopes, ofParameters }
}

/** What an activation with a slope close to 0 is called: that of a ReLU is zero, any other is saturated. */
export const saturationName = ({ type }: Pick<LayerDiagnosis, "type">): "zero" | "saturated" =>
  type.toLowerCase() === "relu" ? "zero" : "saturated"

/** "network.layers.4: Tanh" */
export const layerName = ({ path, type }: Pick<LayerDiagnosis, "path" | "type">): string =>
  path === "" ? type : `${path}: ${type}`

/** A diagnosis without the values for histograms, as JSON. */
export const summaryOf = ({ layers, ...others }: Diagnosis) => ({
  ...others,
  layers: layers.map(({ activations: _, gradients: __, ...layer }) => layer),
})

function stuckOf(flat: Place["flat"], activations: Float32Array, units: number) {
  if (!flat) return {}
  const rows = activations.length / units
  const counts = new Float64Array(units)
  for (const [k, y] of activations.entries()) if (flat(y)) counts[k % units]++
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
