/**
 * The contract that every model of the table keeps: its size at makemore's defaults, what its logits may depend on, that it learns,
 * that it can be kept and sampled from; and PyTorch's numbers for those of makemore's family (tests/fixtures/make_models.py).
 */
import { readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Dataset, epochBatches, STOP, sequences, Vocabulary, windows } from "../src/data/index.ts"
import { type Model, models } from "../src/models/index.ts"
import { CausalConv1d, Dropout, Embedding, LayerNorm, Linear, trace } from "../src/nn/index.ts"
import { adamw } from "../src/optim/adamw.ts"
import { Generator } from "../src/random/index.ts"
import { openSampler } from "../src/sampling/index.ts"
import type { Setting } from "../src/setting.ts"
import { gradients } from "../src/tensor/gradients.ts"
import { interpret } from "../src/tensor/interpreter.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { symbolLoss } from "../src/training/loss.ts"
import { train } from "../src/training/train.ts"

type ModelName = keyof typeof models
type Settings = Record<string, number | boolean> & { vocabularySize: number }

const create = (name: ModelName, settings: Settings): Model => {
  const Class: new (settings: Settings) => Model = models[name]
  return new Class(settings)
}

const names = Object.keys(models) as ModelName[]
const V = 6
const T = 4
const small = {
  ...{ vocabularySize: V, contextLength: T, embedding: 4, hidden: 6, layers: 2, heads: 2 },
  ...{ residualChannels: 4, dilationChannels: 6, skipChannels: 6 },
}
const reading = (reads: Model["reads"]) =>
  names.filter((name) => create(name, { vocabularySize: 1 }).reads === reads)

/** How many symbols back a model looks at most. */
const memory = (name: ModelName) => (name === "bigram" ? 1 : T)

const symbol = fc.nat(V - 1)
const context = fc.array(symbol, { minLength: T, maxLength: T })

/** A context, and a second one that differs at one position. */
const twins = fc
  .record({ ids: context, at: fc.nat(T - 1), by: fc.integer({ min: 1, max: V - 1 }) })
  .map(({ ids, at, by }) => ({ at, pair: [ids, ids.with(at, (ids[at] + by) % V)] }))

/** The logits of both. */
const logitsOf = (model: Model, pair: readonly number[][]): Float64Array =>
  trace(model, "evaluation", () =>
    model.forward(Tensor.constant(pair.flat(), [2, T], "int32")),
  ).result.values()

const differ = (a: Float64Array, b: Float64Array) => a.some((x, k) => x !== b[k])

test("each model of the table says what it is", () => {
  for (const name of names) expect(models[name].description).toMatch(/^\S.*\S$/)
})

test.each(
  Object.entries({
    bigram: 729,
    mlp: 69_147,
    bow: 12_827,
    rnn: 11_803,
    gru: 28_315,
    lstm: 36_635,
    transformer: 204_544,
    flat: 22_097,
    wavenet: 76_579,
    "wavenet-2016": 203_419,
  } satisfies Record<ModelName, number>),
)("%s has %i parameters for 27 symbols", (name, count) => {
  expect(create(name as ModelName, { vocabularySize: 27 }).parameterCount).toBe(count)
})

test.each(names)("%s refuses values that its settings do not accept", (name) => {
  for (const vocabularySize of [0, -1, 1.5, Number.NaN, "27", undefined] as number[])
    expect(() => create(name, { vocabularySize })).toThrow(/vocabularySize = .*: give a whole number from 1/)
  for (const [key, { accepts }] of Object.entries<Setting>(models[name].settings))
    for (const wrong of [-1, Number.NaN, 1e12, "x", null] as number[])
      if (!accepts(wrong))
        expect(() => create(name, { vocabularySize: 27, [key]: wrong })).toThrow(`${key} = `)
})

test("the paper's direct connections are a matrix from embeddings to logits", () => {
  const { parameterCount } = create("mlp", { vocabularySize: 27, directConnections: true })
  expect(parameterCount).toBe(69_147 + 16 * 64 * 27)
})

test("and without hidden units all there is, with a bias", () => {
  const { parameterCount } = create("mlp", { vocabularySize: 27, directConnections: true, hidden: 0 })
  expect(parameterCount).toBe(28 * 64 + 16 * 64 * 27 + 27)
  expect(() => create("mlp", { vocabularySize: 27, hidden: 0 })).toThrow(/hidden 0.*direct-connections/)
})

/** The shapes of what is dropped out, in the order of the forward pass. */
const droppedOut = {
  mlp: [[3, T, 6]],
  rnn: [
    [3, T, 4],
    [3, T, 6],
  ],
  gru: [
    [3, T, 4],
    [3, T, 6],
  ],
  lstm: [
    [3, T, 4],
    [3, T, 6],
  ],
  // The embeddings; in each block the weights of the attention, and what it and the MLP add.
  transformer: [[3, T, 4], ...new Array(2).fill([[3, 2, T, T], ...new Array(2).fill([3, T, 4])]).flat()],
  flat: [[3, 6]],
  wavenet: [
    [3, 2, 6],
    [3, 6],
  ],
  // The embeddings, and what all layers but the last of two stacks add.
  "wavenet-2016": new Array(4).fill([T, 3, 4]),
} satisfies Partial<Record<ModelName, number[][]>>

test("every model with a setting for dropout is among those below", () => {
  expect(names.filter((name) => "dropout" in models[name].settings)).toEqual(Object.keys(droppedOut))
})

describe.each(Object.entries(droppedOut))("dropout of %s", (name, shapes) => {
  const make = (dropout: number) =>
    create(name as ModelName, { ...small, dropout }).initialize(new Generator(1))
  const [without, with_] = [make(0), make(0.5)]
  const ids = Tensor.constant([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5], [3, T], "int32")
  const dropout = (with_ as Model & { readonly dropout: Dropout }).dropout

  test("leaves no trace at 0", () => {
    expect(without.namedModules().filter(([, module]) => module instanceof Dropout)).toEqual([])
    expect(without.namedVariables().map(([path]) => path)).not.toContain("dropout.counter")
  })

  test("changes no parameter at the start, and nothing in evaluation", () => {
    const { "dropout.counter": counter, ...others } = with_.stateDict()
    expect(counter.data.length).toBe(1)
    expect(others).toEqual(without.stateDict())
    const [a, b] = [without, with_].map((model) =>
      trace(model, "evaluation", () => model.forward(ids)).result.values(),
    )
    expect(b).toEqual(a)
  })

  test("acts in training where it should, each time by another mask", () => {
    const { outputs, buffers } = trace(with_, "training", () => with_.forward(ids))
    const dropped = outputs.get(dropout)!
    expect(dropped.map(({ shape }) => shape)).toEqual(shapes)
    expect(buffers.get(dropout.counter)!.values()[0]).toBe(dropout.counter.data[0] + shapes.length)
    const masks = dropped.map((tensor) => String(tensor.values().map((x) => Number(x === 0))))
    for (const mask of masks) expect(mask).toMatch(/1/)
    expect(new Set(masks).size).toBe(masks.length)
  })
})

test("wavenet-2016 with learned positions is as long as its context, and without end without them", () => {
  const make = (positions: boolean) => create("wavenet-2016", { ...small, positions })
  const ids = Tensor.constant(new Array(T + 1).fill(0), [1, T + 1], "int32")
  expect([make(false), make(true)].map(({ steps }) => steps)).toEqual(["endless", "context"])
  expect(make(false).forward(ids).shape).toEqual([1, T + 1, V])
  expect(() => make(true).forward(ids)).toThrow(/5 symbols are too many for a model with 4 positions/)
})

test("a width that the heads do not divide is refused", () => {
  expect(() => create("transformer", { ...small, embedding: 5 })).toThrow(/2 heads do not divide.* 5/)
})

describe.each(names)("%s", (name) => {
  test("is built again from its settings and its numbers", () => {
    const model = create(name, small).initialize(new Generator(1))
    const again = create(name, model.config as Settings)
    expect(again.config).toEqual(model.config)
    expect(Object.keys(again.stateDict())).toEqual(Object.keys(model.stateDict()))
    again.loadStateDict(model.stateDict())
    const pair = [
      [0, 1, 2, 3],
      [5, 4, 3, 2],
    ]
    expect(logitsOf(again, pair)).toEqual(logitsOf(model, pair))
  })

  test("starts with numbers of its own, the same for the same seed", () => {
    const start = (seed: number) => create(name, small).initialize(new Generator(seed)).stateDict()
    expect(start(1)).toEqual(start(1))
    if (name !== "bigram") expect(start(1)).not.toEqual(start(2))
  })
})

describe.each(reading("sequences"))("%s reads sequences", (name) => {
  const model = create(name, small).initialize(new Generator(2))
  // Zeros would hide what depends on them.
  for (const parameter of model.parameters()) parameter.data = new Generator(3).randn(parameter.size)

  test("logits of the next symbol at each position", () => {
    expect(model.forward(Tensor.input("ids", [3, T], "int32")).shape).toEqual([3, T, V])
  })

  test("a symbol changes its own and later logits, as far as the model looks back, and no earlier ones", () => {
    fc.assert(
      fc.property(twins, ({ at, pair }) => {
        const logits = logitsOf(model, pair)
        for (let t = 0; t < T; t++) {
          const [one, other] = [0, 1].map((row) => logits.subarray((row * T + t) * V, (row * T + t + 1) * V))
          expect(differ(one, other)).toBe(t >= at && t < at + memory(name))
        }
      }),
    )
  })
})

describe("as PyTorch starts them", () => {
  const largest = (numbers: ArrayLike<number>) =>
    Array.from(numbers).reduce((a, b) => Math.max(a, Math.abs(b)), 0)
  const meanSquare = (numbers: ArrayLike<number>) =>
    Array.from(numbers).reduce((total, x) => total + x * x, 0) / numbers.length

  test.each(reading("sequences"))("%s", (name) => {
    const model = create(name, { vocabularySize: 27 }).initialize(new Generator(8))
    const known = new Set<unknown>()
    for (const [, module] of model.namedModules()) {
      if (module instanceof Linear || module instanceof CausalConv1d) {
        const inputs = module.weight.shape.slice(0, -1).reduce((a, b) => a * b)
        const bound = 1 / Math.sqrt(inputs)
        for (const { data } of module.parameters()) {
          expect(largest(data)).toBeLessThanOrEqual(bound)
          expect(meanSquare(data)).toBeGreaterThan((0.5 * bound ** 2) / 3)
        }
      } else if (module instanceof Embedding) {
        expect(Math.abs(meanSquare(module.weight.data) - 1)).toBeLessThan(0.15)
      } else if (module instanceof LayerNorm) {
        expect(module.weight.data.every((x) => x === 1)).toBe(true)
        expect(module.bias.data.every((x) => x === 0)).toBe(true)
      } else continue
      for (const parameter of module.parameters()) known.add(parameter)
    }
    // A bigram's table, and the state that a recurrent model starts from.
    for (const parameter of model.parameters())
      if (!known.has(parameter)) expect(largest(parameter.data)).toBe(0)
  })
})

describe.each(reading("windows"))("%s reads windows", (name) => {
  const model = create(name, small).initialize(new Generator(2))

  test("logits of the one symbol that follows", () => {
    expect(model.forward(Tensor.input("ids", [3, T], "int32")).shape).toEqual([3, V])
  })

  test("every position of the context matters, and no other row", () => {
    fc.assert(
      fc.property(twins, context, ({ pair: [ids, other] }, another) => {
        const logits = logitsOf(model, [ids, other])
        expect(differ(logits.subarray(0, V), logits.subarray(V))).toBe(true)
        expect(logits.slice(0, V)).toEqual(logitsOf(model, [ids, another]).slice(0, V))
      }),
    )
  })
})

describe("a handful of lines", () => {
  const lines = ["ada", "add", "bebe", "cab"]
  const vocabulary = Vocabulary.from(lines)
  const contextLength = 8

  /** What follows what in the lines, as counts, to one who looks back `memory` symbols. */
  const followers = (memory: number): Map<string, Map<number, number>> => {
    const counts = new Map<string, Map<number, number>>()
    for (const line of lines) {
      const ids = [STOP, ...vocabulary.encode(line), STOP]
      for (let at = 1; at < ids.length; at++) {
        const seen = String(ids.slice(Math.max(0, at - memory), at))
        const next = counts.get(seen) ?? new Map<number, number>()
        counts.set(seen, next.set(ids[at], (next.get(ids[at]) ?? 0) + 1))
      }
    }
    return counts
  }

  /** The lowest loss that anyone can have. */
  const lowestLoss = (counts: Map<string, Map<number, number>>): number => {
    let loss = 0
    let predictions = 0
    for (const next of counts.values()) {
      const all = [...next.values()].reduce((a, b) => a + b)
      for (const count of next.values()) loss -= count * Math.log(count / all)
      predictions += all
    }
    return loss / predictions
  }

  test.each(names)("%s learns them by heart, and makes nothing else", async (name) => {
    const model = create(name, {
      ...small,
      vocabularySize: vocabulary.size,
      contextLength,
      embedding: 8,
      hidden: 16,
      residualChannels: 8,
      dilationChannels: 16,
      skipChannels: 16,
    }).initialize(new Generator(4))
    const data: Dataset = (model.reads === "sequences" ? sequences : windows)(
      lines,
      vocabulary,
      contextLength,
    )
    const training = train(model, data, {
      steps: 300,
      batchSize: data.inputs.shape[0],
      batches: epochBatches,
      optimizer: adamw({ weightDecay: 0 }),
      rate: 0.03,
      generator: new Generator(5),
    })
    const losses: number[] = []
    for await (const progress of training) losses.push(...progress.losses)
    await training.release()
    const seen = followers(name === "bigram" ? 1 : contextLength)
    expect(losses[0]).toBeGreaterThan(1)
    expect(losses.at(-1)).toBeGreaterThan(lowestLoss(seen) - 1e-3)
    expect(losses.at(-1)).toBeLessThan(lowestLoss(seen) + 0.05)

    const sampler = await openSampler(model, { batchSize: 4 })
    // Unlikely symbols are left out, so that nothing is drawn that the lines do not have.
    for await (const ids of sampler.sample({ count: 20, generator: new Generator(6), topP: 0.85 }))
      for (const [at, next] of [...ids, STOP].entries()) {
        const back = name === "bigram" ? 1 : contextLength
        expect([...seen.get(String([STOP, ...ids].slice(0, at + 1).slice(-back)))!.keys()]).toContain(next)
      }
    await sampler.release()
  })
})

interface Fixture {
  readonly model: ModelName
  readonly config: Settings
  readonly initial: Record<string, number[]>
  readonly weights: Record<string, { readonly shape: number[]; readonly data: number[] }>
  readonly ids: number[][]
  readonly targets: number[][]
  readonly logits: number[]
  readonly loss: number
  readonly gradients: Record<string, number[]>
}

const fixtures: Fixture[] = JSON.parse(readFileSync(new URL("fixtures/models.json", import.meta.url), "utf8"))

describe("in PyTorch", () => {
  test("stand all models of makemore's family; the paper's WaveNet has a file of its own", () => {
    expect([...new Set(fixtures.map(({ model }) => model)), "wavenet-2016"]).toEqual(reading("sequences"))
  })

  test.each(fixtures)("$model $config starts with the same numbers", ({ model, config, initial }) => {
    const started = create(model, config).initialize(new Generator(3407))
    expect(started.namedParameters().map(([name]) => name)).toEqual(Object.keys(initial))
    for (const [name, { data }] of started.namedParameters())
      for (const [i, number] of initial[name].entries()) expect(data[i]).toBeCloseTo(number, 6)
  })

  test.each(fixtures)("$model $config has the same logits, loss and gradients", (fixture) => {
    const model = create(fixture.model, fixture.config)
    const named = model.namedParameters()
    expect(named.map(([name, { shape }]) => [name, shape])).toEqual(
      Object.entries(fixture.weights).map(([name, { shape }]) => [name, shape]),
    )
    const { ids, targets } = fixture
    const shape = [ids.length, ids[0].length]
    const tensor = (table: number[][]) => Tensor.constant(table.flat(), shape, "int32")
    const logits = model.forward(tensor(ids))
    const loss = symbolLoss(model, { inputs: tensor(ids), targets: tensor(targets) })
    // In double precision, as they were in PyTorch.
    const feeds = new Map(named.map(([name, parameter]) => [parameter, fixture.weights[name].data]))
    const got = interpret([logits, loss, ...gradients(loss, model.parameters())], feeds)
    const want = [fixture.logits, [fixture.loss], ...named.map(([name]) => fixture.gradients[name])]
    expect(got.length).toBe(want.length)
    for (const [k, numbers] of want.entries()) {
      expect(got[k].length).toBe(numbers.length)
      for (const [i, number] of numbers.entries()) expect(got[k][i]).toBeCloseTo(number, 6)
    }
  })
})
