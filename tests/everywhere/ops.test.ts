/**
 * Every op record, tested by having been added: the shape it announces, its gradient against the slope of its reference
 * (central differences in double precision), and its ONNX form against its reference.
 */
import { describe, expect, test } from "vitest"
import { compile } from "../../src/runtime/compile.ts"
import { gradients } from "../../src/tensor/gradients.ts"
import { interpret } from "../../src/tensor/interpreter.ts"
import type { Example, Op } from "../../src/tensor/op.ts"
import * as ops from "../../src/tensor/ops/index.ts"
import { sizeOf } from "../../src/tensor/shape.ts"
import { Tensor } from "../../src/tensor/tensor.ts"

/** A small generator of our own, so that this file needs nothing but the language. */
function numbers(seed: number) {
  let state = seed
  return (count: number, [low, high]: readonly [number, number], whole: boolean) =>
    Float64Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      const value = low + (high - low) * (state / 2 ** 32)
      return whole ? Math.floor(value) : Math.fround(value)
    })
}

function instance(op: Op, { shapes, attributes, ranges, dtypes }: Example<unknown>) {
  const draw = numbers(7)
  const inputs = shapes.map((shape, k) => Tensor.input(`x${k}`, shape, dtypes?.[k] ?? "float32"))
  const values = inputs.map(({ shape, dtype }, k) =>
    draw(sizeOf(shape), ranges?.[k] ?? ranges?.[0] ?? [-2, 2], dtype !== "float32"),
  )
  return {
    inputs,
    values,
    feeds: new Map(inputs.map((input, k) => [input, values[k]])),
    y: new Tensor(op, inputs, attributes),
  }
}

describe.each(Object.entries(ops))("%s", (name, op: Op) => {
  test("stands under its own name", () => {
    expect(op.name).toBe(name)
    if (name !== "constant" && name !== "input") expect(op.examples.length).toBeGreaterThan(0)
  })

  test.each(
    op.examples.map((example, k) => ({ k, shapes: example.shapes.map((s) => `(${s})`).join(" "), example })),
  )("example $k $shapes", async ({ example }) => {
    const { inputs, values, feeds, y } = instance(op, example)

    // The reference fills what the shape announces.
    const [expected] = interpret([y], feeds)
    expect(expected.length).toBe(sizeOf(y.shape))
    expect(expected.every(Number.isFinite)).toBe(true)

    // The gradient of Σ w y is its slope along a random direction of each input: one number checks a whole Jacobian.
    const draw = numbers(11)
    const weights = draw(y.size, [-1, 1], false)
    const w = Tensor.constant(weights, y.shape)
    const floats = inputs.filter(({ dtype }) => dtype === "float32")
    const wrt = op.gradient ? gradients(y.mul(w).sum(), floats) : []
    for (const [k, gradient] of wrt.entries()) {
      expect(gradient.shape).toEqual(floats[k].shape)
      const at = inputs.indexOf(floats[k])
      const direction = draw(floats[k].size, [-1, 1], false)
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
  })
})

/** The largest difference, relative to the larger of 1 and the largest number. */
const distance = (got: readonly number[], want: Float64Array): number => {
  expect(got.length).toBe(want.length)
  const scale = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1)
  return want.reduce((worst, value, i) => Math.max(worst, Math.abs(value - got[i]) / scale), 0)
}
