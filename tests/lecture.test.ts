/** The lecture's network, number for number what PyTorch printed: the last row of its performance log. */
import { beforeAll, describe, expect, test } from "vitest"
import type { Dataset } from "../src/data/index.ts"
import { WaveNet } from "../src/models/wavenet.ts"
import { trace } from "../src/nn/trace.ts"
import { Generator } from "../src/random/index.ts"
import { compile } from "../src/runtime/compile.ts"
import { crossEntropy } from "../src/tensor/functional.ts"
import { gradients } from "../src/tensor/gradients.ts"
import { interpret } from "../src/tensor/interpreter.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { train } from "../src/training/train.ts"
import {
  dataFolder,
  lectureData,
  lectureNetwork,
  lectureRun,
  lossesInDoublePrecision,
  type Summary,
} from "./golden.ts"

/** PyTorch's names of the notebook's own layers: layers.3.BatchNorm1d.gamma is network.layers.3.weight here. */
const nameOf = (name: string) =>
  `network.${name
    .replace(/\.[A-Z]\w*\./, ".")
    .replace("gamma", "weight")
    .replace("beta", "bias")}`

/** Equal to PyTorch's, relative to the largest number that the summary shows. */
function expectSummary(data: ArrayLike<number>, summary: Summary, tolerance: number) {
  const numbers = Array.from(data)
  const sum = numbers.reduce((a, b) => a + b, 0)
  const absolute = numbers.reduce((a, b) => a + Math.abs(b), 0)
  expect(numbers.length).toBe(summary.shape.reduce((a, b) => a * b, 1))
  expect(Math.abs(absolute - summary.abs_sum)).toBeLessThanOrEqual(tolerance * summary.abs_sum)
  expect(Math.abs(sum - summary.sum)).toBeLessThanOrEqual(tolerance * summary.abs_sum)
  const shown = [...numbers.slice(0, 5), ...numbers.slice(-5)]
  const wanted = [...summary.first5, ...summary.last5]
  const scale = Math.max(...wanted.map(Math.abs), summary.abs_sum / numbers.length)
  for (const [k, value] of wanted.entries())
    expect(Math.abs(shown[k] - value)).toBeLessThanOrEqual(tolerance * scale)
}

describe.skipIf(!dataFolder)("the lecture on names.txt", () => {
  const golden = lectureNetwork()
  let data: Dataset
  let model: WaveNet
  let random: Generator
  /** ids (32, 8) and targets (32) of the first batch. */
  let ids: Tensor
  let targets: Tensor

  beforeAll(() => {
    data = lectureData().train
    random = new Generator(42)
    model = new WaveNet({ vocabularySize: 27 }).initialize(random)
    const rows = golden.first_batch_ix
    const [, T] = data.inputs.shape
    ids = Tensor.constant(
      rows.flatMap((row) => Array.from(data.inputs.data.subarray(row * T, (row + 1) * T))),
      [32, T],
      "int32",
    )
    targets = Tensor.constant(
      rows.map((row) => data.targets.data[row]),
      [32],
      "int32",
    )
  })

  test("initial values", () => {
    expect(model.parameterCount).toBe(golden.n_params)
    const parameters = Object.fromEntries(model.namedParameters())
    expect(Object.keys(parameters)).toEqual(Object.keys(golden.init).map(nameOf))
    for (const [name, summary] of Object.entries(golden.init))
      expectSummary(parameters[nameOf(name)].data, summary, 2e-6)
  })

  test("the rows of the first batch", () => {
    const stream = new Generator(42)
    new WaveNet({ vocabularySize: 27 }).initialize(stream)
    expect(Array.from(stream.randint(0, data.inputs.shape[0], 32))).toEqual(golden.first_batch_ix)
  })

  test("every layer's output", () => {
    let x = ids
    for (const [k, [name, summary]] of Object.entries(golden.layer_outputs).entries()) {
      const layer = model.network.layers[k]
      expect(`layers.${k}.${layer.constructor.name}`).toBe(name)
      x = layer.forward(x)
      expect(x.shape).toEqual(summary.shape)
      expectSummary(x.values(), summary, 1e-5)
      // What came out so far is a leaf of what follows, as numbers.
      x = Tensor.constant(x.values(), x.shape)
    }
    const logits = Array.from(x.values().subarray(0, 27))
    for (const [v, logit] of golden.first_batch_logits_row0.entries()) expect(logits[v]).toBeCloseTo(logit, 5)
  })

  test("the loss, every gradient and every buffer, interpreted and compiled", async () => {
    const traced = trace(model, "training", () => crossEntropy(model.forward(ids), targets))
    const loss = traced.result
    const names = model.namedParameters().map(([name]) => name)
    const wrt = gradients(loss, model.parameters())
    const buffers = Object.fromEntries(
      model.namedBuffers().map(([name, buffer]) => [name, traced.buffers.get(buffer)!]),
    )

    const inDouble = interpret([loss, ...wrt])
    expect(inDouble[0][0]).toBeCloseTo(golden.first_batch_loss, 6)
    for (const [name, summary] of Object.entries(golden.grads_float64))
      expectSummary(inDouble[1 + names.indexOf(nameOf(name))], summary, 1e-5)

    const inputs = Object.fromEntries([...model.namedParameters(), ...model.namedBuffers()])
    const compiled = await compile(inputs, {
      loss,
      ...Object.fromEntries(wrt.map((gradient, k) => [`gradient of ${names[k]}`, gradient])),
      ...Object.fromEntries(Object.entries(buffers).map(([name, next]) => [`next ${name}`, next])),
    })
    const got = await compiled.run(
      Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, data])),
    )
    expect(Number(got.loss[0])).toBeCloseTo(golden.first_batch_loss, 6)
    for (const [name, summary] of Object.entries(golden.grads))
      expectSummary(got[`gradient of ${nameOf(name)}`], summary, 1e-5)
    for (const [layer, { running_mean, running_var }] of Object.entries(golden.bn_buffers_after_step0)) {
      expectSummary(got[`next network.${layer}.runningMean`], running_mean, 1e-5)
      expectSummary(got[`next network.${layer}.runningVar`], running_var, 1e-5)
    }
  })

  test("the first 1,000 losses, and the parameters on the way", { timeout: 60_000 }, async () => {
    const losses: number[] = []
    const training = train(model, data, { steps: 1000, generator: random, rate: 0.1 })
    const checkParameters = (expected: Record<string, Summary>) => {
      const parameters = Object.fromEntries(model.namedParameters())
      for (const [name, summary] of Object.entries(expected))
        expectSummary(parameters[nameOf(name)].data, summary, 1e-5)
    }
    losses.push(...(await training.advance(1)).losses)
    checkParameters(golden.params_after_step0)
    losses.push(...(await training.advance(100)).losses)
    checkParameters(golden.params_after_step99)
    losses.push(...(await training.advance(1000)).losses)
    const worst = (wanted: readonly number[]) =>
      Math.max(...wanted.map((loss, k) => Math.abs(loss - losses[k])))
    expect(losses.length).toBe(1000)
    expect(worst(lectureRun().first1000_losses)).toBeLessThan(1e-5)
    expect(worst(lossesInDoublePrecision())).toBeLessThan(1e-5)
  })
})
