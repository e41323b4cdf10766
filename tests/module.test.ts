/** What a module is: fields that are found by walking, initial values, and a trace of its forward pass. */
import { beforeEach, describe, expect, test } from "vitest"
import { Vocabulary, windows } from "../src/data/index.ts"
import { toOnnx } from "../src/interchange/index.ts"
import { Model } from "../src/models/index.ts"
import * as nn from "../src/nn/index.ts"
import { defaultGenerator, Generator, manualSeed } from "../src/random/index.ts"
import { recomputingSampler } from "../src/sampling/recomputing-sampler.ts"
import { crossEntropy } from "../src/tensor/functional.ts"
import { gradients } from "../src/tensor/gradients.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { evaluate, train } from "../src/training/index.ts"

class TwoInputs extends nn.Module {
  readonly left = new nn.Linear(2, 3)
  readonly right = new nn.Linear(4, 3)
  readonly norm = new nn.BatchNorm1d(3)

  forward(x: Tensor, y: Tensor): Tensor {
    return this.norm.forward(this.left.forward(x).add(this.right.forward(y)))
  }
}

/** The same layers twice in a row. */
class Twice extends nn.Layer {
  readonly first: nn.Sequential
  readonly second: nn.Sequential

  constructor(layer: nn.Layer) {
    super()
    this.first = new nn.Sequential([layer])
    this.second = new nn.Sequential([layer])
  }

  forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x))
  }
}

const numbers = (shape: readonly number[], seed = 1) =>
  Tensor.constant(new Generator(seed).randn(shape.reduce((a, b) => a * b, 1)), shape)

const training = (module: nn.Module) => module.namedModules().map(([, each]) => each.training)

describe("fields", () => {
  test("a module of two inputs", () => {
    const model = new TwoInputs()
    expect(model.namedParameters().map(([name]) => name)).toEqual([
      ...["left.weight", "left.bias", "right.weight", "right.bias", "norm.weight", "norm.bias"],
    ])
    expect(model.forward(numbers([5, 2]), numbers([5, 4])).shape).toEqual([5, 3])
  })

  test("are found in arrays of arrays and in plain objects", () => {
    class Nested extends nn.Module {
      readonly rows = [[new nn.Linear(1, 1, { bias: false })], [new nn.Linear(1, 1, { bias: false })]]
      readonly heads = { mean: new nn.Linear(1, 1, { bias: false }), scale: new nn.Parameter([1], nn.ones) }
    }
    const names = ["heads.scale", "rows.0.0.weight", "rows.1.0.weight", "heads.mean.weight"]
    expect(new Nested().namedParameters().map(([name]) => name)).toEqual(names)
  })

  test("a layer that is reached twice is one layer, under its first path", () => {
    const model = new Twice(new nn.Linear(2, 2))
    expect(model.namedModules().map(([path]) => path)).toEqual(["", "first", "first.layers.0", "second"])
    expect(Object.keys(model.stateDict())).toEqual(["first.layers.0.weight", "first.layers.0.bias"])
    expect(model.parameterCount).toBe(6)
    expect(model.loadStateDict(new Twice(new nn.Linear(2, 2)).stateDict())).toBe(model)
  })

  test("are loaded all, or none if one does not fit", () => {
    const model = new TwoInputs().initialize(new Generator(1))
    const before = model.stateDict()
    const other = new TwoInputs().initialize(new Generator(2)).stateDict()
    const load = (last: (typeof other)[string]) => () =>
      model.loadStateDict({ ...other, "norm.runningVar": last })
    const { shape, data } = other["norm.runningVar"]
    expect(load({ shape: [4], data })).toThrow("'norm.runningVar' is (3) in the module, and (4)")
    expect(load({ shape, data: data.slice(1) })).toThrow("and (3) with 2 values in the state")
    for (const other of [new Uint16Array(3), new Float64Array(3), new Int32Array(3), [1, 2, 3]])
      expect(load({ shape, data: other as never })).toThrow(
        /^loadStateDict: 'norm.runningVar' has a (\w+)?Array in place of the Float32Array of float32: convert it first/,
      )
    const [parameter] = model.parameters()
    expect(() => {
      parameter.data = new Uint16Array(parameter.size) as never
    }).toThrow("data: a Uint16Array in place of the Float32Array of float32")
    expect(model.stateDict()).toEqual(before)
  })

  test("a parameter of two layers is one parameter, under its first path", () => {
    class Tied extends nn.Module {
      readonly first = new nn.Linear(2, 2, { bias: false })
      readonly second = Object.assign(new nn.Linear(2, 2, { bias: false }), { weight: this.first.weight })
    }
    expect(new Tied().namedParameters().map(([name]) => name)).toEqual(["first.weight"])
  })

  test("plain functions in a Sequential are layers, and take no number from the others", () => {
    const model = new nn.Sequential([new nn.Linear(2, 2), (x: Tensor) => x.tanh(), new nn.Linear(2, 2)])
    expect(model.namedParameters().map(([name]) => name)).toEqual([
      ...["layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias"],
    ])
    let x = numbers([3, 2])
    const whole = model.forward(x)
    for (const layer of model.layers) x = layer.forward(x)
    expect(x.values()).toEqual(whole.values())
  })
})

describe("a trace", () => {
  test("has the result, the next buffers and the outputs of every call, and leaves the module as it was", () => {
    const model = new TwoInputs().eval()
    model.left.train()
    const before = [training(model), model.stateDict()]
    const [x, y] = [numbers([5, 2]), numbers([5, 4])]
    const { result, buffers, outputs } = nn.trace(model, "training", () => model.forward(x, y))
    expect([training(model), model.stateDict()]).toEqual(before)
    expect([...outputs.keys()]).toEqual([model.left, model.right, model.norm, model])
    expect(outputs.get(model)).toEqual([result])
    expect([...buffers.keys()]).toEqual([model.norm.runningMean, model.norm.runningVar])
    const sums = outputs.get(model.left)![0].add(outputs.get(model.right)![0])
    for (const [k, mean] of sums.mean(0).values().entries())
      expect(buffers.get(model.norm.runningMean)!.values()[k]).toBeCloseTo(0.1 * mean, 6)
    expect(nn.trace(model, "evaluation", () => model.forward(x, y)).buffers.size).toBe(0)
  })

  test("puts everything back after an exception, and forgets the updates", () => {
    const norm = new nn.BatchNorm1d(3).eval()
    const x = numbers([4, 3])
    const outer = nn.trace(norm, "evaluation", () => {
      expect(() =>
        nn.trace(norm, "training", () => {
          norm.forward(x)
          throw new Error("stop")
        }),
      ).toThrow("stop")
      expect(norm.training).toBe(false)
      return norm.forward(x)
    })
    expect(outer.buffers.size).toBe(0)
    expect(norm.training).toBe(false)
    expect(Object.getOwnPropertyNames(norm)).not.toContain("forward")
  })

  test("within another records for both, each in its own mode", () => {
    const model = new TwoInputs()
    const [x, y] = [numbers([5, 2]), numbers([5, 4])]
    const outer = nn.trace(model, "training", () => {
      const frozen = nn.trace(model.left, "evaluation", () => {
        expect(training(model)).toEqual([true, false, true, true])
        return model.left.forward(x)
      })
      expect(training(model)).toEqual([true, true, true, true])
      const inner = nn.trace(model.norm, "training", () => model.norm.forward(frozen.result))
      expect([...inner.outputs.keys()]).toEqual([model.norm])
      expect(inner.buffers.size).toBe(2)
      return model.forward(x, y)
    })
    expect(outer.outputs.get(model.left)).toHaveLength(2)
    expect(outer.outputs.get(model.norm)).toHaveLength(2)
    expect(outer.buffers.size).toBe(2)

    const norm = new nn.BatchNorm1d(2)
    const around = nn.trace(norm, "evaluation", () => nn.trace(norm, "training", () => norm.forward(x)))
    expect(around.buffers).toEqual(around.result.buffers)
    expect(around.buffers.size).toBe(2)
  })

  test("of a BatchNorm that is called twice updates twice, as in PyTorch", () => {
    const norm = new nn.BatchNorm1d(2, { momentum: 0.5 })
    const [x, y] = [Tensor.constant([1, 2, 3, 4], [2, 2]), Tensor.constant([5, 5, 7, 7], [2, 2])]
    const { buffers } = nn.trace(norm, "training", () => norm.forward(x).add(norm.forward(y)))
    // 0 -> (0 + [2, 3]) / 2 -> ([1, 1.5] + 6) / 2
    expect(Array.from(buffers.get(norm.runningMean)!.values())).toEqual([3.5, 3.75])
    // The same trace again begins with the numbers that are there.
    const again = nn.trace(norm, "training", () => norm.forward(x))
    expect(Array.from(again.buffers.get(norm.runningMean)!.values())).toEqual([1, 1.5])
  })

  test("of a Dropout that is called twice leaves out others the second time", () => {
    const dropout = new nn.Dropout(0.5).initialize(new Generator(1))
    const x = Tensor.full([100], 1)
    const { result, buffers } = nn.trace(dropout, "training", () => [dropout.forward(x), dropout.forward(x)])
    expect(result[0].values()).not.toEqual(result[1].values())
    expect(buffers.get(dropout.counter)!.sub(dropout.counter).item()).toBe(2)
  })

  test("records every tensor that a forward gives, and a forward that is a field", () => {
    class Both extends nn.Module {
      readonly forward = (x: Tensor) => ({ sum: x.sum(), each: [x.neg(), x.abs()] })
    }
    const both = new Both()
    const { forward } = both
    const { result, outputs } = nn.trace(both, "training", () => both.forward(numbers([3])))
    expect(outputs.get(both)).toEqual([result.sum, ...result.each])
    expect(both.forward).toBe(forward)
  })

  test("refuses an update that does not fit", () => {
    const buffer = new nn.Buffer([2], nn.zeros)
    expect(() => buffer.update(Tensor.full([3], 0))).toThrow(
      "update: (3) float32 does not fit a buffer of (2) float32",
    )
    expect(() => buffer.update(Tensor.full([2], 0, "int32"))).toThrow("update: (2) int32")
  })
})

describe("initial values", () => {
  beforeEach(() => void manualSeed(5))

  const drawn = () => new TwoInputs().initialize(new Generator(5)).stateDict()

  test("come from the default generator, in the order of the fields, where nobody gave any", () => {
    expect(new TwoInputs().stateDict()).toEqual(drawn())
    expect(new TwoInputs().stateDict()).not.toEqual(drawn()) // the stream goes on
    manualSeed(5)
    expect(new TwoInputs().stateDict()).toEqual(drawn())
  })

  test("are drawn at the first read, and kept", () => {
    const model = new TwoInputs()
    const [x, y] = [numbers([5, 2]), numbers([5, 4])]
    const values = model.forward(x, y).values()
    expect(values.some((value) => value !== 0)).toBe(true)
    expect(model.forward(x, y).values()).toEqual(values)
  })

  test("are not drawn for what is initialized or loaded", () => {
    const before = defaultGenerator.getState()
    const model = new TwoInputs().initialize(new Generator(1))
    expect(new TwoInputs().loadStateDict(model.stateDict()).stateDict()).toEqual(model.stateDict())
    expect(defaultGenerator.getState()).toEqual(before)
  })
})

describe("a model that nobody initialized", () => {
  /** Its counter, a buffer, is drawn between two parameters. */
  class WithDropout extends Model {
    readonly reads = "windows"
    readonly config = { vocabularySize: 3, contextLength: 2 }
    readonly network: nn.Sequential = new nn.Sequential([
      new nn.Embedding(3, 4),
      new nn.Dropout(0.1),
      new nn.Flatten(),
      new nn.Linear(8, 3),
    ])

    forward(ids: Tensor): Tensor {
      return this.network.forward(ids)
    }
  }
  const data = windows(["ab", "ba"], Vocabulary.from(["ab"]), 2)

  test.each([
    [
      "trained",
      async (model: Model) => {
        for await (const _ of train(model, data, { steps: 2, batchSize: 2 }));
      },
    ],
    ["evaluated", (model: Model) => evaluate(model, data)],
    [
      "sampled from",
      async (model: Model) => {
        const sampler = recomputingSampler(model)
        for await (const _ of sampler.sample({ count: 1, generator: new Generator(1) }));
        await sampler.release()
      },
    ],
    ["exported", async (model: Model) => toOnnx(model)],
  ])("is %s from the default generator's numbers, in the order of the fields", async (_, use) => {
    const initialized = new WithDropout().initialize(new Generator(5))
    await use(initialized)
    manualSeed(5)
    const left = new WithDropout()
    await use(left)
    expect(left.stateDict()).toEqual(initialized.stateDict())
  })
})

test("a layer that a model calls twice is trained by the sum of its gradients", async () => {
  class Tied extends Model {
    readonly reads = "windows"
    readonly config = { vocabularySize: 3, contextLength: 1 }
    readonly embedding: nn.Embedding = new nn.Embedding(3, 3)
    readonly network: Twice = new Twice(new nn.Linear(3, 3))

    forward(ids: Tensor): Tensor {
      return this.network.forward(this.embedding.forward(ids).tanh()).squeeze(1)
    }
  }
  const model = new Tied().initialize(new Generator(1))
  const data = windows(["ab", "ba"], Vocabulary.from(["ab"]), 1)
  const parameters = model.namedParameters()
  expect(parameters.map(([name]) => name)).toEqual([
    ...["embedding.weight", "network.first.layers.0.weight", "network.first.layers.0.bias"],
  ])
  const ids = Tensor.constant(data.inputs.data, data.inputs.shape, "int32")
  const targets = Tensor.constant(data.targets.data, data.targets.shape, "int32")
  const loss = crossEntropy(model.forward(ids), targets)
  const wanted = gradients(loss, model.parameters()).map((gradient, k) =>
    parameters[k][1].sub(gradient.mul(0.5)).values(),
  )
  const [rows] = data.targets.shape
  const everyRow = () => ({
    batchSize: rows,
    next: () => Int32Array.from({ length: rows }, (_, row) => row),
    getState: () => null,
    setState() {},
  })
  for await (const _ of train(model, data, { steps: 1, rate: 0.5, batches: everyRow }));
  for (const [k, [name, { data }]] of parameters.entries())
    for (const [i, x] of wanted[k].entries()) expect(data[i], name).toBeCloseTo(x, 5)
})

describe("printed", () => {
  test("a module is the tree that PyTorch prints, with the paths of a checkpoint", () => {
    const model = new nn.Sequential([
      new nn.Embedding(27, 4),
      new nn.Flatten(),
      new nn.Linear(8, 3, { bias: false }),
      (x: Tensor) => x.tanh(),
      new nn.GRU(3, 4),
    ])
    const tree = [
      "Sequential(",
      "  (layers.0): Embedding(numEmbeddings=27, embeddingDim=4)",
      "  (layers.1): Flatten()",
      "  (layers.2): Linear(inFeatures=8, outFeatures=3, bias=false)",
      "  (layers.3): Lambda(function=(x) => x.tanh())",
      "  (layers.4): GRU(",
      "    (cells.0): GRUCell(inputSize=3, hiddenSize=4, bias=true)",
      "  )",
      ")",
    ].join("\n")
    expect(`${model}`).toBe(tree)
    const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom")
    expect((model as unknown as Record<symbol, () => string>)[inspect]()).toBe(tree)
  })

  test("settings stand before the modules inside", () => {
    expect(`${new nn.CausalSelfAttention(4, 2)}`).toBe(
      [
        "CausalSelfAttention(",
        "  embedDim=4, numHeads=2",
        "  (attention): Linear(inFeatures=4, outFeatures=12, bias=true)",
        "  (projection): Linear(inFeatures=4, outFeatures=4, bias=true)",
        ")",
      ].join("\n"),
    )
  })

  test("every layer with numbers says their sizes", () => {
    const layers = [
      new nn.BatchNorm1d(3, { unbiased: true }),
      new nn.LayerNorm(3),
      new nn.RMSNorm(3, { eps: 0.5 }),
      new nn.Conv1d(4, 6, 3, { groups: 2, padding: "same" }),
      new nn.CausalConv1d(4, 6, 2, { dilation: 8 }),
      new nn.ConvTranspose1d(2, 3, 4, { stride: 4 }),
      new nn.RNNCell(2, 3, { nonlinearity: "relu", bias: false }),
      new nn.Dropout(0.25),
      new nn.GELU({ approximate: "tanh" }),
      new nn.FlattenConsecutive(2),
      new nn.Upsample(4),
    ]
    expect(layers.map(String)).toEqual([
      "BatchNorm1d(numFeatures=3, eps=0.00001, momentum=0.1, unbiased=true)",
      "LayerNorm(normalizedShape=3, eps=0.00001)",
      "RMSNorm(normalizedShape=3, eps=0.5)",
      "Conv1d(inChannels=4, outChannels=6, kernelSize=3, dilation=1, groups=2, bias=true, padding=same)",
      "CausalConv1d(inChannels=4, outChannels=6, kernelSize=2, dilation=8, bias=true)",
      "ConvTranspose1d(inChannels=2, outChannels=3, kernelSize=4, stride=4, bias=true)",
      "RNNCell(inputSize=2, hiddenSize=3, bias=false, nonlinearity=relu)",
      "Dropout(p=0.25)",
      "GELU(approximate=tanh)",
      "FlattenConsecutive(n=2)",
      "Upsample(scaleFactor=4)",
    ])
  })
})

describe("a summary", () => {
  test("has dilation and receptive field where there is one", () => {
    const network = new nn.Sequential([
      new nn.CausalConv1d(3, 8, 2, { dilation: 4 }),
      (x: Tensor) => x.relu(),
      new nn.Linear(8, 2),
    ])
    expect(nn.formatSummary(nn.summarize(network, Tensor.input("x", [5, 9, 3])))).toBe(
      [
        "Layer                      Output shape   Dilation   Receptive field   Parameters",
        "─────────────────────────────────────────────────────────────────────────────────",
        "Sequential                 (5, 9, 2)",
        "  layers.0: CausalConv1d   (5, 9, 8)             4                 5           56",
        "  layers.1: Lambda         (5, 9, 8)",
        "  layers.2: Linear         (5, 9, 2)                                           18",
        "─────────────────────────────────────────────────────────────────────────────────",
        "Total                                                                          74",
      ].join("\n"),
    )
  })

  test("of a module of two inputs, as Markdown", () => {
    const summary = nn.summarize(new TwoInputs(), Tensor.input("x", [5, 2]), Tensor.input("y", [5, 4]))
    expect(nn.formatSummary(summary, { markdown: true })).toBe(
      [
        "| Layer | Output shape | Parameters |",
        "| --- | --- | ---: |",
        "| TwoInputs | (5, 3) |  |",
        "| &emsp;left: Linear | (5, 3) | 9 |",
        "| &emsp;right: Linear | (5, 3) | 15 |",
        "| &emsp;norm: BatchNorm1d | (5, 3) | 6 |",
        "| Total |  | 30 |",
        "",
        "Buffers, which are not trained: 6 values.",
      ].join("\n"),
    )
  })

  test("of a model too large for memory draws nothing", () => {
    const before = defaultGenerator.getState()
    const vast = new nn.Sequential([new nn.Linear(2 ** 20, 2 ** 20), new nn.BatchNorm1d(2 ** 20)])
    expect(nn.summarize(vast, Tensor.input("x", [2, 2 ** 20])).parameters).toBe(2 ** 40 + 3 * 2 ** 20)
    expect(defaultGenerator.getState()).toEqual(before)
  })
})

test("BatchNorm1d refuses one row in training, as PyTorch does, and takes it in evaluation", () => {
  const norm = new nn.BatchNorm1d(3)
  for (const shape of [
    [1, 3],
    [1, 1, 3],
  ]) {
    expect(() => norm.train().forward(Tensor.full(shape, 1))).toThrow(
      `BatchNorm1d: (${shape.join(", ")}) has one row to normalize, and one row has no variance`,
    )
    expect(norm.eval().forward(Tensor.full(shape, 1)).shape).toEqual(shape)
  }
  expect(norm.train().forward(Tensor.full([1, 2, 3], 1)).shape).toEqual([1, 2, 3])
  const apart = new nn.BatchNorm1d(3, { perPosition: 2 })
  expect(() => apart.forward(Tensor.full([1, 2, 3], 1))).toThrow("BatchNorm1d: (1, 2, 3) has one row")
})
