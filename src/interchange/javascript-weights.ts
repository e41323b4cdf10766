/**
 * The numbers of a model as text of a JavaScript file: floats, or whole numbers times a scale of their row. The text is plain ASCII, the
 * same in every encoding, with the part of each number that is distributed unevenly in a character of its own: gzip, which codes
 * characters by how often they occur, then comes close to the entropy of the numbers.
 */
import { told, UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import type { StateDict } from "../nn/module.ts"
import type { Shape } from "../tensor/shape.ts"

/** How the numbers of a model are rounded: floats of 32 or 16 bits, or whole numbers of 2 to 8, also of 3.5. */
export const requireBits = (bits: unknown): void => {
  if (!(bits === 32 || bits === 16 || (typeof bits === "number" && bits >= 2 && bits <= 8)))
    throw new UserError(`bits ${told(bits)}: give 8, 16 or 32, or fewer than 8 for a smaller file, such as 4`)
}

/** Up to this largest whole number, numbers beyond a row's reach are cut off: the others become finer, which matters more. */
const CUT = 7

/**
 * The largest whole number of so many bits with their sign, such as 127 for 8 and 7 for 4, and the part of a row's largest number that it
 * stands for. From one whole number to the next that part shrinks from 1 to 0.8, so a little more of bits is always a little finer.
 */
function rangeOf(bits: number): { most: number; reach: number } {
  const exact = (2 ** bits - 1) / 2 + 1e-9
  const most = Math.floor(exact)
  return { most, reach: most <= CUT ? 1 - 0.2 * (exact - most) : 1 }
}

/** Numbers as they come out of a file, and the expression in it that gives them. */
interface Rounded {
  readonly data: Float32Array
  readonly source: string
}

/**
 * How the parameters and buffers of a model are rounded to `bits`. Vectors, such as biases and variances, keep 32: they are few, and small
 * numbers in them matter beside large ones. Matrices much smaller than the largest, such as embeddings, get two bits more than few.
 */
export function roundingOf(model: Model, bits: number) {
  const matrices = model.namedVariables().filter(([, { shape }]) => shape.length >= 2)
  const largest = matrices.reduce((most, [, { size }]) => Math.max(most, size), 0)
  /** Throws a UserError for a number beyond those of 16 bits. */
  return (name: string, shape: Shape, data: ArrayLike<number>): Rounded => {
    if (bits === 32 || (bits <= 8 && shape.length < 2)) return floats32(data)
    if (bits === 16) return floats16(name, data)
    const own = 5 * data.length < largest ? Math.min(8, bits + 2) : bits
    return wholes(shape.at(-1)!, data, rangeOf(own))
  }
}

/**
 * The state of a model whose numbers are rounded as `toJavaScript` rounds them: load it to learn what that costs. Counters stay as they are.
 *
 * @param bits 32, 16, or 2 to 8.
 */
export function roundedState(model: Model, bits: number): StateDict {
  requireBits(bits)
  const rounded = roundingOf(model, bits)
  return Object.fromEntries(
    model.namedVariables().map(([name, { shape, data }]) => {
      const kept = data instanceof Int32Array ? data : rounded(name, shape, data).data
      return [name, { shape, data: kept }]
    }),
  )
}

/** The printable characters of ASCII, without those that end a text, an element or a line. */
const digits = Array.from({ length: 95 }, (_, k) => String.fromCharCode(32 + k))
  .filter((digit) => !'"\\<'.includes(digit))
  .join("")

/**
 * Whole numbers below `count`, at most 256: a digit each, or, if there are more than digits, a digit for all but the lowest two bits of
 * each, and then a digit for the lowest bits of every three.
 */
export function written(numbers: readonly number[], count = 256): string {
  if (count <= digits.length) return numbers.map((number) => digits[number]).join("")
  const high = numbers.map((number) => digits[number >> 2])
  const low = Array.from(
    { length: Math.ceil(numbers.length / 3) },
    (_, k) =>
      digits[[0, 1, 2].reduce((packed, i) => packed + (((numbers[3 * k + i] ?? 0) & 3) << (2 * i)), 0)],
  )
  return [...high, ...low].join("")
}

/** Not rounded at all. */
export function floats32(numbers: ArrayLike<number>): Rounded {
  const data = Float32Array.from(numbers)
  const view = new DataView(data.buffer)
  const bits = Array.from(data, (_, i) => view.getUint32(4 * i, littleEndian))
  return { data, source: `floats(4, "${written(planes(bits, 4))}")` }
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** IEEE 754's binary16, ties to even. */
function floats16(name: string, numbers: ArrayLike<number>): Rounded {
  const bits = Array.from(numbers, (number, at) => {
    const size = Math.abs(number)
    const exponent = Math.max(-14, Math.floor(Math.log2(size)))
    const fraction = evenly(size / 2 ** (exponent - 10)) // 1,024 to 2,048, or less at the lowest exponent
    const rounded = ((exponent + 14) << 10) + fraction
    if (rounded >= 0x7c00)
      throw new UserError(
        `bits 16: '${name}' of the model is ${number} at ${at}, and 16 bits reach to 65,504: give 32, or leave bits out`,
      )
    return rounded + (number < 0 ? 0x8000 : 0)
  })
  const data = Float32Array.from(bits, (each) => {
    const exponent = (each >> 10) & 31
    const size = exponent > 0 ? (1024 + (each & 1023)) * 2 ** (exponent - 25) : (each & 1023) * 2 ** -24
    return each >> 15 ? -size : size
  })
  return { data, source: `floats(2, "${written(planes(bits, 2))}")` }
}

const evenly = (x: number): number => {
  const below = Math.floor(x)
  return below + Number(x - below > 0.5 || (x - below === 0.5 && below % 2 === 1))
}

/** The highest bytes of all numbers, then the next ones: bytes of one place are alike. */
const planes = (bits: readonly number[], size: number): number[] =>
  Array.from({ length: size }, (_, k) => bits.map((each) => (each >>> (8 * (size - 1 - k))) & 255)).flat()

/**
 * The part `reach` of each row's largest number is about `most` of its scale, which is a multiple of the `unit`. Whole numbers are written as 0, 1, -1, 2, -2,
 * ... of a number system of base 2 most + 1, as many digits of it together as a byte holds.
 */
function wholes(
  width: number,
  numbers: ArrayLike<number>,
  { most, reach }: ReturnType<typeof rangeOf>,
): Rounded {
  const rows = Array.from({ length: numbers.length / width }, (_, row) =>
    Array.from({ length: width }, (_, i) => numbers[row * width + i]),
  )
  const largest = rows.map((row) => reach * row.reduce((most, number) => Math.max(most, Math.abs(number)), 0))
  const unit = Number((largest.reduce((a, b) => Math.max(a, b), 0) / most / 254.9).toPrecision(6))
  const scales = largest.map((each) => (each > 0 ? Math.ceil(each / most / unit) : 0))
  const whole = rows.flatMap((row, k) =>
    row.map((number) =>
      scales[k] > 0 ? Math.max(-most, Math.min(most, Math.round(number / (scales[k] * unit)))) : 0,
    ),
  )
  const base = 2 * most + 1
  const together = Math.floor(8 / Math.log2(base))
  const places = new Map(byLikelihood(base, together).map((packed, place) => [packed, place]))
  const bytes: number[] = []
  for (let at = 0; at < whole.length; at += together) {
    let packed = 0
    for (let k = together - 1; k >= 0; k--) packed = packed * base + zigzag(whole[at + k] ?? 0)
    bytes.push(places.get(packed)!)
  }
  return {
    data: Float32Array.from(whole, (number, i) => number * scales[Math.floor(i / width)] * unit),
    source: `rows(${width}, ${most}, ${unit}, "${written(scales)}", "${written(bytes, base ** together)}")`,
  }
}

const zigzag = (number: number): number => (number > 0 ? 2 * number - 1 : -2 * number)

/** Numbers of so many digits, the smaller the sum of their digits the earlier. */
function byLikelihood(base: number, digits: number): number[] {
  const sum = (number: number): number => (number < 1 ? 0 : (number % base) + sum(Math.floor(number / base)))
  return Array.from({ length: base ** digits }, (_, k) => k).sort((a, b) => sum(a) - sum(b))
}

const numbersFunction = `
/** The characters that stand for whole numbers. */
const digits = "${digits}"

/** The whole numbers below count that a text has: in a digit each, or the lowest two bits of three numbers in a digit after all others. */
function numbersOf(text, count) {
  const values = Array.from(text, (digit) => digits.indexOf(digit))
  if (count <= digits.length) return values
  const length = Math.floor((values.length * 3) / 4)
  return Array.from({ length }, (_, i) => (values[i] << 2) + ((values[length + Math.floor(i / 3)] >> (2 * (i % 3))) & 3))
}`

const floatsFunction = `
/** Floats of so many bytes, all highest bytes before all next ones. */
function floats(size, text) {
  const bytes = numbersOf(text, 256)
  const count = bytes.length / size
  const view = new DataView(new ArrayBuffer(4))
  return Float32Array.from({ length: count }, (_, i) => {
    for (let k = 0; k < size; k++) view.setUint8(k, bytes[k * count + i])
    if (size === 4) return view.getFloat32(0)
    const bits = view.getUint16(0)
    const exponent = (bits >> 10) & 31
    const amount = exponent > 0 ? (1024 + (bits & 1023)) * 2 ** (exponent - 25) : (bits & 1023) * 2 ** -24
    return bits >> 15 ? -amount : amount
  })
}`

const rowsFunction = `
/** Whole numbers from -most to most, several a byte if they are small, times the scale of their row. */
function rows(width, most, unit, scales, text) {
  const base = 2 * most + 1
  const together = Math.floor(8 / Math.log2(base))
  const sum = (number) => (number < 1 ? 0 : (number % base) + sum(Math.floor(number / base)))
  const byLikelihood = Array.from({ length: base ** together }, (_, k) => k).sort((a, b) => sum(a) - sum(b))
  const scale = numbersOf(scales, 256)
  const y = new Float32Array(scale.length * width)
  let i = 0
  for (const number of numbersOf(text, byLikelihood.length))
    for (let k = 0, packed = byLikelihood[number]; k < together && i < y.length; k++, i++, packed = Math.floor(packed / base)) {
      const digit = packed % base
      y[i] = (digit % 2 ? (digit + 1) / 2 : -digit / 2) * scale[Math.floor(i / width)] * unit
    }
  return y
}`

/** The functions of the file that read such texts, as far as these parts of it call them. */
export const readers = (parts: readonly string[]): string[] => {
  const text = parts.join("")
  const called = [floatsFunction, rowsFunction].filter((source) =>
    text.includes(`= ${/function (\w+)/.exec(source)![1]}(`),
  )
  return called.length > 0 || text.includes("numbersOf(")
    ? [...called, numbersFunction].map((source) => source.trim())
    : []
}
