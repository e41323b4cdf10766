/**
 * Whole numbers and indices: interpreter and ONNX Runtime give one answer, to the bit, or both refuse in the name of the op. Random
 * programs of int32 tensors, and random indices, in range and out of it, on every way to an op that reads by them.
 */
import { fromBinary } from "@bufbuild/protobuf"
import fc from "fast-check"
import { ModelProtoSchema } from "onnx-buf"
import { describe, expect, test, vi } from "vitest"
import { models } from "../src/models/index.ts"
import { compile, compileLoop } from "../src/runtime/compile.ts"
import { interpret } from "../src/tensor/interpreter.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { evaluate, train } from "../src/training/index.ts"

const int32 = (name: string, shape: readonly number[]) => Tensor.input(name, shape, "int32")
const number = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 0, -1),
)

// ── programs ──

/** Ops of (2, 3) whole numbers that give (2, 3) whole numbers. */
const steps: Record<string, (a: Tensor, b: Tensor, c: number) => Tensor> = {
  add: (a, b) => a.add(b),
  sub: (a, b) => a.sub(b),
  mul: (a, b) => a.mul(b),
  constants: (a, _, c) => a.mul(c).mul(c).add(c).sub(7).mul(-1),
  neg: (a) => a.neg(),
  abs: (a) => a.abs(),
  maximum: (a, b) => a.maximum(b),
  minimum: (a, b) => a.minimum(b),
  clamp: (a, _, c) => a.clamp({ min: -5, max: Math.abs(c | 0) % 100 }),
  sum: (a, b) => a.sum(0, { keepDim: true }).add(b),
  "sum of all": (a, _, c) => a.mul(c).sum().expand([2, 3]),
  amax: (a, b) => a.amax(1, { keepDim: true }).sub(b),
  argmax: (a, b) => a.argmax(1).reshape([2, 1]).add(b),
  cumsum: (a) => a.cumsum(1),
  "cumsum from the end": (a) => a.cumsum(0, { reverse: true }),
  where: (a, b, c) => a.less(b).logicalOr(a.equal(c)).where(a, b),
  "where not": (a, b) => a.greaterEqual(b).where(b, 3),
  "to float32 and back": (a) => a.clamp({ min: -1000, max: 1000 }).cast("float32").mul(0.5).cast("int32"),
  "to bool and back": (a) => a.cast("bool").logicalNot().cast("int32"),
  reshape: (a, b) => a.reshape([3, 2]).reshape([6]).reshape([2, 3]).add(b),
  permute: (a) => a.transpose().reshape([2, 3]),
  parts: (a, b) => Tensor.concat([a.slice(1, 1), b.slice(1, 0, 1)], 1),
  pad: (a, b) => a.slice(1, 0, 2).pad(1, 1).add(b),
  gather: (a) => a.gather(Tensor.constant([1, 0], [2], "int32")),
  indexCopy: (a, b) => a.indexCopy(Tensor.constant([1], [1], "int32"), b.slice(0, 0, 1)),
}

test("random programs of whole numbers are equal, to the bit", async () => {
  const step = fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.nat(99), fc.nat(99), number)
  const numbers = fc.array(number, { minLength: 6, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 7 }), numbers, numbers, async (list, x, y) => {
      const [a, b] = [int32("x", [2, 3]), int32("y", [2, 3])]
      const made = [a, b]
      for (const [name, i, j, c] of list)
        made.push(steps[name](made[i % made.length], made[j % made.length], c))
      const z = made.at(-1)!
      const compiled = await compile({ x: a, y: b }, { z })
      const got = (await compiled.run({ x, y })).z
      await compiled.release()
      const feeds = new Map([
        [a, x],
        [b, y],
      ])
      expect(z.dtype).toBe("int32")
      expect(Array.from(got)).toEqual(Array.from(interpret([z], feeds)[0]))
    }),
    { numRuns: 150, seed: 8 },
  )
})

test.each([
  ["int32", [1, 2.5], "2.5 at 1"],
  ["int32", [2 ** 31, 0], "2147483648 at 0"],
  ["bool", [1, 2], "2 at 1"],
] as const)("%s numbers %j that are none are refused by both", async (dtype, numbers, sentence) => {
  const x = Tensor.input("x", [2], dtype)
  const y = x.reshape([1, 2])
  expect(() => interpret([y], new Map([[x, numbers]]))).toThrow(sentence)
  const compiled = await compile({ x }, { y })
  await expect(compiled.run({ x: numbers })).rejects.toThrow(sentence)
  await compiled.release()
})

// ── indices ──

const V = 5

/** What reads by indices (3), each of which must be from 0 to V - 1. */
const readers: Record<string, (indices: Tensor) => Tensor> = {
  gather: (indices) => Tensor.arange(V).gather(indices),
  oneHot: (indices) => indices.oneHot(V),
  crossEntropy: (indices) => Tensor.full([3, V], 0).crossEntropy(indices),
  indexCopy: (indices) => Tensor.arange(V).indexCopy(indices, Tensor.constant([7, 7, 7], [3], "int32")),
}

/** Ways on which the numbers get there: by a leaf, by movement, by arithmetic. */
const ways: Record<string, (leaf: Tensor) => Tensor> = {
  given: (leaf) => leaf,
  moved: (leaf) => leaf.reshape([3, 1]).transpose().reshape([3]),
  "in parts": (leaf) => Tensor.concat([leaf.slice(0, 2), leaf.slice(0, 0, 2)]),
  computed: (leaf) => leaf.add(1).sub(1),
  masked: (leaf) => leaf.notEqual(77).where(leaf, 0),
  "out of a table": (leaf) => leaf.reshape([3]).gather(Tensor.arange(3)),
}

/** The error's message, or the numbers. */
const outcome = async (run: () => Promise<ArrayLike<number>> | ArrayLike<number>) => {
  try {
    return Array.from(await run())
  } catch (error) {
    return (error as Error).message
  }
}

function agree(name: string, indices: readonly number[], size: number, got: unknown, want: unknown) {
  const inRange = indices.every((index) => index >= 0 && index < size)
  expect(typeof want === "string", `${want}`).toBe(!inRange)
  if (inRange) expect(got).toEqual(want)
  else
    for (const message of [got, want]) expect(message).toMatch(new RegExp(`^${name}: (index|target) -?\\d+`))
}

const index = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: V - 1 }) }, number)

describe.each(Object.entries(readers))("%s", (name, read) => {
  test.each(Object.entries(ways))("by indices that are %s", async (_, way) => {
    const leaf = int32("leaf", [3])
    const y = read(way(leaf)).cast("float32")
    const compiled = await compile({ leaf }, { y })
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(index, { minLength: 3, maxLength: 3 }), async (indices) => {
        const want = await outcome(() => interpret([y], new Map([[leaf, indices]]))[0].map(Math.fround))
        agree(name, indices, V, await outcome(async () => (await compiled.run({ leaf: indices })).y), want)
      }),
      { numRuns: 60, seed: 8 },
    )
    await compiled.release()
  })

  test("by indices of a step, of the state, and of a table that is the same in every step", async () => {
    const [row, state, table] = [int32("row", [3]), int32("state", [3]), int32("table", [3])]
    const outputs = Object.fromEntries(
      [row, state, table.gather(Tensor.arange(3))].map((ids, k) => [
        `y${k}`,
        read(ids).cast("float32").sum(),
      ]),
    )
    const loop = await compileLoop({
      carried: { state: { now: state, next: state.add(0) } },
      whole: { table },
      perStep: { row },
      outputs,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        fc.uniqueArray(index, { minLength: 3, maxLength: 3 }),
        async (which, indices) => {
          const leaves = [row, state, table].map(
            (leaf, k) => [leaf, k === which ? indices : [0, 1, 2]] as const,
          )
          const want = await outcome(() => interpret(Object.values(outputs), new Map(leaves))[which])
          const got = await outcome(async () => {
            const running = loop.start({ state: leaves[1][1] }, { table: leaves[2][1] })
            return (await running.advance(1, { row: leaves[0][1] }))[`y${which}`]
          })
          agree(
            name,
            indices,
            V,
            Array.isArray(got) ? got.map(close) : got,
            Array.isArray(want) ? want.map(close) : want,
          )
        },
      ),
      { numRuns: 60, seed: 8 },
    )
    await loop.release()
  })
})

describe("the state of a loop", () => {
  const state = int32("state", [])
  const unrelated = int32("unrelated", [])
  const row = int32("row", [])
  const loop = (next: Tensor) =>
    compileLoop({
      carried: {
        state: { now: state, next },
        unrelated: { now: unrelated, next: unrelated.add(1) },
      },
      perStep: { row },
      outputs: { y: Tensor.arange(V).gather(state), z: unrelated.add(row) },
    })
  const comparisons = (model: Uint8Array): number => {
    const { graph } = fromBinary(ModelProtoSchema, model)
    const [body] = graph!.node.flatMap(({ attribute }) => attribute.flatMap(({ g }) => g ?? []))
    return body.node.filter(({ opType }) => opType === "Less").length
  }

  test.each([
    ["that counts", state.add(1)],
    ["that begins anew", state.greater(3).where(0, state.add(1))],
    ["that is drawn", Tensor.stack([state, row]).cast("float32").argmax()],
    ["that is a place in an order", Tensor.stack([state, row]).argsort().select(0, 0)],
    ["that is given, or drawn where less is given", row.less(0).where(state, row)],
  ])("%s is checked where it begins, and has no guard", async (_, next) => {
    const { model, start, release } = await loop(next)
    expect(comparisons(model)).toBe(0)
    expect(() => start({ state: [-1], unrelated: [0] })).toThrow(/^gather: index -1 at 0 of 'state'/)
    const running = start({ state: [0], unrelated: [-9] })
    expect(Array.from((await running.advance(1, { row: [3] })).y)).toEqual([0])
    await release()
  })

  test.each([
    ["that falls", state.sub(1), 2],
    ["that is given", row, 1],
  ])("%s is refused when it is below 0", async (_, next, step) => {
    const { model, start, release } = await loop(next)
    expect(comparisons(model)).toBe(1)
    const running = start({ state: [1], unrelated: [0] })
    await running.advance(step, { row: new Array(step).fill(-1) })
    await expect(running.advance(1, { row: [0] })).rejects.toThrow(/^gather: index 5, or one below 0,/)
    await release()
  })
})

const close = (x: number) => Number(x.toPrecision(5))

test("a constant index out of range is refused while the graph is compiled", async () => {
  const y = Tensor.arange(V).gather(Tensor.constant([0, V], [2], "int32"))
  expect(() => y.values()).toThrow("gather: index 5 at 1 is not one of 0 to 4")
  await expect(compile({}, { y })).rejects.toThrow("gather: index 5 at 1 is not one of 0 to 4")
})

test("one-hot rows of many classes refuse as those of few do", async () => {
  const ids = int32("ids", [2])
  const y = ids.add(1).sub(1).oneHot(300)
  const compiled = await compile({ ids }, { y })
  for (const wrong of [-1, 300, 301])
    await expect(compiled.run({ ids: [0, wrong] })).rejects.toThrow(
      /^oneHot: index \d+.* is not one of 0 to 299/,
    )
  expect((await compiled.run({ ids: [0, 299] })).y.lastIndexOf(1 as never)).toBe(599)
  await compiled.release()
})

describe.each(["cpu", "wasm"] as const)("a model of fewer symbols than its data, on %s", (provider) => {
  const runtime = { provider }
  const rows = 6
  const model = () =>
    new models["wavenet-2016"]({ vocabularySize: 3, contextLength: 4, layers: 2, stacks: 1, labels: 2 })
  const data = (id: number, target: number, label: number) => ({
    inputs: { data: new Int32Array(rows * 4).fill(1).fill(id, 5, 6), shape: [rows, 4] },
    targets: { data: new Int32Array(rows * 4).fill(1).fill(target, 7, 8), shape: [rows, 4] },
    labels: { data: new Int32Array(rows).fill(label, 3, 4), shape: [rows] },
  })
  test.each([
    [3, 0, 0],
    [-1, 0, 0],
    [0, 7, 0],
    [0, 0, 2],
    [0, 0, -1],
  ])("refuses id %i, target %i, label %i in training and evaluation", async (...wrong) => {
    const printed = vi.spyOn(process.stderr, "write")
    const sentence =
      /^(oneHot|gather|crossEntropy): index \d.* is not one of 0 to \d: give only these, or make the table larger: in a model by vocabularySize/
    const training = train(model(), data(...wrong), { steps: 3, batchSize: rows, runtime })
    await expect(training.advance(3)).rejects.toThrow(sentence)
    await expect(evaluate(model(), data(...wrong), { runtime })).rejects.toThrow(sentence)
    expect(printed).not.toHaveBeenCalled()
    printed.mockRestore()
  })
})
