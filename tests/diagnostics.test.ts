/** What is seen inside a network: by hand, against PyTorch's numbers of the lecture, and against the step that training takes. */
import { describe, expect, test } from "vitest"
import { type Batches, type Dataset, Vocabulary } from "../src/data/index.ts"
import { Model, models } from "../src/models/index.ts"
import { Embedding, Flatten, ReLU, Sequential, Sigmoid, Tanh } from "../src/nn/index.ts"
import { adamw, sgd } from "../src/optim/index.ts"
import { Generator } from "../src/random/index.ts"
import { textRows } from "../src/runs/text-rows.ts"
import type { Tensor } from "../src/tensor/index.ts"
import {
  diagnose,
  distributionOf,
  formatDiagnosis,
  layerName,
  openDiagnosis,
  summaryOf,
} from "../src/training/diagnostics.ts"
import { train } from "../src/training/train.ts"
import { dataFolder, lectureData, lectureNetwork } from "./golden.ts"

test("numbers in short", () => {
  expect(distributionOf([1, 2, 3, 4])).toEqual({
    mean: 2.5,
    deviation: Math.sqrt(5 / 3),
    norm: Math.sqrt(30),
  })
  expect(distributionOf([-3, -3])).toEqual({ mean: -3, deviation: 0, norm: Math.sqrt(18) })
  expect(distributionOf([7])).toEqual({ mean: 7, deviation: Number.NaN, norm: 7 })
})

/** A symbol's two numbers, what of them is positive, are the logits of the next: small enough to work out on paper. */
class OnPaper extends Model {
  readonly reads = "windows"
  readonly config = { vocabularySize: 2, contextLength: 1 }
  readonly network: Sequential = new Sequential([new Embedding(2, 2), new Flatten(), new ReLU()])

  forward(ids: Tensor): Tensor {
    return this.network.forward(ids)
  }
}

describe("a network on paper", () => {
  const model = new OnPaper()
  model.parameters()[0].data = Float32Array.of(1, -1, 2, -3)
  const data: Dataset = {
    inputs: { data: Int32Array.of(1, 0, 0), shape: [3, 1] },
    targets: { data: Int32Array.of(1, 1, 0), shape: [3] },
  }
  // Row 2 is symbol 0 with logits 1, 0 and target 0; row 0 is symbol 1 with logits 2, 0 and target 1.
  const p = 1 / (1 + Math.exp(-1))
  const q = 1 / (1 + Math.exp(-2))
  const diagnosis = diagnose(model, data, { rows: [2, 0], rate: 0.5 })

  test("its loss, and its layers in the order of the forward pass", async () => {
    const { loss, layers } = await diagnosis
    expect(loss).toBeCloseTo((-Math.log(p) - Math.log(1 - q)) / 2, 6)
    expect(layers.map(layerName)).toEqual(["network.layers.0: Embedding", "network.layers.2: ReLU"])
  })

  test("activations, and how many of them are stuck", async () => {
    const [embedding, relu] = (await diagnosis).layers
    expect(Array.from(embedding.activations)).toEqual([1, -1, 2, -3])
    expect(embedding.saturated).toBeUndefined()
    expect(Array.from(relu.activations)).toEqual([1, 0, 2, 0])
    expect(relu).toMatchObject({ saturated: 0.5, dead: 0.5, activation: distributionOf([1, 0, 2, 0]) })
  })

  test("gradients: p - 1 of the target, p of the others, over the rows; none where the slope is 0", async () => {
    const [embedding, relu] = (await diagnosis).layers
    const expected = [(p - 1) / 2, (1 - p) / 2, q / 2, -q / 2]
    for (const [k, g] of expected.entries()) expect(relu.gradients[k]).toBeCloseTo(g, 6)
    for (const [k, g] of expected.entries())
      expect(embedding.gradients[k]).toBeCloseTo(k % 2 === 0 ? g : 0, 6)
    expect(relu.gradient.mean).toBeCloseTo(0, 6)
  })

  test("ratios of deviations: gradient to data, and log10 of update to data", async () => {
    const [weight] = (await diagnosis).parameters
    const gradient = distributionOf([(p - 1) / 2, 0, q / 2, 0]).deviation
    const numbers = distributionOf([1, -1, 2, -3]).deviation
    expect(weight).toMatchObject({ path: "network.layers.0.weight", shape: [2, 2] })
    expect(weight.gradientToData).toBeCloseTo(gradient / numbers, 6)
    expect(weight.updateToData).toBeCloseTo(Math.log10((0.5 * gradient) / numbers), 5)
  })

  test("an update of 0 is a dash in the table", async () => {
    const { parameters, ...others } = await diagnosis
    const still = parameters.map((each) => ({ ...each, updateToData: -Infinity }))
    expect(formatDiagnosis({ ...others, parameters: still })).toMatch(/\(2, 2\) .* -$/m)
  })

  test("as tables, and as JSON without what histograms are of", async () => {
    const text = formatDiagnosis(await diagnosis)
    expect(text).toMatch(/^Layer +mean +deviation +zero +dead +gradient's mean +deviation +norm\n/)
    expect(text).toMatch(/\nnetwork\.layers\.2: ReLU +0\.75 +0\.96 +50\.0 % +50\.0 % /)
    expect(text).toMatch(/\n\nParameter +shape [^\n]*\nnetwork\.layers\.0\.weight +\(2, 2\) +2\.217 /)
    expect(formatDiagnosis(await diagnosis, { markdown: true })).toMatch(
      /\n\| network\.layers\.2: ReLU \| 0\.75 /,
    )
    const narrow = formatDiagnosis(await diagnosis, { width: 80 })
    expect(narrow).toMatch(
      /^Layer +mean +deviation +zero +dead\n[\s\S]*\n\nLayer +gradient's mean +deviation +norm\n/,
    )
    expect(Math.max(...narrow.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(80)
    const json = JSON.parse(JSON.stringify(summaryOf(await diagnosis)))
    expect(json.layers[1]).toEqual({
      path: "network.layers.2",
      type: "ReLU",
      activation: distributionOf([1, 0, 2, 0]),
      gradient: expect.objectContaining({ norm: expect.any(Number) }),
      saturated: 0.5,
      dead: 0.5,
    })
  })
})

test.each([
  ["Tanh", new Tanh(), 1],
  ["Sigmoid", new Sigmoid(), 2], // σ(2 x) = (1 + tanh x) / 2
])("%s is saturated beyond 0.97 of tanh, on both sides", async (_, layer, factor) => {
  class Squashed extends OnPaper {
    override readonly network = new Sequential([new Embedding(2, 2), new Flatten(), layer])
  }
  const model = new Squashed()
  // tanh 2 = 0.964 and tanh 2.2 = 0.976
  model.parameters()[0].data = Float32Array.of(2.2, -2, -2.2, 2).map((x) => x * factor)
  const data = {
    inputs: { data: Int32Array.of(0, 1), shape: [2, 1] },
    targets: { data: Int32Array.of(0, 1), shape: [2] },
  }
  const { layers } = await diagnose(model, data, { rows: [0, 1] })
  expect(layers[1]).toMatchObject({ saturated: 0.5, dead: 0.5 })
  model.parameters()[0].data = Float32Array.of(2.2, -2, 2, -2.2).map((x) => x * factor)
  expect((await diagnose(model, data, { rows: [0, 1] })).layers[1]).toMatchObject({ saturated: 0.5, dead: 0 })
})

const lines = ["abc", "cab", "bb", "acca", "b", "cbca"]
const vocabulary = Vocabulary.from(lines)
const small = { vocabularySize: 4, contextLength: 8, embedding: 4, hidden: 6, layers: 2, heads: 2 }
const names = Object.keys(models) as (keyof typeof models)[]

function smallModel(name: keyof typeof models): { model: Model; data: Dataset } {
  const Class: new (settings: typeof small) => Model = models[name]
  const model = new Class(small).initialize(new Generator(5))
  return { model, data: textRows(model, { lines }, { vocabulary }) }
}

const rows = [3, 1, 4, 1, 5]
/** Batches of the same rows for ever. */
const always = (): Batches => ({
  batchSize: rows.length,
  next: (steps = 1) => Int32Array.from({ length: steps * rows.length }, (_, k) => rows[k % rows.length]),
  getState: () => null,
  setState() {},
})

describe.each(names)("%s", (name) => {
  test("every place once, finite, and the model as it was", async () => {
    const { model, data } = smallModel(name)
    const before = model.stateDict()
    model.eval()
    const { layers, parameters } = await diagnose(model, data, { rows })
    expect(model.stateDict()).toEqual(before)
    expect(model.namedModules().every(([, module]) => !module.training)).toBe(true)
    expect(Object.getOwnPropertyNames(model)).not.toContain("forward")

    expect(layers.length).toBeGreaterThan(0)
    expect(new Set(layers.map(layerName)).size).toBe(layers.length)
    const paths = model.namedModules().map(([path]) => path)
    for (const { path, activations, gradients, saturated } of layers) {
      expect(paths).toContain(path)
      expect(gradients.length).toBe(activations.length)
      expect([...activations, ...gradients].every(Number.isFinite)).toBe(true)
      if (saturated !== undefined) expect(saturated).toBeLessThanOrEqual(1)
    }
    expect(parameters.map(({ path }) => path)).toEqual(model.namedParameters().map(([path]) => path))
  })

  test.each([
    ["sgd with momentum", sgd({ momentum: 0.9, weightDecay: 0.1 }), undefined],
    ["sgd with clipped gradients", sgd(), 0.01],
    ["adamw", adamw(), undefined],
  ])("the update is the one that the next step of training takes: %s", async (_, optimizer, clipNorm) => {
    const { model, data } = smallModel(name)
    const rate = 0.01
    const training = train(model, data, {
      optimizer,
      rate,
      clipNorm,
      steps: 4,
      batches: always,
    })
    await training.advance(3)
    const diagnosis = await diagnose(model, data, { rows, optimizer, rate, clipNorm, from: training.state() })
    const before = model.stateDict()
    for await (const { loss } of training) expect(loss).toBeCloseTo(diagnosis.loss, 5)
    await training.release()
    const after = model.stateDict()
    for (const { path, updateToData } of diagnosis.parameters) {
      const [old, now] = [before[path].data, after[path].data]
      const update = distributionOf(Array.from(old, (x, k) => now[k] - x)).deviation
      const expected = Math.log10(update / distributionOf(old).deviation)
      if (updateToData !== undefined && update > 1e-6) expect(updateToData).toBeCloseTo(expected, 2)
    }
  })
})

test("a nonlinearity that is no module goes by the module before it", async () => {
  const { model, data } = smallModel("lstm")
  const { layers } = await diagnose(model, data, { rows })
  expect(layers.map(layerName)).toEqual([
    "embedding: Embedding",
    "cell.0: Linear",
    "cell.0: tanh",
    "cell.0: sigmoid",
    "head: Linear",
  ])
  // Of 8 positions, 5 rows and 6 units: two uses of tanh, and three gates.
  expect(layers.map(({ activations }) => activations.length).slice(1, 4)).toEqual([960, 480, 720])
})

describe.skipIf(!dataFolder)("the lecture on names.txt: set MAKEWAVE_DATA to the folder that has it", () => {
  test("the means of layers and gradients are PyTorch's", async () => {
    const golden = lectureNetwork()
    const model = new models.wavenet({ vocabularySize: 27 }).initialize(new Generator(42))
    const { layers, parameters } = await diagnose(model, lectureData().train, { rows: golden.first_batch_ix })
    const outputs = Object.entries(golden.layer_outputs)
    for (const { path, activation } of layers) {
      const [, { sum, abs_sum, shape }] = outputs[Number(path.split(".").at(-1))]
      const size = shape.reduce((a, b) => a * b)
      expect(Math.abs(activation.mean * size - sum), path).toBeLessThan(1e-5 * abs_sum)
    }
    expect(layers).toHaveLength(11) // 14 but for those that only fuse neighbours
    for (const [k, { sum, abs_sum }] of Object.values(golden.grads).entries()) {
      const { path, gradient, shape } = parameters[k]
      const size = shape.reduce((a, b) => a * b)
      expect(Math.abs(gradient.mean * size - sum), path).toBeLessThan(1e-5 * abs_sum)
    }
  })
})

test("compiled once and repeated: each time the numbers that the model and its optimizer have then", async () => {
  const { model, data } = smallModel("wavenet")
  const optimizer = adamw()
  const rate = 0.01
  const opened = await openDiagnosis(model, data, { batchSize: rows.length, optimizer })
  const training = train(model, data, { steps: 2, optimizer, rate, batches: always })
  for (const taken of [0, 1, 2]) {
    if (taken > 0) await training.advance(taken)
    const step = { rows, rate, from: training.state() }
    expect(await opened.diagnose(step)).toEqual(await diagnose(model, data, { ...step, optimizer }))
  }
  await opened.release()
  await expect(opened.diagnose({ rows })).rejects.toThrow("released")
})
