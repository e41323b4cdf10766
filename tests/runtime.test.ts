/** The runtime: providers, the fallback when the native library does not load, and loops. */
import { fromBinary } from "@bufbuild/protobuf"
import { ModelProtoSchema } from "onnx-buf"
import { afterEach, describe, expect, test, vi } from "vitest"
import { UserError } from "../src/errors.ts"
import { announceLoading } from "../src/runtime/compile.ts"
import { compile, compileLoop } from "../src/runtime/index.ts"
import { reasonIn } from "../src/runtime/session.ts"
import { Tensor } from "../src/tensor/index.ts"

const x = Tensor.input("x", [3])
const { constant } = Tensor
const double = { y: x.mul(2).add(x) }

describe("providers", () => {
  test.each(["cpu", "wasm"] as const)("%s computes", async (provider) => {
    const compiled = await compile({ x }, double, { provider })
    expect(Array.from((await compiled.run({ x: [1, 2, 3] })).y)).toEqual([3, 6, 9])
    await compiled.release()
  })

  test("an unavailable one throws an error with a remedy", async () => {
    const failure = await compile({ x }, double, { provider: "cuda" }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(UserError)
    expect((failure as Error).message).toMatch(/^provider 'cuda' is not available .*use 'cpu'/)
  })

  test.each([
    [
      "/onnxruntime_src/webgpu_context.cc:136 f(const Config&)::<lambda()> a.status == wgpu::Success was false. Failed to get a WebGPU adapter: No supported adapters\n",
      "Failed to get a WebGPU adapter: No supported adapters",
    ],
    ["no such provider\nat a.cc:1 f()", "no such provider"],
  ])("what ONNX Runtime says has no places in its code", (message, reason) => {
    expect(reasonIn(new Error(message))).toBe(reason)
  })
})

describe("where the native library does not load", () => {
  afterEach(() => {
    vi.doUnmock("#ort")
    vi.resetModules()
  })

  test("WebAssembly takes over, with a notice", async () => {
    vi.resetModules()
    vi.doMock("#ort", () => {
      throw new Error("libonnxruntime.so.1: cannot open shared object file")
    })
    const { compile } = await import("../src/runtime/compile.ts")
    const notices: string[] = []
    const compiled = await compile({ x }, double, { notice: (sentence) => notices.push(sentence) })
    expect(Array.from((await compiled.run({ x: [1, 2, 3] })).y)).toEqual([3, 6, 9])
    expect(notices).toHaveLength(1)
    expect(notices[0]).toMatch(/native library does not load here .*WebAssembly takes over/)
    await compiled.release()
  })
})

describe("a loop", () => {
  const total = Tensor.input("total", [2])
  const count = Tensor.input("count", [], "int32")
  const table = Tensor.input("table", [4, 2])
  const row = Tensor.input("row", [], "int32")
  const body = {
    carried: {
      total: { now: total, next: total.add(table.gather(row)) },
      count: { now: count, next: count.add(1) },
    },
    whole: { table },
    perStep: { row },
    outputs: { before: total.sum(), countBefore: count },
  }
  const start = { total: [0, 0], count: [0] }
  const whole = { table: [1, 2, 10, 20, 100, 200, 1000, 2000] }

  test("carries its state, and returns the outputs of every step", async () => {
    const loop = await compileLoop(body)
    const running = loop.start(start, whole)
    const { before, countBefore } = await running.advance(3, { row: [0, 2, 2] })
    expect(Array.from(before)).toEqual([0, 3, 303])
    expect(Array.from(countBefore)).toEqual([0, 1, 2])
    expect(Array.from(running.state().total)).toEqual([201, 402])
    await running.advance(1, { row: [3] })
    expect(Array.from(running.state().total)).toEqual([1201, 2402])
    expect(Array.from(running.state().count)).toEqual([4])
    await loop.release()
  })

  test("returns to an earlier state, and continues with another number of steps per call", async () => {
    const loop = await compileLoop(body)
    const running = loop.start(start, whole)
    await running.advance(1, { row: [1] })
    const earlier = running.state()
    await running.advance(2, { row: [0, 3] })
    const there = running.state()
    running.restore(earlier)
    await running.advance(1, { row: [0] })
    await running.advance(1, { row: [3] })
    expect(running.state()).toEqual(there)
    await loop.release()
  })

  test("is an ONNX model with telling names", async () => {
    const loop = await compileLoop(body)
    const { graph } = fromBinary(ModelProtoSchema, loop.model)
    expect(graph?.input.map(({ name }) => name)).toEqual(["total", "count", "table", "row"])
    expect(graph?.output.map(({ name }) => name)).toEqual([
      "after/total",
      "after/count",
      "all/before",
      "all/countBefore",
    ])
    expect(graph?.node.map(({ opType }) => opType)).toContain("Scan")
    await loop.release()
  })

  test("names each value once, before the steps and in them", async () => {
    const scores = total
      .reshape([1, 2])
      .add(row.oneHot(2).reshape([1, 2]))
      .mul(constant([3, 4]).reshape([1, 2]))
    const loop = await compileLoop({
      ...body,
      outputs: { scores: scores.tanh(), marked: row.oneHot(2).add(0.5) },
    })
    const { graph } = fromBinary(ModelProtoSchema, loop.model)
    const inside = graph!.node.flatMap(({ attribute }) => attribute.flatMap(({ g }) => (g ? [g] : [])))
    expect(inside).toHaveLength(1)
    const names = [graph!, ...inside].flatMap(({ node, initializer }) => [
      ...node.flatMap(({ output }) => output),
      ...initializer.map(({ name }) => name),
    ])
    expect(names.filter((name, k) => names.indexOf(name) !== k)).toEqual([])
    await loop.release()
  })

  test("carries several states as one matrix, and names each outside", async () => {
    const [both, x] = [Tensor.input("both", [4, 2]), Tensor.input("x", [])]
    const [weight, bias, spare] = [[2, 2], [2], [1, 2]].map((shape, k) => Tensor.input(`part ${k}`, shape))
    const loop = await compileLoop({
      carried: { both: { now: both, next: both.mul(2), parts: { weight, bias, spare } } },
      perStep: { x },
      outputs: { y: weight.sub(bias).add(x) }, // the last is unused
    })
    const state = { weight: [1, 2, 3, 4], bias: [5, 6], spare: [7, 8] }
    const running = loop.start(state)
    const { y } = await running.advance(2, { x: [0, 1] })
    expect(Array.from(y)).toEqual([-4, -4, -2, -2, -7, -7, -3, -3])
    const numbers = Object.entries(running.state()).map(([name, values]) => [name, Array.from(values)])
    expect(Object.fromEntries(numbers)).toEqual({
      weight: [4, 8, 12, 16],
      bias: [20, 24],
      spare: [28, 32],
    })
    running.restore(state)
    expect(Array.from(running.state().bias)).toEqual([5, 6])
    expect(() => loop.start({ ...state, bias: [5] })).toThrow("'bias' needs 2 values, got 1")
    await loop.release()
  })

  test("rejects values that do not fill its inputs", async () => {
    const loop = await compileLoop(body)
    expect(() => loop.start({ total: [0], count: [0] }, whole)).toThrow("'total' needs 2 values, got 1")
    expect(() => loop.start(start, {})).toThrow("nothing is given for 'table'")
    await loop.release()
  })
})

test("a step that takes long to load is announced with its seconds", () => {
  const notices: string[] = []
  for (const nodes of [10_000, 49_000])
    announceLoading(nodes, { notice: (sentence) => notices.push(sentence) })
  expect(notices).toEqual([
    "ONNX Runtime takes about 96 s to load a step of 49,000 operations, and nothing interrupts it: a shorter context (--context) takes less",
  ])
})
