/** Every option of training, of its parts and of diagnostics is checked when it is given; the error is a sentence. */
import { describe, expect, test } from "vitest"
import type { Dataset } from "../src/data/index.ts"
import { told, UserError } from "../src/errors.ts"
import { Flat } from "../src/models/index.ts"
import * as nn from "../src/nn/index.ts"
import { adamw, clipGradNorm, constant, cosine, sgd, step } from "../src/optim/index.ts"
import { Generator } from "../src/random/index.ts"
import { mseLoss } from "../src/tensor/functional.ts"
import { Tensor } from "../src/tensor/index.ts"
import {
  type DiagnosisOptions,
  diagnose,
  type EvaluateOptions,
  evaluate,
  learningRateFinder,
  lossPerTarget,
  openEvaluator,
  type RateFinderOptions,
  type Training,
  type TrainOptions,
  train,
} from "../src/training/index.ts"

const [N, T, V] = [10, 3, 5]
const newModel = () =>
  new Flat({ vocabularySize: V, contextLength: T, hidden: 4 }).initialize(new Generator(1))
const symbols = (count: number) => Int32Array.from({ length: count }, (_, k) => k % V)
const data: Dataset = {
  inputs: { data: symbols(N * T), shape: [N, T] },
  targets: { data: symbols(N), shape: [N] },
}
const model = newModel()
const state = train(model, data, { steps: 1 }).state()

/** Numbers that no count and no rate can be, whatever a caller without types gives. */
const noNumbers = [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e39, "8", null, {}] as never[]
const noCounts = [0, 0.5, ...noNumbers]
const runtimes = [
  { threads: 0 },
  { threads: 1e6 },
  { memory: 0 },
  { memory: Number.NaN },
  { provider: "gpu" },
] as never[]

/** Each option with what it cannot be; the types hold it complete. */
const wrong = {
  steps: [0, 0.5, -1, Number.NaN, "8", null, undefined] as never[],
  every: noCounts,
  batchSize: [...noCounts, 1e12],
  optimizer: [null, "adamw", adamw] as never[],
  rate: noNumbers,
  groups: [{ parameters: "0" }, [{ parameters: "nothing" }], [{ parameters: "0", rate: -1 }]] as never[],
  clipNorm: [0, ...noNumbers],
  ema: [1, 1.5, -0.1, Number.NaN, "0.9"] as never[],
  generator: [42, null, {}] as never[],
  batches: [null, 32] as never[],
  from: [null, {}, 3, { ...state, moments: { mean: {} } }] as never[],
  runtime: runtimes,
} satisfies { [Name in keyof Required<TrainOptions>]: readonly TrainOptions[Name][] }

const sentence = /^[\w, ]+: .+: (give|did you mean|its moments) [^\n]+$/

test.each(
  Object.entries(wrong).flatMap(([name, values]) =>
    values.map((value) => [name, told(value), value] as const),
  ),
)("train: %s = %s", async (name, _, value) => {
  const training = async () => train(model, data, { steps: 1, ...{ [name]: value } }).compile()
  const error = await training().catch((error) => error)
  expect(error).toBeInstanceOf(Error)
  expect(error.message).toMatch(sentence)
})

test("valid options are accepted", async () => {
  const options: Required<Omit<TrainOptions, "from">> = {
    ...{ steps: 3, every: 2, batchSize: 2, optimizer: adamw(), rate: 0, groups: [], clipNorm: 1e9, ema: 0 },
    ...{
      generator: new Generator(1),
      batches: (g, n, b) => ({ ...ones(b), next: (k = 1) => g.randint(0, n, k * b) }),
    },
    runtime: { threads: 1, memory: 1, provider: "cpu" },
  }
  const training = train(newModel(), data, options)
  const steps = []
  for await (const { step } of training) steps.push(step)
  expect(steps).toEqual([2, 3])
  await training.release()
})
const ones = (batchSize: number) => ({ batchSize, getState: () => null, setState() {} })

describe("the parts of a training", () => {
  test.each<[string, () => unknown]>([
    ["sgd: momentum = 1", () => sgd({ momentum: 1 })],
    ["sgd: weightDecay = -1", () => sgd({ weightDecay: -1 })],
    ["sgd: weightDecay = 1e+39", () => sgd({ weightDecay: 1e39 })],
    ["adamw: beta1 = 1", () => adamw({ betas: [1, 0.999] })],
    ["adamw: beta2 = NaN", () => adamw({ beta2: Number.NaN })],
    ["adamw: eps = -1", () => adamw({ eps: -1 })],
    ["adamw: eps = 1e+39", () => adamw({ eps: 1e39 })],
    ["adamw: weightDecay = Infinity", () => adamw({ weightDecay: Infinity })],
    ["constant: rate = NaN", () => constant(Number.NaN)],
    ["constant: rate = 1e+39", () => constant(1e39)],
    ["step: rate = -1", () => step(-1, { steps: 10 })],
    ["step: gamma = -1", () => step(1, { steps: 10, gamma: -1 })],
    ["step: milestones = [0.5]", () => step(1, { milestones: [0.5] })],
    ["cosine: rate = Infinity", () => cosine(Infinity, { steps: 10 })],
    ["cosine: minimum = NaN", () => cosine(1, { steps: 10, minimum: Number.NaN })],
    ["cosine: warmup = -1", () => cosine(1, { steps: 10, warmup: -1 })],
    ["cosine: steps = 0", () => cosine(1, { steps: 0 })],
    ["clipGradNorm: maxNorm = 0", () => clipGradNorm([Tensor.input("g", [2])], 0)],
    ["clipGradNorm: maxNorm = NaN", () => clipGradNorm([Tensor.input("g", [2])], Number.NaN)],
  ])("%s", (beginning, make) => {
    expect(make).toThrow(RangeError)
    expect(make).toThrow(`${beginning}: give `)
  })

  test("clipping divides by the norm and 1e-6, as PyTorch's clip_grad_norm_ does", () => {
    const clipped = (...[gradient, maxNorm]: [number[], number]) =>
      Array.from(clipGradNorm([Tensor.constant(gradient)], maxNorm).gradients[0].values())
    expect(clipped([1e-6], 1e-6)[0]).toBeCloseTo(0.5e-6, 12)
    expect(clipped([0, 0], 1)).toEqual([0, 0])
    const [a, b] = clipped([3, 4], 1)
    expect([a, b]).toEqual([expect.closeTo(0.6 / (1 + 2e-7), 12), expect.closeTo(0.8 / (1 + 2e-7), 12)])
    expect(clipped([0.3, 0.4], 1)).toEqual([0.3, 0.4])
  })

  test("a schedule that gives an invalid rate fails at that step", async () => {
    const training = train(newModel(), data, { steps: 5, rate: (step) => (step < 3 ? 0.1 : Number.NaN) })
    await training.advance(3)
    await expect(training.advance(5)).rejects.toThrow("schedule, step 3: rate = NaN: give a number from 0 to")
    expect(training.step).toBe(3)
    await training.release()
  })
})

describe("evaluation and diagnostics", () => {
  const noDiagnosis = {
    rows: [[], [N], [-1], [0.5]],
    rate: noNumbers,
    clipNorm: [0, ...noNumbers],
    from: [{ ...state, moments: { mean: {} } }],
    runtime: runtimes,
  } satisfies { [Name in keyof Omit<Required<DiagnosisOptions>, "optimizer">]: readonly unknown[] }
  const noEvaluation = { batchSize: [...noCounts, 1e12], runtime: runtimes } satisfies {
    [Name in keyof Omit<Required<EvaluateOptions>, "onProgress" | "signal">]: readonly unknown[]
  }
  const noFinding = {
    ...{ lowest: [0, 20, ...noNumbers], highest: [0, 1e-5, ...noNumbers], steps: [1, 1e6, ...noCounts] },
    ...{ batchSize: wrong.batchSize, optimizer: wrong.optimizer, clipNorm: wrong.clipNorm },
    ...{ generator: wrong.generator, batches: wrong.batches, runtime: runtimes },
  } satisfies { [Name in keyof Required<RateFinderOptions>]: readonly unknown[] }

  const cases = (
    [
      [(options) => diagnose(model, data, { rows: [0, 1], ...options }), noDiagnosis],
      [(options) => evaluate(model, data, options), noEvaluation],
      [(options) => learningRateFinder(model, data, options), noFinding],
    ] as [(options: object) => Promise<unknown>, Record<string, readonly unknown[]>][]
  ).flatMap(([look, all]) =>
    Object.entries(all).flatMap(([name, values]) =>
      values.map((value) => [name, told(value), value, look] as const),
    ),
  )
  test.each(cases)("%s = %s", async (name, _, value, look) => {
    const error = (await look({ [name]: value }).catch((error) => error)) as Error
    expect(error).toBeInstanceOf(Error)
    expect(error.message).toMatch(/^[^:\n]+: [^\n]*(give|its moments) [^\n]+$/)
  })
})

test.each<[string, (options: object) => unknown]>([
  ["train", (options) => train(model, data, { steps: 1, ...options })],
  ["evaluate", (options) => evaluate(model, data, options)],
  ["evaluate", (options) => lossPerTarget(model, data, options)],
  ["diagnose", (options) => diagnose(model, data, { rows: [0], ...options })],
  ["learningRateFinder", (options) => learningRateFinder(model, data, options)],
])("%s refuses an option that it does not have", async (name, call) => {
  for (const option of ["stepz", "schedule", "seed"]) {
    const calling = (async () => call({ [option]: 1 }))()
    await expect(calling).rejects.toThrow(UserError)
    await expect(calling).rejects.toThrow(`${name}: there is no option ${option}: it has `)
  }
})

test("required options that are missing are named", async () => {
  const none = undefined as never
  expect(() => train(model, data, none)).toThrow("train: steps = undefined: give the number of steps")
  await expect(diagnose(model, data, none)).rejects.toThrow("diagnose: rows = []: give row numbers")
})

describe("a training and its module", () => {
  class Line extends nn.Module {
    readonly layer = new nn.Linear(1, 1)
    forward(x: Tensor): Tensor {
      return this.layer.forward(x)
    }
  }
  const x = { data: Float32Array.of(0, 1, 2, 3), shape: [4, 1] }
  const y = { data: Float32Array.of(1, 3, 5, 7), shape: [4, 1] }

  async function all(training: Training): Promise<readonly number[]> {
    const losses = []
    for await (const each of training) losses.push(...each.losses)
    await training.release()
    return losses
  }

  test("averages are ema times the average and the rest of the parameter, from the first values on", async () => {
    const ema = 0.75
    const module = new Line().initialize(new Generator(1))
    const steps = train(
      module,
      { x, y },
      {
        ...{ steps: 4, every: 1, batchSize: 4, ema },
        loss: (batch: Record<string, Tensor>) => mseLoss(module.forward(batch.x), batch.y),
      },
    )
    let [average] = module.layer.weight.data
    for await (const _ of steps) average = ema * average + (1 - ema) * module.layer.weight.data[0]
    expect(steps.state().averages?.["layer.weight"].data[0]).toBeCloseTo(average, 5)
    await steps.release()
  })

  test("an evaluator that is opened once follows the training", async () => {
    const model = newModel()
    const evaluator = await openEvaluator(model, data, { batchSize: 3 })
    const training = train(model, data, { steps: 2 })
    const losses: number[] = []
    for (const to of [1, 2]) {
      await training.advance(to)
      losses.push(await evaluator.loss())
      expect(losses.at(-1)).toBe(await evaluate(model, data, { batchSize: 3 }))
      expect(await evaluator.lossPerTarget()).toEqual(await lossPerTarget(model, data, { batchSize: 3 }))
    }
    expect(losses[0]).not.toBe(losses[1])
    await evaluator.release()
  })

  test("two trainings may alternate on a module, but not step at once", async () => {
    const module = newModel()
    const [one, other] = [0.1, 0.2].map((rate) => train(module, data, { steps: 9, rate }))
    await one.advance(1)
    await other.advance(2)
    const running = one.advance(3)
    await expect(other.advance(4)).rejects.toThrow(/of this training or another.*await it first/)
    await running
    await other.advance(4)
    await Promise.all([one.release(), other.release()])
  })

  test("a released training says how to go on, and still has its state and its graph", async () => {
    const training = train(newModel(), data, { steps: 9 })
    await training.advance(2)
    const model = await training.compile()
    await training.release()
    await training.release()
    expect(await training.compile()).toBe(model)
    await expect(training.advance(3)).rejects.toThrow(
      /was released: begin another, with { from: training\.state\(\) }/,
    )
    expect(training.state().steps).toBe(2)
  })

  test("columns and reports may have any name", async () => {
    const names = ["loss", "rate", "rows", "layer.weight", "now/layer.weight", "next/layer.weight"]
    const others = ["after/layer.weight", "all/loss", "of step/loss", "y", "row of rows", "training"]
    const found = []
    for (const name of [...names, ...others]) {
      const module = new Line().initialize(new Generator(1))
      const loss = (batch: Record<string, Tensor>) => {
        const off = mseLoss(module.forward(batch.x), batch[name])
        return { minimize: off, report: { "layer.weight": off, rate: off, rows: off } }
      }
      found.push(await all(train(module, { x, [name]: y }, { steps: 5, batchSize: 2, loss })))
    }
    for (const losses of found) expect(losses).toEqual(found[0])
  })

  test("a loss need not read the data, nor the module", async () => {
    const module = new Line().initialize(new Generator(1))
    const ofWeight = () => module.layer.weight.square().mean()
    const [first, ...others] = await all(train(module, { x, y }, { steps: 3, loss: ofWeight }))
    for (const each of others) expect(each).toBeLessThan(first)
    expect(await evaluate(module, { x, y }, { loss: ofWeight })).toBeCloseTo(others[1] * 0.8 ** 2, 5)
    expect(await all(train(module, { x, y }, { steps: 2, loss: () => Tensor.scalar(2) }))).toEqual([2, 2])
  })
})
