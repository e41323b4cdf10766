/**
 * Every op record, tested by having been added: the shape and the dtypes it announces, its gradient against the slope of its
 * reference (central differences in double precision), its ONNX form and its JavaScript form against its reference, and what it
 * says of itself.
 */
import { describe, expect, test } from "vitest"
import { scriptOf } from "../../src/interchange/javascript-graph.ts"
import { compile } from "../../src/runtime/compile.ts"
import { Graph, nodesOf } from "../../src/runtime/graph.ts"
import { lower } from "../../src/runtime/lower.ts"
import { gradients } from "../../src/tensor/gradients.ts"
import { interpret } from "../../src/tensor/interpreter.ts"
import type { Accepted, DType, Example, Op } from "../../src/tensor/op.ts"
import * as ops from "../../src/tensor/ops/index.ts"
import { sameShape, sizeOf } from "../../src/tensor/shape.ts"
import { Tensor } from "../../src/tensor/tensor.ts"

/** A small generator of our own, so that this file needs nothing but the language. */
function numbers(seed: number) {
  let state = seed
  return (count: number, [low, high]: readonly [number, number], dtype: DType = "float32") =>
    Float64Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      const uniform = state / 2 ** 32
      if (dtype === "bool") return Math.floor(2 * uniform)
      const value = low + (high - low) * uniform
      return dtype === "int32" ? Math.floor(value) : Math.fround(value)
    })
}

const all: readonly DType[] = ["float32", "int32", "bool"]
const choices: Partial<Record<Accepted, readonly DType[]>> = { number: ["float32", "int32"], any: all }

/** The dtypes of the inputs, in all the ways that the record says it takes. */
function dtypesOf({ takes = ["float32"] }: Op, count: number): DType[][] {
  const wanted = Array.from({ length: count }, (_, k) => takes[k] ?? takes.at(-1)!)
  const generic = wanted.find((each) => each in choices)
  return (choices[generic ?? "any"] ?? all)
    .slice(0, generic ? 3 : 1)
    .map((dtype) => wanted.map((each) => (each in choices ? dtype : (each as DType))))
}

function instance(op: Op, { inputs: drawn, attributes }: Example<unknown>, dtypes: readonly DType[]) {
  const draw = numbers(7)
  const inputs = drawn.map(({ shape }, k) => Tensor.input(`x${k}`, shape, dtypes[k]))
  const values = drawn.map(({ shape, range }, k) => draw(sizeOf(shape), range, dtypes[k]))
  const y = new Tensor(op, inputs, attributes)
  return { inputs, values, feeds: new Map(inputs.map((input, k) => [input, values[k]])), y }
}

const records: [string, Op][] = Object.entries(ops)
const leaves = ["input", "constant"]

describe.each(records.filter(([name]) => !leaves.includes(name)))("%s", (name, op) => {
  const examples = op.examples.flatMap((example) =>
    dtypesOf(op, example.inputs.length).map((dtypes) => ({ example, dtypes })),
  )
  const cases = examples.map(({ example, dtypes }) => ({
    kinds: example.inputs.map(({ shape }, k) => `${dtypes[k]} (${shape})`).join(", "),
    example,
    dtypes,
  }))

  test("stands under its own name, with an example", () => {
    expect(op.name).toBe(name)
    expect(op.examples.length).toBeGreaterThan(0)
  })

  test.each(cases)("$kinds", async ({ example, dtypes }) => {
    const { inputs, values, feeds, y } = instance(op, example, dtypes)

    // The reference fills what the shape announces.
    const [expected] = interpret([y], feeds)
    expect(expected.length).toBe(sizeOf(y.shape))
    expect(expected.every(y.dtype === "float32" ? Number.isFinite : Number.isInteger)).toBe(true)

    // The gradient of Σ w y is its slope along a random direction of each input: one number checks a whole Jacobian.
    const draw = numbers(11)
    const weights = draw(y.size, [-1, 1])
    const floats = inputs.filter(({ dtype }) => dtype === "float32")
    const differentiable = op.gradient !== undefined && y.dtype === "float32"
    const wrt = differentiable ? gradients(y.mul(Tensor.constant(weights, y.shape)).sum(), floats) : []
    for (const [k, gradient] of wrt.entries()) {
      expect(gradient.shape).toEqual(floats[k].shape)
      const at = inputs.indexOf(floats[k])
      const direction = draw(floats[k].size, [-1, 1])
      const h = 1e-6
      const along = (sign: number) => {
        const moved = values[at].map((value, i) => value + sign * h * direction[i])
        return interpret([y], new Map(feeds).set(inputs[at], moved))[0].reduce(
          (t, v, i) => t + v * weights[i],
          0,
        )
      }
      const slope = (along(1) - along(-1)) / (2 * h)
      const [analytic] = interpret([gradient], feeds)
      expect(analytic.reduce((total, g, i) => total + g * direction[i], 0)).toBeCloseTo(slope, 6)
    }

    // Compiled, forward and gradients: within float32 of the reference.
    const named = Object.fromEntries(inputs.map((input, k) => [`x${k}`, input]))
    const outputs = { y, ...Object.fromEntries(wrt.map((gradient, k) => [`gradient ${k}`, gradient])) }
    const compiled = await compile(named, outputs)
    const got = await compiled.run(Object.fromEntries(values.map((value, k) => [`x${k}`, value])))
    const want = interpret(Object.values(outputs), feeds)
    for (const [k, key] of Object.keys(outputs).entries())
      expect(distance(Array.from(got[key], Number), want[k])).toBeLessThan(2e-6)
    await compiled.release()

    // As JavaScript, with the second input among the numbers that vary and among those that stay.
    if (op.javascript && "none" in op.javascript) expect(op.javascript.none).toMatch(/\w+ \w+/)
    else
      for (const kept of [[], [1]]) {
        const entries = inputs.map((input, k) => [input, `x${k}`] as const)
        const { functions, once, each, outputs } = scriptOf([y], {
          inputs: new Map(entries.filter((_, k) => !kept.includes(k))),
          weights: new Map(entries.filter((_, k) => kept.includes(k))),
          read: (name) => name,
        })
        const body = [...functions, ...once, ...each, `return ${outputs}`].join("\n")
        const run = new Function(...entries.map(([, name]) => name), body)
        expect(distance(run(...values), expected)).toBeLessThan(1e-12)
      }
  })

  test("refuses the dtypes that it does not take, by its name", () => {
    const [{ inputs, attributes }] = op.examples
    const taken = dtypesOf(op, inputs.length).map((dtypes) => dtypes.join())
    const combinations = inputs.reduce<DType[][]>(
      (lists) => lists.flatMap((list) => all.map((dtype) => [...list, dtype])),
      [[]],
    )
    for (const dtypes of combinations.filter((each) => !taken.includes(each.join()))) {
      const given = inputs.map(({ shape }, k) => Tensor.input(`x${k}`, shape, dtypes[k]))
      expect(() => new Tensor(op, given, attributes), dtypes.join()).toThrow(
        new RegExp(`^${name} takes .*cast`),
      )
    }
  })

  test("says whether it works position by position, as one node", () => {
    const alike = ({ inputs }: Example<unknown>) =>
      inputs.every(({ shape }) => sameShape(shape, inputs[0].shape))
    const byPosition = examples.every(({ example, dtypes }) => {
      const { inputs, values, y } = instance(op, example, dtypes)
      if (!alike(example)) return inputs.every(({ shape }) => broadcasts(shape, y.shape))
      if (!sameShape(y.shape, inputs[0].shape)) return false
      const [before] = interpret([y], new Map(inputs.map((input, k) => [input, values[k]])))
      const changed = values.map((value, k) =>
        value.with(0, dtypes[k] === "bool" ? 1 - value[0] : value[0] + 1),
      )
      const [after] = interpret([y], new Map(inputs.map((input, k) => [input, changed[k]])))
      return after.subarray(1).every((value, i) => value === before[i + 1])
    })
    expect(op.pointwise !== undefined).toBe(byPosition && op.examples.some(alike) && !op.composed)
    if (op.pointwise === undefined) return
    const { inputs, y } = instance(op, examples[0].example, examples[0].dtypes)
    const graph = new Graph()
    const known = new Map(inputs.map((input, k) => [input, graph.leaf(`x${k}`, input)]))
    expect(nodesOf(lower(graph, [y], known)).map(({ operator }) => operator)).toEqual([op.pointwise])
  })

  test("says whether its two inputs have an order", () => {
    if (op.pointwise === undefined || op.examples[0].inputs.length !== 2) {
      expect(op.commutative).toBeUndefined()
      return
    }
    const ordered = examples
      .filter(({ example: { inputs } }) => sameShape(inputs[0].shape, inputs[1].shape))
      .some(({ example, dtypes }) => {
        const { inputs, values, feeds, y } = instance(op, example, dtypes)
        const swapped = new Map([...feeds.keys()].map((input, k) => [input, values[1 - k]]))
        const [before, after] = [feeds, swapped].map((numbers) => interpret([y], numbers)[0])
        expect(inputs.length).toBe(2)
        return before.some((value, i) => value !== after[i])
      })
    expect(op.commutative ?? false).toBe(!ordered)
  })

  if (op.flat)
    test("passes next to no gradient where it says that it is flat", () => {
      const x = Tensor.input("x", [1601])
      const y = new Tensor(op, [x])
      const numbers = Float64Array.from({ length: 1601 }, (_, i) => (i - 800) / 100)
      const [values, slopes] = interpret([y, ...gradients(y.sum(), [x])], new Map([[x, numbers]]))
      const flat = slopes.filter((_, i) => op.flat!(values[i]))
      expect(flat.length).toBeGreaterThan(100)
      expect(Math.max(...flat)).toBeLessThan(0.06 * Math.max(...slopes))
      expect(slopes.length - flat.length).toBeGreaterThan(100)
    })
})

const broadcasts = (shape: readonly number[], to: readonly number[]): boolean =>
  shape.every((extent, axis) => extent === 1 || extent === to.at(axis - shape.length))

/** The largest difference, relative to the larger of 1 and the largest number. */
const distance = (got: ArrayLike<number>, want: Float64Array): number => {
  expect(got.length).toBe(want.length)
  const scale = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1)
  return want.reduce((worst, value, i) => Math.max(worst, Math.abs(value - got[i]) / scale), 0)
}
