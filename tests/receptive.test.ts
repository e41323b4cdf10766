/** What each node sees, found by trying, against what the drawings of the models say. */
import { describe, expect, test } from "vitest"
import { models, observe, receptiveFields, WaveNet2016 } from "../src/models/index.ts"
import { Generator } from "../src/random/index.ts"

const names = Object.keys(models) as (keyof typeof models)[]

const range = (first: number, end: number): number[] =>
  Array.from({ length: Math.max(0, end - first) }, (_, k) => first + k)

const make = (name: keyof typeof models, contextLength = 8, others: object = {}) =>
  new models[name]({ vocabularySize: 5, contextLength, embedding: 8, hidden: 8, ...others } as never)

test("the lecture's tree fuses two neighbours a level", () => {
  const levels = receptiveFields(make("wavenet"))
  expect(levels.map(({ type, channels, sees }) => [type, channels, sees.length])).toEqual([
    ["Embedding", 8, 8],
    ["Tanh", 8, 4],
    ["Tanh", 8, 2],
    ["Tanh", 8, 1],
  ])
  for (const { sees } of levels) {
    const width = 8 / sees.length
    expect(sees).toEqual(sees.map((_, node) => range(node * width, (node + 1) * width)))
  }
  for (const { reads } of levels.slice(1)) expect(reads).toEqual(reads.map((_, k) => [2 * k, 2 * k + 1]))
})

test("the flat network crushes all symbols at once, whatever dropout comes after", () => {
  const levels = receptiveFields(make("flat", 3, { dropout: 0.5 }))
  expect(levels.map(({ sees }) => sees)).toEqual([[[0], [1], [2]], [[0, 1, 2]]])
})

test("a dilated layer reads two positions, a dilation apart, and each doubles what is seen", () => {
  const small = { residualChannels: 8, dilationChannels: 8, skipChannels: 8 }
  const model = make("wavenet-2016", 16, { layers: 3, stacks: 2, kernelSize: 2, ...small }) as WaveNet2016
  const levels = receptiveFields(model)
  expect(levels.map(({ path }) => path)).toEqual([
    "initial.0",
    ...range(0, 6).map((k) => `stack.layers.${k}`),
    "hidden",
  ])
  for (const [k, { reads }] of levels.entries()) {
    if (k < 2 || k > 6) continue
    const dilation = 2 ** ((k - 1) % 3)
    expect(reads).toEqual(range(0, 16).map((t) => (t < dilation ? [t] : [t - dilation, t])))
  }
  expect(levels.at(-1)!.sees.at(-1)).toEqual(range(16 - model.receptiveField, 16))
  expect(model.receptiveField).toBe(16)
})

test("the conditions of a model are no symbols, and a context stack sees in steps", () => {
  const options = { vocabularySize: 5, contextLength: 16, layers: 1, stacks: 1, labels: 2, seriesWidth: 2 }
  const model = new WaveNet2016({ ...options, contextLayers: 1, contextStride: 4 })
  const levels = receptiveFields(model)
  const { sees } = levels.find(({ path }) => path === "context.stack.layers.0")!
  expect(sees).toHaveLength(4)
  expect(sees[1]).toEqual(range(0, 8))
  expect(levels.at(-1)!.sees[14].at(-1)).toBe(14)
})

test.each(["rnn", "gru", "lstm"] as const)("%s: a state sees all symbols so far", (name) => {
  const levels = receptiveFields(make(name, 5))
  expect(levels.map(({ path, isState }) => [path, isState])).toEqual([
    ["embedding", undefined],
    ["cell", true],
  ])
  expect(levels[1].sees).toEqual(range(0, 5).map((t) => range(0, t + 1)))
})

test.each(["mlp", "bow", "transformer"] as const)("%s: a position sees itself and all before it", (name) => {
  const others = name === "transformer" ? { layers: 2, heads: 2 } : {}
  const levels = receptiveFields(make(name, 6, others))
  expect(levels.length).toBeGreaterThan(1)
  expect(levels.at(-1)!.sees).toEqual(range(0, 6).map((t) => range(0, t + 1)))
})

test("a table has no nodes", () => {
  expect(receptiveFields(make("bigram"))).toEqual([])
})

test.each(names)(
  "%s: what a node sees is what the nodes see that it reads; the model stays as it is",
  (name) => {
    const model = make(name).initialize(new Generator(1))
    const before = model.stateDict()
    const levels = receptiveFields(model)
    for (const [k, { sees, reads, isState }] of levels.entries()) {
      if (k < 2 || isState) continue
      for (const [node, below] of reads.entries()) {
        const seen = new Set(below.flatMap((each) => levels[k - 1].sees[each]))
        expect(Array.from(seen).sort((a, b) => a - b)).toEqual(sees[node])
      }
    }
    expect(model.stateDict()).toEqual(before)
  },
)

test("shorter sequences than the model's", () => {
  expect(receptiveFields(make("gru", 100), 3)[1].sees).toEqual([[0], [0, 1], [0, 1, 2]])
})

describe("observe", () => {
  test("attention is a distribution over the positions so far", () => {
    const model = make("transformer", 4, { layers: 2, heads: 2 }).initialize(new Generator(1))
    const { attention } = observe(model, [0, 1, 2])
    expect(attention.map(({ path, shape }) => [path, shape])).toEqual([
      ["blocks.0.attention", [1, 2, 3, 3]],
      ["blocks.1.attention", [1, 2, 3, 3]],
    ])
    for (const { values } of attention)
      for (let row = 0; row < 6; row++) {
        const weights = values.slice(3 * row, 3 * row + 3)
        expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
        expect(weights.every((weight, k) => weight > 0 === k <= row % 3)).toBe(true)
      }
  })

  test("the states of a cell are what the head reads", () => {
    const model = make("lstm", 3).initialize(new Generator(1))
    const { outputs } = observe(model, [0, 1, 2])
    const states = outputs.find(({ path }) => path === "cell")!
    expect([states.type, states.shape]).toEqual(["JointLSTMCell", [1, 3, 8]])
    const { weight, bias } = (model as never as { head: unknown }).head as {
      weight: { data: Float32Array }
      bias: { data: Float32Array }
    }
    const first = range(0, 8).reduce((sum, h) => sum + states.values[h] * weight.data[h * 5], bias.data[0])
    expect(outputs.at(-1)!.values[0]).toBeCloseTo(first, 12)
  })
})
