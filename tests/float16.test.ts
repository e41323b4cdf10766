/** 16-bit floats against the engine's own, which Node has from 24 on, and against values of IEEE 754. */
import { expect, test } from "vitest"
import { UserError } from "../src/errors.ts"
import { fromFloat16, toFloat16 } from "../src/interchange/float16.ts"
import { Generator } from "../src/random/torch.ts"

/** ES2025, not yet in the types. */
const { Float16Array } = globalThis as unknown as {
  Float16Array?: new (numbers: ArrayLike<number> | ArrayBuffer) => ArrayLike<number> & { buffer: ArrayBuffer }
}

const bitsOf = (...numbers: number[]) => Array.from(toFloat16(Float32Array.from(numbers)))

test("numbers become the bits that IEEE 754 gives them", () => {
  expect(bitsOf(1, -2, 65504, 2 ** -14, 2 ** -24, 0, -0)).toEqual([
    0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0, 0x8000,
  ])
  expect(bitsOf(Infinity, -Infinity, Number.NaN)).toEqual([0x7c00, 0xfc00, 0x7e00])
  // Half-way cases go to the even neighbour, below and above.
  expect(bitsOf(1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 3 * 2 ** -25)).toEqual([0x3c00, 0x3c02, 0, 2])
  // What rounds up to the next power of two, and from the last subnormal to the first normal number.
  expect(bitsOf(2 - 2 ** -12, 2 ** -14 - 2 ** -25)).toEqual([0x4000, 0x0400])
  expect(bitsOf(65519.996)).toEqual([0x7bff])
})

test("a number that would become infinite is a UserError with the name of what it is in", () => {
  const beyond = () => toFloat16(Float32Array.of(1, -65520), "base: 'head.weight'")
  expect(beyond).toThrow(UserError)
  expect(beyond).toThrow("base: 'head.weight': -65520 does not fit in 16 bits")
})

test("all bits come back, but for those of NaN, which become one", () => {
  const bits = Uint16Array.from({ length: 2 ** 16 }, (_, k) => k)
  const isNotANumber = (each: number) => (each & 0x7fff) > 0x7c00
  expect(toFloat16(fromFloat16(bits))).toEqual(bits.map((each) => (isNotANumber(each) ? 0x7e00 : each)))
})

test.skipIf(!Float16Array)("the engine's own array has the same numbers and the same bits", () => {
  const bits = Uint16Array.from({ length: 2 ** 16 }, (_, k) => k)
  expect(fromFloat16(bits)).toEqual(Float32Array.from(new Float16Array!(bits.buffer)))
  const generator = new Generator(1)
  for (const scale of [1e-8, 1e-6, 1e-4, 1, 1e4]) {
    const numbers = generator.randn(20_000).map((x) => Math.max(-65504, Math.min(65504, x * scale)))
    expect(toFloat16(numbers)).toEqual(new Uint16Array(new Float16Array!(numbers).buffer))
  }
})
