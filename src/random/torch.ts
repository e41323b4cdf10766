/**
 * PyTorch's CPU generator: one seeded stream for initial values, batches and samples. Integers and uniforms match
 * PyTorch exactly; normals and exponentials match up to the last bit of its float32 logarithms and cosines.
 * Source: https://pytorch.org/docs/stable/generated/torch.Generator.html; tested against PyTorch's output.
 */

import { MersenneTwister, type MersenneTwisterState } from "./mersenne-twister.ts"

const { fround } = Math
const TWO_PI = fround(2 * Math.PI)

/** JSON-serializable. */
export type GeneratorState = MersenneTwisterState & {
  /** The second normal of a Box-Muller pair, drawn but not yet returned. */
  nextNormal: number | null
}

export class Generator {
  readonly #engine: MersenneTwister
  #nextNormal: number | null = null

  /** The default seed is PyTorch's. */
  constructor(seed = 67280421310721) {
    this.#engine = new MersenneTwister(requireSeed(seed))
  }

  /** Restarts the stream from a whole number, of which only the low 32 bits are used. */
  manualSeed(seed: number): this {
    this.#engine.seed(requireSeed(seed))
    this.#nextNormal = null
    return this
  }

  /** A snapshot from which `setState` resumes the stream exactly. */
  getState(): GeneratorState {
    return { ...this.#engine.getState(), nextNormal: this.#nextNormal }
  }

  setState(state: GeneratorState): void {
    const { nextNormal } = state
    if (nextNormal !== null && !Number.isFinite(nextNormal))
      throw new RangeError(`setState: nextNormal ${nextNormal} is neither a number nor null`)
    this.#engine.setState(state)
    this.#nextNormal = nextNormal
  }

  /** One double in [0, 1) with 53 random bits: an element of `torch.rand(..., dtype=torch.float64)`. */
  nextUniform(): number {
    const high = this.#engine.next() & 0x1fffff // 21 bits above the 32 of the second draw
    return (high * 2 ** 32 + this.#engine.next()) / 2 ** 53
  }

  /** One double from N(0, 1). Box-Muller makes them in pairs; every second call returns the one kept. */
  nextNormal(): number {
    if (this.#nextNormal !== null) {
      const kept = this.#nextNormal
      this.#nextNormal = null
      return kept
    }
    const theta = 2 * Math.PI * this.nextUniform()
    const radius = Math.sqrt(-2 * Math.log1p(-this.nextUniform()))
    this.#nextNormal = radius * Math.sin(theta)
    return radius * Math.cos(theta)
  }

  /** n numbers in [0, 1), multiples of 2^-24. */
  rand(n: number): Float32Array {
    return this.#uniforms("rand", n)
  }

  /** n numbers in [low, high). */
  uniform(n: number, low = 0, high = 1): Float32Array {
    if (!Number.isFinite(low) || !Number.isFinite(high) || high < low)
      throw new RangeError(`uniform: low ${low}, high ${high}: give two finite numbers, low <= high`)
    const start = fround(low)
    const width = fround(fround(high) - start)
    return this.#uniforms("uniform", n).map((u) => fround(u * width) + start)
  }

  /** n samples of N(0, 1). Like PyTorch, fewer than 16 are drawn one by one in float64, more in float32 blocks of 16. */
  randn(n: number): Float32Array {
    if (n < 16) return new Float32Array(requireCount("randn", n)).map(() => this.nextNormal())
    const values = this.#uniforms("randn", n)
    for (let block = 0; block + 16 <= n; block += 16) boxMuller(values, block)
    if (n % 16 !== 0) {
      this.#fillUniform(values.subarray(n - 16))
      boxMuller(values, n - 16)
    }
    return values
  }

  /** n whole numbers in [low, high), a range within int32. For larger ones see `randint64`. */
  randint(low: number, high: number, n: number): Int32Array {
    if (low < -(2 ** 31) || high > 2 ** 31)
      throw new RangeError(`randint: low ${low}, high ${high} are not in int32: call randint64`)
    return this.#fillIntegers("randint", new Int32Array(requireCount("randint", n)), low, high)
  }

  /** n whole numbers in [low, high), a range that a double represents exactly. */
  randint64(low: number, high: number, n: number): Float64Array {
    return this.#fillIntegers("randint64", new Float64Array(requireCount("randint64", n)), low, high)
  }

  /** A random permutation of 0 to n - 1. */
  randperm(n: number): Int32Array {
    const order = new Int32Array(requireCount("randperm", n)).map((_, i) => i)
    for (let i = 0; i < n - 1; i++) {
      const j = i + (this.#engine.next() % (n - i))
      ;[order[i], order[j]] = [order[j], order[i]]
    }
    return order
  }

  /** n samples of the exponential distribution with rate 1. */
  exponential(n: number): Float32Array {
    const values = new Float32Array(requireCount("exponential", n))
    // `map` takes twice as long, and a large batch of names needs millions.
    for (let i = 0; i < n; i++) values[i] = this.#exponential()
    return values
  }

  /** n numbers, each 1 with probability p, else 0. */
  bernoulli(p: number, n: number): Float32Array {
    if (!(p >= 0 && p <= 1)) throw new RangeError(`bernoulli: p = ${p} is not a probability from 0 to 1`)
    const bound = fround(p)
    return this.#uniforms("bernoulli", n).map((u) => (u < bound ? 1 : 0))
  }

  /**
   * Draws indices in proportion to `weights` (V), which are cast to float32 and need not sum to 1 -> (samples).
   * Without replacement, the default, the indices with the largest weight / Exponential(1) are taken.
   */
  multinomial(weights: ArrayLike<number>, samples: number, { replacement = false } = {}): Int32Array {
    const possible = countPositive(weights)
    requireCount("multinomial", samples, "samples")
    if (!replacement && samples > possible)
      throw new RangeError(
        `multinomial: ${samples} samples without replacement, but only ${possible} weights above zero: ` +
          "draw fewer, or set { replacement: true }",
      )
    if (replacement) return this.#multinomialWithReplacement(weights, samples)

    const scores = new Float32Array(weights.length)
    let best = 0
    for (let i = 0; i < weights.length; i++) {
      scores[i] = this.#score(weights[i])
      if (scores[i] > scores[best]) best = i
    }
    // Sampling draws one symbol at a time: no sort for it.
    if (samples === 1) return Int32Array.of(best)
    const order = Int32Array.from(scores, (_, i) => i).sort((i, j) => scores[j] - scores[i])
    return order.slice(0, samples)
  }

  /** weight / Exponential(1); -1 for a weight of zero, which must never win. */
  #score(weight: number): number {
    const rate = fround(weight)
    const score = fround(rate / this.#exponential())
    return rate > 0 ? score : -1
  }

  #multinomialWithReplacement(weights: ArrayLike<number>, samples: number): Int32Array {
    const cumulative = new Float32Array(weights.length)
    let sum = 0
    for (let i = 0; i < weights.length; i++) {
      sum = fround(sum + fround(weights[i]))
      cumulative[i] = sum
    }
    for (let i = 0; i < weights.length; i++) cumulative[i] /= sum

    const drawn = new Int32Array(samples)
    for (let sample = 0; sample < samples; sample++) {
      const u = this.nextUniform()
      let low = 0
      let high = weights.length - 1 // rounding may leave the last cumulative weight below u
      while (low < high) {
        const middle = (low + high) >> 1
        if (cumulative[middle] < u) low = middle + 1
        else high = middle
      }
      drawn[sample] = low
    }
    return drawn
  }

  #exponential(): number {
    return fround(-Math.log1p(-this.nextUniform()))
  }

  #uniforms(method: string, n: number): Float32Array<ArrayBuffer> {
    return this.#fillUniform(new Float32Array(requireCount(method, n)))
  }

  #fillUniform<V extends Float32Array>(values: V): V {
    for (let i = 0; i < values.length; i++) values[i] = (this.#engine.next() & 0xffffff) / 2 ** 24
    return values
  }

  #fillIntegers<V extends Int32Array | Float64Array>(
    method: string,
    values: V,
    low: number,
    high: number,
  ): V {
    const range = high - low
    if (![low, high, range].every(Number.isSafeInteger) || range <= 0)
      throw new RangeError(
        `${method}: low ${low}, high ${high}: give whole numbers, low < high, both and high - low below 2^53`,
      )
    for (let i = 0; i < values.length; i++) {
      const drawn = this.#engine.next()
      if (range < 2 ** 32) values[i] = low + (drawn % range)
      else values[i] = low + Number(((BigInt(drawn) << 32n) | BigInt(this.#engine.next())) % BigInt(range))
    }
    return values
  }
}

/** 16 uniforms -> 16 normals, in place, in float32: r = sqrt(-2 ln(1 - u[j])), θ = 2π u[j+8] -> r cos θ, r sin θ. */
function boxMuller(values: Float32Array, start: number): void {
  for (let j = start; j < start + 8; j++) {
    const radius = fround(Math.sqrt(fround(-2 * fround(Math.log(1 - values[j])))))
    const theta = fround(TWO_PI * values[j + 8])
    values[j] = radius * fround(Math.cos(theta))
    values[j + 8] = radius * fround(Math.sin(theta))
  }
}

function requireSeed(seed: number): number {
  if (!Number.isSafeInteger(seed))
    throw new RangeError(`manualSeed: seed ${seed}: give a whole number between -2^53 and 2^53`)
  return seed
}

function requireCount(method: string, count: number, name = "n"): number {
  if (!Number.isInteger(count) || count < 0 || count >= 2 ** 32)
    throw new RangeError(`${method}: ${name} = ${count}: give a whole number from 0 to 2^32 - 1`)
  return count
}

/** Validates the weights and counts those above zero. */
function countPositive(weights: ArrayLike<number>): number {
  let positive = 0
  for (let i = 0; i < weights.length; i++) {
    const weight = fround(weights[i])
    if (!(weight >= 0 && weight < Infinity))
      throw new RangeError(`multinomial: weight ${i} is ${weights[i]}: give finite numbers, none below zero`)
    if (weight > 0) positive++
  }
  if (positive === 0)
    throw new RangeError(
      `multinomial: none of the ${weights.length} weights is above zero: give at least one`,
    )
  return positive
}
