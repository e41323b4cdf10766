/**
 * The layers of the network on one batch, always the same: shapes, activations, gradients, updates. Compiled when it is first asked for, then
 * repeated with the numbers that the network has.
 */
import { histogram, limitOf } from "../../../../src/charts/histograms.ts"
import { summarize } from "../../../../src/nn/summary.ts"
import { Generator } from "../../../../src/random/torch.ts"
import { createOptimizer, createSchedule } from "../../../../src/runs/recipe.ts"
import { Tensor } from "../../../../src/tensor/tensor.ts"
import { type Columns, tableOf } from "../../../../src/training/columns.ts"
import {
  type Distribution,
  type LayerDiagnosis,
  type OpenDiagnosis,
  openDiagnosis,
  type ParameterDiagnosis,
} from "../../../../src/training/diagnostics.ts"
import type { Training } from "../../../../src/training/training.ts"
import { type Live, requireNetwork } from "../live.ts"

/** The values of a layer, or of a nonlinearity in it. */
export interface Values {
  readonly type: string
  readonly activation: Distribution
  readonly gradient: Distribution
  readonly saturated?: number
  readonly dead?: number
  /** How many lie in each of the parts of the range, for a histogram. */
  readonly activations: readonly number[]
  readonly gradients: readonly number[]
}

export interface LayerRow {
  readonly path: string
  readonly type: string
  /** How many modules it is nested in. */
  readonly depth: number
  /** For the rows of a batch; missing if the forward pass does not call it. */
  readonly shape?: readonly number[]
  /** Its own, without those of the modules in it. */
  readonly parameters: number
  /** The largest first. */
  readonly updates: readonly Pick<ParameterDiagnosis, "path" | "shape" | "updateToData">[]
  readonly values: readonly Values[]
}

export interface Diagnosed {
  readonly step: number
  readonly loss: number
  readonly rate: number
  readonly layers: readonly LayerRow[]
  /** The histograms of all layers are over ±limit. */
  readonly limits: { readonly activations: number; readonly gradients: number }
}

const BINS = 81

const opened = new WeakMap<Training, Promise<OpenDiagnosis>>()

export async function diagnose(live: Live, _: Record<string, never>): Promise<Diagnosed> {
  const network = requireNetwork(live)
  const { training, run, runtime, step } = live
  if (!training) throw new Error("a network without a training")
  const { recipe } = run.config
  const { batchSize, clipNorm, seed } = recipe
  const { count } = tableOf(training.data)
  if (!opened.has(training)) {
    const rows = new Generator(seed).randint(0, count, batchSize)
    const options = { batchSize, clipNorm, loss: training.loss, optimizer: createOptimizer(recipe), runtime }
    opened.set(training, openDiagnosis(network, onlyRows(training.data, rows), options))
  }
  const rate = live.rate(createSchedule(recipe)(step))
  const rows = Array.from({ length: batchSize }, (_, k) => k)
  const found = await (await opened.get(training)!).diagnose({ rows, rate, from: training.state() })

  const T = network.contextLength
  const ids = Tensor.input("ids", [batchSize, T], "int32")
  const { layers } = summarize(network, ids, network.conditionInputs(batchSize, T))
  const paths = layers.map(({ path }) => path)
  const ownerOf = (path: string) =>
    paths.reduce((best, each) => (path.startsWith(`${each}.`) && each.length > best.length ? each : best), "")
  const limitOfAll = (of: "activations" | "gradients") =>
    limitOf(found.layers.map((layer) => ({ name: layer.path, numbers: someOf(layer[of]) })))
  const limits = { activations: limitOfAll("activations"), gradients: limitOfAll("gradients") }
  return {
    ...{ step, loss: found.loss, rate, limits },
    layers: layers.map(({ path, type, depth, outputShape, parameters }) => ({
      ...{ path, type, depth, shape: outputShape, parameters },
      updates: found.parameters
        .filter((each) => ownerOf(each.path) === path)
        .sort((a, b) => sizeOf(b) - sizeOf(a))
        .map(({ path, shape, updateToData }) => ({ path, shape, updateToData })),
      values: found.layers.filter((layer) => layer.path === path).map((layer) => valuesOf(layer, limits)),
    })),
  }
}

/** Enough to tell how far they reach. */
const ENOUGH = 2000

function someOf(numbers: Float32Array): Float32Array {
  const every = Math.ceil(numbers.length / ENOUGH)
  return Float32Array.from({ length: Math.ceil(numbers.length / every) }, (_, k) => numbers[k * every])
}

const sizeOf = ({ shape }: ParameterDiagnosis): number => shape.reduce((size, length) => size * length, 1)

/** The data of some rows alone, so that a diagnosis does not carry all of it. */
function onlyRows(data: Columns, rows: ArrayLike<number>): Columns {
  const { columns } = tableOf(data)
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => {
      const { data, shape, starts } = column
      const [, ...row] = shape
      const shortened = [rows.length, ...row]
      if (starts)
        return [name, { ...column, shape: shortened, starts: Int32Array.from(rows, (k) => starts[k]) }]
      const size = row.reduce((size, length) => size * length, 1)
      const kept = data.slice(0, rows.length * size)
      for (let k = 0; k < rows.length; k++)
        kept.set(data.subarray(rows[k] * size, (rows[k] + 1) * size), k * size)
      return [name, { data: kept, shape: shortened }]
    }),
  )
}

function valuesOf(layer: LayerDiagnosis, limits: Diagnosed["limits"]): Values {
  const { type, activation, gradient, saturated, dead, activations, gradients } = layer
  const counts = (numbers: Float32Array, limit: number) =>
    histogram(numbers, limit, BINS).map(({ count }) => count)
  return {
    ...{ type, activation, gradient, saturated, dead },
    activations: counts(activations, limits.activations),
    gradients: counts(gradients, limits.gradients),
  }
}
