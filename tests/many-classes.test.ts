/** With many classes, a training step passes over all logits as few times as can be, and computes what it does with few. */
import { describe, expect, test } from "vitest"
import { type Carried, stateLeaves } from "../src/runtime/carried.ts"
import { compile, compileLoop } from "../src/runtime/compile.ts"
import { Graph, type GraphValue, nodesOf } from "../src/runtime/graph.ts"
import { lower } from "../src/runtime/lower.ts"
import { rewrite, rules } from "../src/runtime/rewrite.ts"
import { crossEntropy, nllLoss } from "../src/tensor/functional.ts"
import { gradients } from "../src/tensor/gradients.ts"
import { interpret } from "../src/tensor/interpreter.ts"
import { Tensor } from "../src/tensor/tensor.ts"

const { input } = Tensor
const [N, H, E, V] = [6, 4, 3, 300]
const hidden = input("hidden", [N, H])
const features = input("features", [N, E])
const targets = input("targets", [N], "int32")
const counted = input("counted", [N])
const whole = { hidden, features, targets, counted }
/** As a loop carries them, stacked. */
const parts = { weight: input("weight", [H, V]), bias: input("bias", [V]), direct: input("direct", [E, V]) }
const { weight, bias, direct } = parts

const drawn = ({ size }: Tensor, k: number) =>
  Float32Array.from({ length: size }, (_, i) => Math.fround(Math.sin(1 + 7 * k + 3 * i)))
const numbers = {
  hidden: drawn(hidden, 0),
  features: drawn(features, 1),
  targets: Int32Array.from([7, 299, 0, 7, 150, 256]),
  counted: Float32Array.from([1, 1, 0, 1, 0.5, 1]),
}
const start = { weight: drawn(weight, 2), bias: drawn(bias, 3), direct: drawn(direct, 4) }

const logits = hidden.matmul(weight).add(bias).add(features.matmul(direct))
const losses = logits
  .reshape([2, 3, V])
  .crossEntropy(targets.reshape([2, 3]))
  .mul(counted.reshape([2, 3]))
const loss = losses.sum().div(counted.sum())
const [byWeight, byBias, byDirect, byHidden, byFeatures] = gradients(loss, [
  ...[weight, bias, direct],
  ...[hidden, features],
])
const now = input("parameters", [H + 1 + E, V])
const next = Tensor.concat([byWeight, byBias.reshape([1, V]), byDirect])
const carried: Record<string, Carried> = { parameters: { now, next, parts } }
const outputs = { loss, byHidden, byFeatures }

describe("a step", () => {
  function nodes(of: readonly Tensor[]) {
    const graph = new Graph(rules)
    const leaves = new Map<Tensor, GraphValue>(stateLeaves(graph, "parameters", carried.parameters))
    for (const [name, leaf] of Object.entries(whole)) leaves.set(leaf, graph.leaf(name, leaf))
    return nodesOf(rewrite(lower(graph, of, leaves)))
  }

  test("has one pass over all logits between three products with them, and as many for further gradients", () => {
    const wide = (node: ReturnType<typeof nodes>[number]) =>
      [...node.inputs, ...node.outputs].some((value) => value && value.size >= N * V) &&
      node.operator !== "Reshape"
    const passes = nodes([next, ...Object.values(outputs)])
      .filter(wide)
      .map(({ operator }) => operator)
    expect(passes.sort()).toEqual([
      "GatherElements",
      ...["Gemm", "Gemm", "Gemm", "Gemm"], // forward, by all parameters, by the hidden units, by the features
      "ScatterElements",
      "Softmax",
      "Split",
    ])
  })

  test("computes what the tensors say", async () => {
    const loop = await compileLoop({ carried, whole, perStep: { none: input("none", []) }, outputs })
    const running = loop.start(start, numbers)
    const found = { ...(await running.advance(1, { none: [0] })), ...running.state() }
    await loop.release()
    const leaves = { ...whole, ...parts }
    const feeds = new Map(
      Object.entries({ ...numbers, ...start }).map(([name, values]) => [
        leaves[name as keyof typeof leaves] as Tensor,
        Float64Array.from(values),
      ]),
    )
    const wanted = { ...outputs, weight: byWeight, bias: byBias, direct: byDirect }
    for (const [name, values] of Object.entries(wanted)) {
      const [exact] = interpret([values], feeds)
      expect(found[name].length).toBe(exact.length)
      for (const [i, value] of exact.entries()) expect(found[name][i], name).toBeCloseTo(value, 6)
    }
  })
})

describe("rows of a large table", () => {
  test("add up their gradients, whatever the number of threads", async () => {
    const [rows, width, count] = [5000, 40, 20_000]
    const table = input("table", [rows, width])
    const ids = input("ids", [count], "int32")
    const g = input("g", [count, width])
    const [gradient] = gradients(table.gather(ids).mul(g).sum(), [table])
    const values = {
      table: new Float32Array(rows * width),
      ids: Int32Array.from({ length: count }, (_, i) => (i * 7) % 10),
      g: new Float32Array(count * width).fill(1),
    }
    for (const threads of [1, 2]) {
      const compiled = await compile({ table, ids, g }, { gradient }, { threads })
      const found = (await compiled.run(values)).gradient as Float32Array
      await compiled.release()
      expect(found.findIndex((x, i) => x !== (i < 10 * width ? count / 10 : 0))).toBe(-1)
    }
  })
})

describe("losses by index are those by one-hot rows", () => {
  const x = Tensor.constant(drawn(input("x", [N, V]), 5), [N, V])
  const classes = Tensor.constant([7, -1, 0, 7, 150, 256], [N], "int32")
  const weight = Tensor.constant(
    Float32Array.from({ length: V }, (_, v) => 1 + (v % 3)),
    [V],
  )
  const rows = [0, 2, 3, 4, 5]
  const probabilities = Tensor.constant(
    Float64Array.from({ length: N * V }, (_, i) => Number(classes.values()[Math.floor(i / V)] === i % V)),
    [N, V],
  )
  test.each([0, 0.1])("with a label smoothing of %f", (labelSmoothing) => {
    const options = { weight, labelSmoothing, reduction: "none" } as const
    const losses = crossEntropy(x, classes, { ...options, ignoreIndex: -1 }).values()
    const wanted = crossEntropy(x, probabilities, options).values()
    for (const row of rows) expect(losses[row]).toBeCloseTo(wanted[row], 12)
    expect(losses[1]).toBe(0)
  })

  test("and of log-probabilities", () => {
    const losses = nllLoss(x.logSoftmax(), classes, { weight, ignoreIndex: -1 }).values()
    expect(losses[0]).toBeCloseTo(crossEntropy(x, classes, { weight, ignoreIndex: -1 }).values()[0], 12)
  })
})

test("a loss without a gradient is exact, however improbable its target", async () => {
  const x = input("x", [1, V])
  const target = input("target", [1], "int32")
  const compiled = await compile({ x, target }, { loss: x.crossEntropy(target) })
  const { loss } = await compiled.run({ x: new Float32Array(V).with(3, 1000), target: Int32Array.of(5) })
  await compiled.release()
  expect([...loss]).toEqual([1000])
})

test("targets that are no class are refused by name", async () => {
  const x = input("x", [1, V])
  const target = input("target", [1], "int32")
  const shifted = target.add(1)
  const [gradient] = gradients(x.crossEntropy(shifted).sum(), [x])
  for (const y of [x.crossEntropy(shifted), gradient]) {
    const compiled = await compile({ x, target }, { y })
    for (const wrong of [V - 1, -2])
      await expect(compiled.run({ x: new Float32Array(V), target: Int32Array.of(wrong) })).rejects.toThrow(
        /^\w+: (index .* is not one of 0 to 299|an index is too large or below 0): give/,
      )
    await compiled.release()
  }
})
