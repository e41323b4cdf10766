/**
 * The lecture's step as one ONNX model with every gradient derived and every node chosen by hand: how fast ONNX Runtime
 * can be made to train this network, and so what a graph from generic gradients is measured against.
 *
 * The step is the body of a Scan: parameters are its state, and 100 steps run in one call. What depends on no parameter
 * (the batches' rows, the targets' one-hot rows, the rates) is gathered for all the steps before the Scan.
 *
 * Shapes at the end of the line: n rows of a layer, which are 128, 64 and 32 of 32 names, and C channels.
 */

import { InferenceSession, Tensor } from "onnxruntime-node"
import type { Contender } from "../benchmark.ts"
import {
  batchSize,
  context,
  embedding,
  hidden,
  lectureRows,
  lectureStart,
  vocabulary,
} from "../lecture-data.ts"
import { Graph, model, type Value, valueInfo } from "./onnx.ts"

const stepsPerCall = 100
const epsilon = 1e-5
const momentum = 0.1
const rate = 0.1

const rowsOf = [128, 64, 32]
const widthOf = [2 * embedding, 2 * hidden, 2 * hidden]

/** The state in the order of the Scan. The running means and variances of the three layers are one vector. */
const state: Record<string, readonly number[]> = {
  embedding: [vocabulary, embedding],
  weight0: [widthOf[0], hidden],
  weight1: [widthOf[1], hidden],
  weight2: [widthOf[2], hidden],
  head: [hidden, vocabulary],
  headBias: [1, vocabulary],
  gamma0: [1, hidden],
  beta0: [1, hidden],
  gamma1: [1, hidden],
  beta1: [1, hidden],
  gamma2: [1, hidden],
  beta2: [1, hidden],
  running: [1, 6 * hidden],
}
const names = Object.keys(state)

export const handWrittenOnnx: Contender = {
  name: "hand-written ONNX graph",
  atLeast: 1 / 1.1,

  async prepare() {
    const rows = await lectureRows()
    const { matrices, batches } = lectureStart(rows.inputs.shape[0])
    const { bytes, nodes } = trainingModel()
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 })

    const feeds: Record<string, Tensor> = {
      inputs: new Tensor("int32", rows.inputs.data, rows.inputs.shape),
      targets: new Tensor("int32", rows.targets.data, rows.targets.shape),
    }
    for (const [name, values] of Object.entries(initialState(matrices)))
      feeds[name] = new Tensor("float32", values, state[name])

    async function call(steps: number): Promise<Float32Array> {
      feeds.rows = new Tensor("int32", batches.next(steps), [steps, batchSize])
      feeds.rates = new Tensor("float32", new Float32Array(steps).fill(rate), [steps])
      const results = await session.run(feeds)
      for (const name of names) feeds[name] = results[`${name}'`] as Tensor
      return results.losses.data as Float32Array
    }

    return {
      losses: [...(await call(stepsPerCall))],
      async run(steps) {
        for (let done = 0; done < steps; done += stepsPerCall)
          await call(Math.min(stepsPerCall, steps - done))
      },
      notes: [`${nodes} nodes a step, ${stepsPerCall} steps a call, 1 thread, ${rows.source}`],
      close: () => session.release(),
    }
  },
}

function initialState(matrices: readonly Float32Array[]): Record<string, Float32Array> {
  const values: Record<string, Float32Array> = {}
  for (const [name, shape] of Object.entries(state)) values[name] = new Float32Array(shape[0] * shape[1])
  for (const [i, name] of ["embedding", "weight0", "weight1", "weight2", "head"].entries())
    values[name] = matrices[i]
  for (const i of [0, 1, 2]) {
    values[`gamma${i}`].fill(1)
    values.running.fill(1, (2 * i + 1) * hidden, (2 * i + 2) * hidden)
  }
  return values
}

/** (inputs, targets, rows (K, 32), rates (K), state) -> (new state, losses (K)) */
function trainingModel(): { bytes: Uint8Array; nodes: number } {
  const graph = new Graph("m")
  const oneHotRows = graph.floats([vocabulary, vocabulary], identityMatrix(vocabulary))

  // A row of ids a step as ScatterND wants them, which Gather takes as well: one column of int64.
  const ids = graph.node("Cast", [graph.node("Gather", ["inputs", "rows"])], { to: 7 }) // (K, 32, 8)
  const idColumns = graph.node("Reshape", [ids, graph.integers(0, batchSize * context, 1)]) // (K, 256, 1)
  const oneHotTargets = graph.node("Gather", [oneHotRows, graph.node("Gather", ["targets", "rows"])]) // (K, 32, 27)
  const ratesByBatch = graph.node("Mul", ["rates", graph.floats([], 1 / batchSize)]) // (K)

  const body = new Graph("s")
  const { next, loss } = step(body, "ids", "oneHotTargets", "rateByBatch")
  const scanned = body.build(
    "step",
    [
      ...names.map((name) => valueInfo(name, "FLOAT", state[name])),
      valueInfo("ids", "INT64", [batchSize * context, 1]),
      valueInfo("oneHotTargets", "FLOAT", [batchSize, vocabulary]),
      valueInfo("rateByBatch", "FLOAT", []),
    ],
    [...names.map((name) => valueInfo(next[name], "FLOAT", state[name])), valueInfo(loss, "FLOAT", [])],
  )
  graph.nodeTo(
    [...names.map((name) => `${name}'`), "sums"],
    "Scan",
    [...names, idColumns, oneHotTargets, ratesByBatch],
    { body: scanned, num_scan_inputs: 3 },
  )
  graph.nodeTo(["losses"], "Mul", ["sums", graph.floats([], -1 / batchSize)])

  const built = graph.build(
    "steps",
    [
      valueInfo("inputs", "INT32", ["N", context]),
      valueInfo("targets", "INT32", ["N"]),
      valueInfo("rows", "INT32", ["K", batchSize]),
      valueInfo("rates", "FLOAT", ["K"]),
      ...names.map((name) => valueInfo(name, "FLOAT", state[name])),
    ],
    [
      ...names.map((name) => valueInfo(`${name}'`, "FLOAT", state[name])),
      valueInfo("losses", "FLOAT", ["K"]),
    ],
  )
  return { bytes: model(built), nodes: body.size }
}

/** Forward, backward, update. `loss` is the sum of the targets' log-probabilities. */
function step(graph: Graph, ids: Value, oneHotTargets: Value, rateByBatch: Value) {
  const next: Record<string, Value> = {}
  const updates: (() => void)[] = []
  const { add, subtract, multiply, divide, reshape, product, columnSum } = operators(graph)

  const characters = graph.node("Gather", ["embedding", ids]) // (256, 1, 24)
  let x = reshape(characters, rowsOf[0], widthOf[0])
  const layers = rowsOf.map((n, i) => {
    const y = product(x, `weight${i}`) // (n, C)
    const mean = columnSum(y, n, 1 / n) // (1, C)
    const centered = subtract(y, mean)
    const variance = columnSum(multiply(centered, centered), n, 1 / (n - 1)) // (1, C)
    const shifted = add(variance, graph.floats([], epsilon))
    const deviation = graph.node("Sqrt", [shifted])
    const scale = divide(`gamma${i}`, deviation)
    const h = graph.node("Tanh", [add(multiply(centered, scale), `beta${i}`)]) // (n, C)
    const layer = { x, mean, centered, variance, shifted, deviation, scale, h }
    if (i < 2) x = reshape(h, n / 2, 2 * hidden)
    return layer
  })
  const last = layers[2].h // (32, C)
  const logits = graph.node("Gemm", [last, "head", "headBias"]) // (32, 27)
  const logProbabilities = graph.node("LogSoftmax", [logits])
  const loss = graph.node("ReduceSum", [multiply(logProbabilities, oneHotTargets)], { keepdims: 0 })

  // From here on every gradient is times the rate, so that an update is a plain difference.
  const error = subtract(graph.node("Exp", [logProbabilities]), oneHotTargets)
  const dLogits = multiply(error, rateByBatch) // (32, 27)
  const update = (name: string, value: () => Value) =>
    updates.push(() => {
      next[name] = value()
    })
  const updateWeight = (name: string, input: Value, g: Value) =>
    update(name, () => graph.node("Gemm", [input, g, name], { transA: 1, alpha: { float: -1 } }))
  updateWeight("head", last, dLogits)
  update("headBias", () => columnSum(dLogits, batchSize, -1, "headBias"))
  let dh = product(dLogits, "head", { transB: 1 }) // (32, C)

  for (const i of [2, 1, 0]) {
    const n = rowsOf[i]
    const { x, centered, shifted, deviation, scale, h } = layers[i]
    const g = multiply(dh, subtract(graph.floats([], 1), multiply(h, h))) // (n, C)
    const mean = columnSum(g, n, 1 / n) // (1, C)
    const alongside = columnSum(multiply(g, centered), n, 1 / (n - 1)) // (1, C)
    update(`beta${i}`, () => axpy(graph, -n, mean, `beta${i}`))
    update(`gamma${i}`, () => axpy(graph, 1 - n, divide(alongside, deviation), `gamma${i}`))
    const spread = multiply(centered, divide(alongside, shifted))
    const dy = multiply(subtract(subtract(g, spread), mean), scale) // (n, C)
    updateWeight(`weight${i}`, x, dy)
    if (i > 0) dh = reshape(product(dy, `weight${i}`, { transB: 1 }), 2 * n, hidden)
    else {
      // ScatterND can add and not subtract.
      const minusDx = product(dy, `weight${i}`, { transB: 1, alpha: { float: -1 } })
      const byCharacter = reshape(minusDx, batchSize * context, embedding) // (256, 24)
      update("embedding", () =>
        graph.node("ScatterND", ["embedding", ids, byCharacter], { reduction: "add" }),
      )
    }
  }
  update("running", () => {
    const all = graph.node(
      "Concat",
      layers.flatMap(({ mean, variance }) => [mean, variance]),
      { axis: 1 },
    )
    return axpy(graph, momentum, all, "running", 1 - momentum)
  })

  // ONNX Runtime works its way back from the node that was written last. So the first update is written last, and each
  // runs when what it reads has just been computed.
  for (const write of updates.reverse()) write()
  return { next, loss }
}

function operators(graph: Graph) {
  return {
    add: (a: Value, b: Value) => graph.node("Add", [a, b]),
    subtract: (a: Value, b: Value) => graph.node("Sub", [a, b]),
    multiply: (a: Value, b: Value) => graph.node("Mul", [a, b]),
    divide: (a: Value, b: Value) => graph.node("Div", [a, b]),
    reshape: (x: Value, ...shape: number[]) => graph.node("Reshape", [x, graph.integers(...shape)]),
    product: (a: Value, b: Value, attributes = {}) => graph.node("Gemm", [a, b], attributes),
    /** factor Σ x over the rows (+ addend). The factor stands in the row, since Gemm is twice as slow with an alpha. */
    columnSum: (x: Value, rows: number, factor: number, addend?: Value) =>
      graph.node("Gemm", [graph.floats([1, rows], factor), x, ...(addend ? [addend] : [])]),
  }
}

/** a x + b y of vectors (1, N) */
function axpy(graph: Graph, a: number, x: Value, y: Value, b = 1): Value {
  return graph.node("Gemm", [graph.floats([1, 1], a), x, y], b === 1 ? {} : { beta: { float: b } })
}

function identityMatrix(size: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0))
}
