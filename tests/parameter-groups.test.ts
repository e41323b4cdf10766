/** Parameter groups: equal to PyTorch's, frozen parameters left alone, and a run with groups resumed as if it had never stopped. */
import { readFileSync } from "node:fs"
import { fromBinary } from "@bufbuild/protobuf"
import { ModelProtoSchema } from "onnx-buf"
import { describe, expect, test } from "vitest"
import { UserError } from "../src/errors.ts"
import { models } from "../src/models/index.ts"
import { Embedding, Linear, Module, Sequential } from "../src/nn/index.ts"
import { adamw, muon, sgd } from "../src/optim/index.ts"
import { Generator } from "../src/random/index.ts"
import { decodeCheckpoint, encodeCheckpoint } from "../src/runs/checkpoint.ts"
import { mseLoss } from "../src/tensor/functional.ts"
import type { Tensor } from "../src/tensor/tensor.ts"
import { distributionOf } from "../src/training/diagnostics.ts"
import { hiddenMatrices } from "../src/training/hidden-matrices.ts"
import { diagnose, type TrainOptions, train } from "../src/training/index.ts"

class Network extends Module {
  readonly embedding = new Embedding(4, 3)
  readonly hidden = new Linear(3, 5)
  readonly output = new Linear(5, 2)

  // int32 (B) -> (B, 2)
  forward(ids: Tensor): Tensor {
    return this.output.forward(this.hidden.forward(this.embedding.forward(ids)).tanh())
  }
}

type Shaped = { shape: number[]; data: number[] }
interface Fixture {
  readonly name: string
  readonly data: { readonly ids: Shaped; readonly targets: Shaped }
  readonly start: Record<string, Shaped>
  readonly losses: number[]
  readonly after: Record<string, number[]>
}
const fixtures: Fixture[] = JSON.parse(
  readFileSync(new URL("./fixtures/groups.json", import.meta.url), "utf8"),
)

const options: Record<string, (network: Network) => Omit<TrainOptions, "steps">> = {
  "a rate of its own": () => ({ rate: 0.1, groups: [{ parameters: "embedding", rate: 0.5 }] }),
  "weight decay for weights alone, and one clipping for all": ({ hidden, output }) => ({
    optimizer: adamw({ weightDecay: 0.3 }),
    rate: 0.05,
    clipNorm: 0.1,
    groups: [{ parameters: [hidden.bias!, output.bias!], optimizer: adamw({ weightDecay: 0 }) }],
  }),
  "two optimizers": () => ({
    optimizer: adamw(),
    rate: 0.02,
    groups: [
      { parameters: ["embedding.weight", "output"], optimizer: sgd({ momentum: 0.9 }), rate: () => 0.1 },
    ],
  }),
  frozen: () => ({ groups: [{ parameters: ["embedding", "hidden.bias"], freeze: true }] }),
  Muon: () => ({ optimizer: muon({ weightDecay: 0.1 }), rate: 0.05 }),
}

/** Each step reads all rows, in order. */
const allRows = (N: number) => () => ({
  ...{ batchSize: N, getState: () => null, setState() {} },
  next: (steps = 1) => Int32Array.from({ length: steps * N }, (_, k) => k % N),
})

function open({ data, start }: Fixture, more: (network: Network) => Omit<TrainOptions, "steps">, steps = 5) {
  const network = new Network()
  network.loadStateDict(
    Object.fromEntries(
      Object.entries(start).map(([name, { shape, data }]) => [
        name,
        { shape, data: Float32Array.from(data) },
      ]),
    ),
  )
  const columns = {
    ids: { data: Int32Array.from(data.ids.data), shape: data.ids.shape },
    targets: { data: Float32Array.from(data.targets.data), shape: data.targets.shape },
  }
  const training = train(network, columns, {
    ...{ steps, batchSize: 5, batches: allRows(5) },
    ...more(network),
    loss: ({ ids, targets }) => mseLoss(network.forward(ids), targets),
  })
  return { network, training, columns }
}

test("every fixture has its options", () => {
  expect(fixtures.map(({ name }) => name)).toEqual(Object.keys(options))
})

describe.each(fixtures.map((each) => [each.name, each] as const))("%s", (name, fixture) => {
  test("equals PyTorch", async () => {
    const { network, training } = open(fixture, options[name])
    const { losses } = await training.advance(5)
    await training.release()
    for (const [k, loss] of fixture.losses.entries()) expect(losses[k]).toBeCloseTo(loss, 5)
    for (const [path, { data }] of Object.entries(network.stateDict()))
      for (const [i, x] of fixture.after[path].entries()) expect(data[i], path).toBeCloseTo(x, 4)
  })

  test("is resumed from a checkpoint as if it had never stopped", async () => {
    const whole = open(fixture, options[name])
    await whole.training.advance(5)
    const begun = open(fixture, options[name])
    await begun.training.advance(2)
    const bytes = await encodeCheckpoint({
      ...{ model: begun.network.stateDict(), training: begun.training.state() },
      ...{ identity: "", metricsBytes: 0 },
    })
    const { model, training: from } = await decodeCheckpoint(bytes, "checkpoint")
    const resumed = open(fixture, (network) => ({ ...options[name](network), from }))
    resumed.network.loadStateDict(model)
    await resumed.training.advance(5)
    expect(resumed.network.stateDict()).toEqual(whole.network.stateDict())
    expect(resumed.training.state()).toEqual(whole.training.state())
    for (const { training } of [whole, begun, resumed]) await training.release()
  })
})

test.each<[string, () => Omit<TrainOptions, "steps">, () => Omit<TrainOptions, "steps">]>([
  [
    "AdamW",
    () => ({ optimizer: adamw({ weightDecay: 0.3, decays: "matrices" }), rate: 0.05 }),
    () => ({
      ...{ optimizer: adamw({ weightDecay: 0.3 }), rate: 0.05 },
      groups: [{ parameters: ["hidden.bias", "output.bias"], optimizer: adamw({ weightDecay: 0 }) }],
    }),
  ],
  ...[0, 0.9].map(
    (momentum): [string, () => Omit<TrainOptions, "steps">, () => Omit<TrainOptions, "steps">] => [
      `SGD with a momentum of ${momentum}`,
      () => ({ optimizer: sgd({ momentum, weightDecay: 0.3, decays: "matrices" }), rate: 0.05 }),
      () => ({
        ...{ optimizer: sgd({ momentum, weightDecay: 0.3 }), rate: 0.05 },
        groups: [{ parameters: ["hidden.bias", "output.bias"], optimizer: sgd({ momentum }) }],
      }),
    ],
  ),
  [
    "Muon",
    () => ({ optimizer: muon({ weightDecay: 0.3, decays: "matrices" }), rate: 0.05 }),
    () => ({
      ...{ optimizer: muon({ weightDecay: 0.3 }), rate: 0.05 },
      groups: [{ parameters: ["hidden.bias", "output.bias"], optimizer: adamw({ weightDecay: 0 }) }],
    }),
  ],
])("%s decays matrices alone, as with a group of biases without decay", async (_, setting, groups) => {
  const after = await Promise.all(
    [setting, groups, () => ({ ...setting(), optimizer: adamw({ weightDecay: 0.3 }) })].map(
      async (options) => {
        const { network, training } = open(fixtures[0], options)
        await training.advance(5)
        await training.release()
        return network.stateDict()
      },
    ),
  )
  const distance = (k: number) =>
    Math.max(
      ...Object.entries(after[0]).flatMap(([name, { data }]) =>
        Array.from(data, (x, i) => Math.abs(x - after[k][name].data[i])),
      ),
    )
  expect(distance(1)).toBeLessThan(1e-6)
  expect(distance(2)).toBeGreaterThan(1e-3)
})

test("Muon is for the matrices between embeddings and head", () => {
  const matricesOf = (model: Module) => {
    const matrices = hiddenMatrices(model)
    return model.namedParameters().flatMap(([path, each]) => (matrices.has(each) ? [path] : []))
  }
  const options = { vocabularySize: 7, contextLength: 4, layers: 1 }
  expect(matricesOf(new models.bigram(options))).toEqual([])
  expect(matricesOf(new models.gru(options))).toEqual([0, 1, 2].map((k) => `cell.${k}.weight`))
  expect(matricesOf(new models.transformer(options))).toEqual(
    ["attention.attention", "attention.projection", "expand", "project"].map(
      (layer) => `blocks.0.${layer}.weight`,
    ),
  )
  expect(matricesOf(new models.wavenet(options))).toEqual([2, 6].map((k) => `network.layers.${k}.weight`))
  const wavenet = new models["wavenet-2016"]({
    ...options,
    stacks: 2,
    positions: true,
    classes: 3,
    labels: 2,
  })
  expect(matricesOf(wavenet)).toEqual([
    ...["layers.0.convolution", "layers.0.condition", "layers.0.residual"].map(
      (path) => `stack.${path}.weight`,
    ),
    ...["layers.1.convolution", "layers.1.condition", "skip"].map((path) => `stack.${path}.weight`),
    "hidden.weight",
    "classHead.hidden.weight",
  ])
})

test("the look inside updates each parameter as a step does", async () => {
  const { network, training, columns } = open(fixtures[0], options.Muon)
  const loss = ({ ids, targets }: Record<string, Tensor>) => mseLoss(network.forward(ids), targets)
  const how = { rows: [0, 1, 2, 3, 4], optimizer: muon({ weightDecay: 0.1 }), rate: 0.05, loss }
  const before = network.stateDict()
  const { parameters } = await diagnose(network, columns, how)
  await training.advance(1)
  await training.release()
  const deviation = (x: ArrayLike<number>) => distributionOf(x).deviation
  for (const [path, { data }] of network.namedParameters()) {
    const change = deviation(data.map((x, i) => x - before[path].data[i]))
    const { updateToData } = parameters.find((each) => each.path === path)!
    expect(updateToData, path).toBeCloseTo(Math.log10(change / deviation(before[path].data)), 3)
  }
})

describe("frozen parameters", () => {
  const [fixture] = fixtures

  test("stay as they are and are not carried; numbers that are assigned to them count from then on", async () => {
    const { network, training } = open(fixture, options.frozen)
    const before = network.stateDict()
    await training.advance(3)
    expect(network.embedding.weight.data).toEqual(before["embedding.weight"].data)
    expect(network.hidden.weight.data).not.toEqual(before["hidden.weight"].data)
    const { graph } = fromBinary(ModelProtoSchema, await training.compile())
    const names = graph?.output.map(({ name }) => name)
    expect(names).toContain("after/hidden.weight")
    expect(names).not.toContain("after/embedding.weight")

    const other = open(fixture, options.frozen)
    other.network.loadStateDict(network.stateDict())
    for (const each of [network, other.network]) each.embedding.weight.data = new Float32Array(12).fill(0.5)
    const [{ loss }, expected] = [await training.advance(4), await other.training.advance(1)]
    expect(loss).toBe(expected.loss)
    await Promise.all([training.release(), other.training.release()])
  })

  test("have no averages, and keep their numbers among those that do", async () => {
    const { network, training } = open(fixture, (network) => ({ ...options.frozen(network), ema: 0.5 }))
    await training.advance(3)
    expect(Object.keys(training.state().averages!)).toEqual(["hidden.weight", "output.weight", "output.bias"])
    const now = network.stateDict()
    await training.averaged(async () => {
      expect(network.embedding.weight.data).toEqual(now["embedding.weight"].data)
      expect(network.hidden.weight.data).not.toEqual(now["hidden.weight"].data)
    })
    expect(network.stateDict()).toEqual(now)
    await training.release()
  })
})

test("one group of everything is the training without groups, number for number", async () => {
  const [fixture] = fixtures
  for (const optimizer of [sgd(), adamw()]) {
    const plain = open(fixture, () => ({ optimizer }))
    const grouped = open(fixture, ({ embedding, hidden, output }) => ({
      groups: [
        {
          parameters: [embedding, hidden, output].flatMap((each) => each.parameters()),
          ...{ optimizer, rate: 0.1 },
        },
      ],
    }))
    await Promise.all([plain, grouped].map(({ training }) => training.advance(5)))
    expect(grouped.network.stateDict()).toEqual(plain.network.stateDict())
    await Promise.all([plain, grouped].map(({ training }) => training.release()))
  }
})

test.each([adamw(), muon()])(
  "groups of equal settings are the training without groups, however the parameters are divided: $config.name",
  async (optimizer) => {
    const make = () =>
      new Sequential(Array.from({ length: 4 }, () => Linear.uniform(3, 3))).initialize(new Generator(1))
    const [plain, divided] = [make(), make()]
    const x = { data: new Generator(2).randn(30), shape: [10, 3] }
    const options = { optimizer, rate: 0.05, steps: 3 }
    const trainings = [
      train(plain, { x }, { ...options, loss: ({ x }) => mseLoss(plain.forward(x), x.square()) }),
      train(
        divided,
        { x },
        {
          ...options,
          groups: [{ parameters: ["layers.0", "layers.2"], rate: 0.05 }],
          loss: ({ x }) => mseLoss(divided.forward(x), x.square()),
        },
      ),
    ]
    for (const training of trainings) await training.advance(3)
    expect(divided.stateDict()).toEqual(plain.stateDict())
    for (const training of trainings) await training.release()
  },
)

test.each<[TrainOptions["groups"], RegExp]>([
  [
    [{ parameters: "embeding" }],
    /^train: no parameter of the module is named 'embeding': did you mean 'embedding'\?$/,
  ],
  [[{ parameters: "decoder" }], /named 'decoder': give the path of one, or of a module$/],
  [[{ parameters: "hid" }], /named 'hid': give the path/],
  [
    [{ parameters: "hidden" }, { parameters: ["hidden.bias"] }],
    /^train: 'hidden.bias' is in two groups: name it in one$/,
  ],
  [[{ parameters: new Linear(1, 1).parameters() }], /of a group is not a parameter of the module$/],
  [
    [{ parameters: ["embedding", "hidden", "output"], freeze: true }],
    /^train: there are no parameters to train: .* freeze fewer$/,
  ],
])("%# is refused", (groups, sentence) => {
  const make = () => open(fixtures[0], () => ({ groups }))
  expect(make).toThrow(UserError)
  expect(make).toThrow(sentence)
})
