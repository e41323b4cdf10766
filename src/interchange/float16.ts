/**
 * 16-bit floats: a sign, 5 bits of exponent and 10 of fraction, in half the bytes of float32. Not every engine that runs makewave has a
 * Float16Array. Source: IEEE 754-2019, binary16, with rounding to nearest, ties to even.
 */
import { UserError } from "../errors.ts"

/** The smallest number that rounds to infinity. */
const TOO_LARGE = 65_520

/** Normal numbers begin at 2^-14. Smaller ones are multiples of 2^-24. */
const [SMALLEST_NORMAL, STEP] = [2 ** -14, 2 ** -24]

/** Numbers -> the bits of the nearest 16-bit floats, (N) -> (N). A finite number beyond 65,504 is a UserError, which begins with `name`. */
export function toFloat16(numbers: Float32Array, name = "toFloat16"): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(numbers, (x) => {
    const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0
    const size = Math.abs(x)
    if (Number.isNaN(x)) return 0x7e00
    if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00
    if (size >= TOO_LARGE)
      throw new UserError(
        `${name}: ${x} does not fit in 16 bits, which hold at most 65,504: train with weight decay, or keep 32 bits`,
      )
    if (size < SMALLEST_NORMAL) return sign | toEven(size / STEP)
    const exponent = Math.floor(Math.log2(size))
    // A fraction that rounds up to 2 carries into the exponent.
    return sign | (((exponent + 14) << 10) + toEven(size / 2 ** (exponent - 10)))
  })
}

/** The bits of 16-bit floats -> their numbers, (N) -> (N). */
export const fromFloat16 = (bits: Uint16Array): Float32Array<ArrayBuffer> =>
  Float32Array.from(bits, (each) => {
    const sign = each & 0x8000 ? -1 : 1
    const exponent = (each >> 10) & 0x1f
    const fraction = each & 0x3ff
    if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
    return sign * (exponent === 0 ? fraction * STEP : (1024 + fraction) * 2 ** (exponent - 25))
  })

/** The nearest whole number, of two as near the even one. */
function toEven(x: number): number {
  const floor = Math.floor(x)
  const over = x - floor
  return over > 0.5 || (over === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}
