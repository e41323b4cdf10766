/** Every rewriting rule: the nodes that it leaves, and that they still compute what the tensors say. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { compile } from "../src/runtime/compile.ts"
import { Graph, nodesOf } from "../src/runtime/graph.ts"
import { hoist } from "../src/runtime/hoist.ts"
import { lower } from "../src/runtime/lower.ts"
import { rewrite, rules } from "../src/runtime/rewrite.ts"
import { gradients } from "../src/tensor/gradients.ts"
import { interpret, topological } from "../src/tensor/interpreter.ts"
import type { Values } from "../src/tensor/op.ts"
import { sizeOf } from "../src/tensor/shape.ts"
import { Tensor } from "../src/tensor/tensor.ts"

const { input, constant, full } = Tensor
const x = input("x", [6, 4])
const w = input("w", [4, 3])
const row = input("row", [4])
const cube = input("cube", [2, 3, 4])
const s = input("s", [])
/** A series (T, B, C), rows more than twice as many as the numbers of two positions, and matrices that they are multiplied with. */
const series = input("series", [9, 2, 3])
const taps = input("taps", [6, 4])
const back = input("back", [4, 3])
const leaves = { x, w, row, cube, s, series, taps, back }

/** A convolution of kernel size 2 along the first axis. */
const convolved = (t: Tensor, dilation: number): Tensor =>
  Tensor.concat([t.slice(0, 0, 9 - dilation).pad(0, dilation), t], 2).matmul(taps)

/** Two layers of a dilated stack, the second conditioned on something that is the same at all positions. */
const stacked = (): Tensor => {
  const first = series.add(
    convolved(series, 1)
      .add(row)
      .gatedTanh()
      .matmul(back.slice(0, 0, 2)),
  )
  const second = convolved(first, 4).add(cube.slice(0, 0, 1).slice(1, 1))
  return second.gatedTanh().relu()
}

function rewritten(outputs: readonly Tensor[]) {
  const graph = new Graph(rules)
  const known = new Map(Object.entries(leaves).map(([name, leaf]) => [leaf, graph.leaf(name, leaf)]))
  return rewrite(lower(graph, outputs, known))
}

const operators = (...outputs: Tensor[]): string =>
  nodesOf(rewritten(outputs))
    .map(({ operator }) => operator)
    .sort()
    .join(" ")

/** Numbers for the leaves, the same in every test. */
const numbers = Object.fromEntries(
  Object.entries(leaves).map(([name, { shape }], k) => [
    name,
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(Math.sin(1 + k + i))),
  ]),
)

/** Whether rounding to float32 after each op leaves the outputs where they are: x^256 - x^256 would be anything. */
function isStable(outputs: readonly Tensor[]): boolean {
  const known = new Map<Tensor, Values>(
    Object.entries(leaves).map(([name, leaf]) => [
      leaf,
      { shape: leaf.shape, dtype: leaf.dtype, data: numbers[name] },
    ]),
  )
  for (const tensor of topological(outputs, known)) {
    const { op, inputs, attributes, shape, dtype } = tensor
    const values = { shape, dtype, data: new Float64Array(sizeOf(shape)) }
    op.reference(
      inputs.map((input) => known.get(input)!),
      values,
      attributes,
    )
    known.set(tensor, { shape, dtype, data: values.data.map(Math.fround) })
  }
  const feeds = new Map(Object.entries(leaves).map(([name, leaf]) => [leaf, numbers[name]]))
  return interpret(outputs, feeds).every((exact, k) => {
    const scale = exact.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1)
    const rounded = known.get(outputs[k])!.data
    return exact.every((value, i) => Math.abs(rounded[i] - value) < 1e-5 * scale)
  })
}

async function expectEqual(...outputs: Tensor[]) {
  const named = Object.fromEntries(outputs.map((output, k) => [`y${k}`, output]))
  const compiled = await compile(leaves, named)
  const got = await compiled.run(numbers)
  await compiled.release()
  const feeds = new Map(Object.entries(leaves).map(([name, leaf]) => [leaf, numbers[name]]))
  for (const [k, want] of interpret(outputs, feeds).entries()) {
    expect(got[`y${k}`].length).toBe(want.length)
    // Float32 carries 6e-8; sums and powers on the way make more of it. A wrong rewrite is wrong in the first digits.
    const scale = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1)
    for (const [i, value] of want.entries())
      expect(Math.abs(Number(got[`y${k}`][i]) - value)).toBeLessThan(1e-4 * scale)
  }
}

const cases: [what: string, outputs: Tensor[], nodes: string][] = [
  ["equal nodes are one", [x.tanh().add(x.tanh())], "Add Tanh"],
  ["operands of a commutative operator have no order", [x.add(row).mul(row.add(x))], "Add Mul"],
  ["constants meet", [x.mul(constant([2], []).mul(3).add(1))], "Mul"],
  ["what adds nothing goes", [x.add(0).mul(1).sub(0).div(1).tanh()], "Tanh"],
  ["factors meet", [x.mul(2).mul(3)], "Mul"],
  ["a factor of a negation is one factor", [x.mul(2).neg()], "Mul"],
  ["a constant divisor is a factor that meets another", [x.div(4).mul(2)], "Mul"],
  ["1 / x", [x.reciprocal()], "Reciprocal"],
  ["a + (-b) and a - (-b)", [x.add(row.neg()), x.sub(row.neg())], "Add Sub"],
  ["-(a - b)", [x.sub(row).neg()], "Sub"],
  ["an expanded operand is not, where the operator broadcasts", [x.mul(s.expand([6, 4]))], "Mul"],
  ["nor is a constant", [x.mul(full([6, 4], 2))], "Mul"],
  ["a function of expanded numbers is expanded after it", [s.expand([6, 4]).tanh().mul(x)], "Mul Tanh"],
  ["reshapes meet", [x.reshape([24]).reshape([2, 12]).reshape([6, 4]).tanh()], "Tanh"],
  ["a reshape sinks below a function", [cube.reshape([6, 4]).tanh().reshape([2, 3, 4])], "Tanh"],
  ["and below a product with a row", [cube.reshape([6, 4]).mul(row).reshape([2, 3, 4])], "Mul"],
  [
    "and below a sum of two",
    [x.reshape([2, 12]).add(cube.reshape([6, 4]).reshape([2, 12]))],
    "Add Reshape Reshape",
  ],
  [
    "and below a part of the last axis, zeros beside it, and more of it",
    [
      x.reshape([2, 3, 4]).slice(2, 1, 3).tanh().reshape([6, 2]),
      x.reshape([2, 3, 4]).pad(2, 1, 2).exp().reshape([6, 7]),
      Tensor.concat([x.reshape([2, 3, 4]), x.abs().reshape([2, 3, 4])], 2)
        .sin()
        .reshape([6, 8]),
    ],
    "Abs Concat Exp Pad Sin Slice Tanh",
  ],
  [
    "but not below those of another axis",
    [
      x.reshape([2, 3, 4]).slice(1, 0, 2).tanh(),
      x.reshape([2, 3, 4]).pad(1, 1).exp(),
      Tensor.concat([x.reshape([2, 3, 4]), x.abs().reshape([2, 3, 4])], 1).sin(),
    ],
    "Abs Concat Exp Pad Reshape Reshape Sin Slice Tanh",
  ],
  [
    "so that a product swallows a part of another as its addend",
    [
      x
        .matmul(w)
        .reshape([2, 3, 3])
        .add(x.reshape([2, 3, 4]).slice(2, 0, 3)),
    ],
    "Gemm Reshape Slice",
  ],
  [
    "a lookup by reshaped indices is reshaped after it",
    [x.gather(row.greater(0).cast("int32").reshape([4, 1])).reshape([4, 4])],
    "Cast Gather Greater",
  ],
  [
    "a position of each sequence goes to the rows of a product",
    [
      cube
        .slice(1, 0, 1)
        .add(x.slice(0, 0, 2).matmul(w.matmul(w.transpose())).unsqueeze(1))
        .reshape([2, 4]),
    ],
    "Gemm Gemm Reshape Slice Slice",
  ],
  ["transposes meet", [cube.permute([2, 0, 1]).permute([1, 2, 0]).tanh()], "Tanh"],
  [
    "a transpose of extents of 1 is a reshape, which sinks",
    [row.reshape([1, 4]).transpose().reshape([4]).tanh()],
    "Tanh",
  ],
  ["a leading extent of 1 goes where broadcasting ignores it", [x.add(row.reshape([1, 4]))], "Add"],
  ["and stays where the sum has it", [s.reshape([1, 1]).add(row).sum(1)], "Add ReduceSum Reshape"],
  ["a product with a matrix is one over all rows", [cube.matmul(w)], "Gemm Reshape Reshape"],
  [
    "neighbours, each padded to the whole, stand side by side",
    [
      x
        .slice(1, 0, 1)
        .pad(1, 0, 3)
        .add(x.slice(1, 3, 4).pad(1, 3, 0))
        .add(x.slice(1, 1, 3).tanh().pad(1, 1, 1)),
    ],
    "Concat Slice Slice Slice Tanh",
  ],
  ["but not where there is a gap", [x.pad(0, 0, 7).add(x.pad(0, 7, 0))], "Add Pad Pad"],
  [
    "a shift is one node",
    [x.slice(1, 0, 3).pad(1, 1).tanh(), x.slice(0, 2).pad(0, 0, 2).exp()],
    "Exp Pad Pad Tanh",
  ],
  [
    "but what is put back where it was cut is zeros",
    [x.slice(1, 0, 3).pad(1, 0, 1).tanh()],
    "Pad Slice Tanh",
  ],
  ["a Gemm transposes", [x.transpose().matmul(x), w.transpose().matmul(x.transpose())], "Gemm Gemm"],
  ["scales", [x.matmul(w).mul(0.5)], "Gemm"],
  ["takes its operand's factor", [x.mul(2).matmul(w)], "Gemm"],
  ["adds", [x.matmul(w).add(constant([1, 2, 3]))], "Gemm"],
  [
    "subtracts, either way round",
    [x.sub(x.matmul(w).matmul(w.transpose())), cube.matmul(w).reshape([6, 3]).sub(1)],
    "Gemm Gemm Gemm Reshape",
  ],
  ["but keeps what somebody else wants", [x.matmul(w).mul(2), x.matmul(w).tanh()], "Gemm Mul Tanh"],
  ["a sum of rows is a product with ones", [cube.sum([0, 1])], "Gemm Reshape Reshape"],
  ["and a mean scales them", [x.mean(0)], "Gemm Reshape"],
  [
    "a sum of all forgets shapes and waits with factors",
    [cube.reshape([6, 4]).mul(2).sum()],
    "Mul ReduceSum",
  ],
  ["a sum of sums is a sum", [cube.sum(-1).sum()], "ReduceSum"],
  [
    "a weighted sum of rows is one Gemm",
    [
      x
        .sum(0, { keepDim: true })
        .tanh()
        .mul(0.9)
        .add(x.amax(0, { keepDim: true }).mul(0.1)),
    ],
    "Gemm Gemm ReduceMax Tanh",
  ],
]

describe("layout", () => {
  const turns = (...outputs: Tensor[]) => operators(...outputs).match(/Transpose/g)?.length ?? 0

  test("a convolution along time is computed on columns, turned once before it and once after it", async () => {
    const y = convolved(series, 2)
    expect(operators(y)).toBe("Concat Gemm Pad Reshape Reshape Transpose Transpose")
    await expectEqual(y)
  })

  test("a stack stays on columns, forward and backward", async () => {
    const y = stacked()
    const inputs = [series, taps, back, row, cube]
    const all = [y, ...gradients(y.mul(y).sum(), inputs)]
    expect(turns(y)).toBe(3) // the series, the condition and the result
    expect(turns(...all)).toBe(5) // and the gradients of the first two
    await expectEqual(...all)
  })

  test("a matrix that is not tall stays as it is", () => {
    const short = series.slice(0, 0, 3)
    expect(turns(Tensor.concat([short.slice(0, 0, 2).pad(0, 1), short], 2).matmul(taps))).toBe(0)
  })

  test("a weight's gradient is no reason to turn anything", () => {
    const g = gradients(x.slice(0, 0, 2).matmul(w).sin().sum(), [w])[0]
    expect(turns(g.add(w))).toBe(0)
  })
})

describe("each rule", () => {
  test.each(cases)("%s", async (_, outputs, nodes) => {
    expect(operators(...outputs)).toBe(nodes)
    await expectEqual(...outputs)
  })

  test("two graphs of the same function settle on the same nodes", () => {
    expect(operators(x.matmul(w).mul(2).neg().add(1))).toBe(operators(x.mul(-2).matmul(w).add(1)))
  })
})

describe("any graph", () => {
  /** A tensor built by random moves from the leaves, as a list of numbers that pick the moves. */
  const build = (moves: readonly number[]): Tensor => {
    const fit = (t: Tensor) =>
      t.shape.at(-1) === 4 ? row : t.shape.at(-1) === 3 ? constant([0.5, -1, 2]) : s
    const choices: ((t: Tensor, n: number) => Tensor)[] = [
      (t) => t.tanh(),
      (t, n) => t.mul((n % 5) - 2),
      (t) => t.add(fit(t)),
      (t) => t.sub(t.mean(0, { keepDim: true })),
      (t) => t.neg(),
      (t) => (t.rank > 1 ? t.transpose() : t.reshape([1, -1])),
      (t) => t.reshape([-1]),
      (t) => (t.size === 24 ? t.reshape([6, 4]) : t),
      (t) => (t.size === 24 ? t.reshape([2, 3, 4]).add(cube) : t.mul(t)),
      (t) => (t.rank > 1 && t.shape.at(-1) === 4 ? t.matmul(w) : t.mul(0.5)),
      (t) => (t.rank > 1 ? t.sum(0) : t.add(s)),
      (t) =>
        t.rank > 1
          ? t
              .reshape([-1, t.shape.at(-1)!])
              .transpose()
              .matmul(t.reshape([-1, t.shape.at(-1)!]))
          : t,
      (t) => t.mul(s.expand(t.shape)),
      (t, n) => t.add(t.mul(n % 3)),
    ]
    return moves.reduce((t, n) => choices[n % choices.length](t, n >> 4), x as Tensor).tanh()
  }

  test("computes the same, forward and backward", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000), { minLength: 1, maxLength: 12 }), async (moves) => {
        const y = build(moves)
        const outputs = [y, ...gradients(y.sum(), [x, w, row, s])]
        fc.pre(isStable(outputs))
        await expectEqual(...outputs)
      }),
      { numRuns: 60 },
    )
  })
})

describe("hoisting", () => {
  test("takes out what needs no state, and leaves what does", () => {
    const graph = new Graph(rules)
    const table = input("table", [9, 2], "int32")
    const rows = input("rows", [5], "int32")
    const weight = input("weight", [9, 3])
    const known = new Map([
      [table, graph.leaf("table", table)],
      [rows, graph.leaf("rows", rows, "row")],
      [weight, graph.leaf("weight", weight, "state")],
    ])
    const ids = table.gather(rows)
    const {
      values,
      before,
      rows: read,
    } = hoist(rewrite(lower(graph, [weight.gather(ids.transpose()), ids.oneHot(9)], known)))
    expect(nodesOf(values).map(({ operator }) => operator)).toEqual(["Gather"])
    expect(nodesOf(before.map(([, value]) => value)).map(({ operator }) => operator)).toEqual([
      "Gather",
      "Less",
      "Where",
      "Transpose",
      "Gather",
    ])
    expect(read.map(([, { shape }]) => shape)).toEqual([
      [2, 5],
      [5, 2, 9],
    ])
  })
})
