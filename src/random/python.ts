/**
 * CPython's `random`, number for number. The makemore lecture shuffles its words with `random.seed(42)` and
 * `random.shuffle` before it splits them, so reproducing its split needs the same generator.
 * Source: CPython 3.11, Lib/random.py and Modules/_randommodule.c, https://docs.python.org/3/library/random.html
 */

import { MersenneTwister } from "./mersenne-twister.ts"

export class PythonRandom {
  #engine: MersenneTwister

  /** `random.seed(seed)` for a whole number. As in Python, the sign is ignored. */
  constructor(seed: number | bigint) {
    this.#engine = seeded(seed)
  }

  seed(seed: number | bigint): void {
    this.#engine = seeded(seed)
  }

  /** A number in [0, 1) with 53 random bits. */
  random(): number {
    const high = this.#engine.next() >>> 5 // 27 bits
    const low = this.#engine.next() >>> 6 // 26 bits
    return (high * 2 ** 26 + low) / 2 ** 53
  }

  /** A whole number with 0 to 53 random bits. */
  getrandbits(bits: number): number {
    if (!Number.isInteger(bits) || bits < 0 || bits > 53)
      throw new RangeError(`getrandbits: ${bits} bits: give a whole number from 0 to 53`)
    if (bits === 0) return 0
    if (bits <= 32) return this.#engine.next() >>> (32 - bits)
    const low = this.#engine.next()
    return (this.#engine.next() >>> (64 - bits)) * 2 ** 32 + low
  }

  /** A whole number in [0, n): `random._randbelow`, which underlies `shuffle`, `choice` and `randrange`. */
  randbelow(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1)
      throw new RangeError(`randbelow: n = ${n}: give a whole number from 1 to 2^53 - 1`)
    const bits = n < 2 ** 32 ? 32 - Math.clz32(n) : 64 - Math.clz32(n / 2 ** 32)
    let drawn = this.getrandbits(bits)
    while (drawn >= n) drawn = this.getrandbits(bits)
    return drawn
  }

  /** A whole number in [low, high]. */
  randint(low: number, high: number): number {
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || high < low)
      throw new RangeError(`randint: from ${low} to ${high}: give two whole numbers, the smaller first`)
    return low + this.randbelow(high - low + 1)
  }

  /** Shuffles in place. */
  shuffle(items: { length: number; [index: number]: unknown }): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.randbelow(i + 1)
      ;[items[i], items[j]] = [items[j], items[i]]
    }
  }
}

/** CPython's key for a seed: its absolute value as 32-bit words, least significant first. */
function seeded(seed: number | bigint): MersenneTwister {
  if (typeof seed === "number" && !Number.isSafeInteger(seed))
    throw new RangeError(`seed: ${seed}: give a whole number below 2^53 or a bigint`)
  const key: number[] = []
  let rest = BigInt(seed)
  if (rest < 0n) rest = -rest
  do {
    key.push(Number(BigInt.asUintN(32, rest)))
    rest >>= 32n
  } while (rest > 0n)
  return MersenneTwister.fromKey(key)
}
