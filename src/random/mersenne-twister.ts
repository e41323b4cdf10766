/**
 * MT19937, the 32-bit generator behind both CPython's `random` and PyTorch's CPU generator: a state of 624 words,
 * twisted once every 624 draws.
 * Source: Matsumoto & Nishimura 1998, "Mersenne Twister", https://doi.org/10.1145/272991.272995
 */

const SIZE = 624
const MIDDLE = 397

/** JSON-serializable. `words` holds the 624 words, eight hexadecimal digits each. */
export type MersenneTwisterState = { words: string; position: number }

export class MersenneTwister {
  readonly #words = new Uint32Array(SIZE)
  #position = SIZE // of the next word; at SIZE the state is twisted first

  /** Seeds with one number, as the paper's `init_genrand` does. Only the low 32 bits of `seed` are used. */
  constructor(seed: number) {
    this.seed(seed)
  }

  seed(seed: number): void {
    const words = this.#words
    words[0] = seed
    for (let i = 1; i < SIZE; i++) {
      const previous = words[i - 1]
      words[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i
    }
    this.#position = SIZE
  }

  /** Seeds with any number of 32-bit words, as the paper's `init_by_array` does. */
  static fromKey(key: ArrayLike<number>): MersenneTwister {
    const engine = new MersenneTwister(19650218)
    const words = engine.#words
    let at = 1
    const mix = (steps: number, factor: number, term: (step: number) => number) => {
      for (let step = 0; step < steps; step++) {
        const previous = words[at - 1]
        words[at] = (words[at] ^ Math.imul(previous ^ (previous >>> 30), factor)) + term(step)
        if (++at === SIZE) {
          words[0] = words[SIZE - 1]
          at = 1
        }
      }
    }
    mix(Math.max(SIZE, key.length), 1664525, (step) => key[step % key.length] + (step % key.length))
    mix(SIZE - 1, 1566083941, () => -at)
    words[0] = 0x80000000
    return engine
  }

  /** A whole number in [0, 2³²). */
  next(): number {
    if (this.#position === SIZE) this.#twist()
    let y = this.#words[this.#position++]
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    y ^= y >>> 18
    return y >>> 0
  }

  getState(): MersenneTwisterState {
    const words = Array.from(this.#words, (word) => word.toString(16).padStart(8, "0")).join("")
    return { words, position: this.#position }
  }

  setState({ words, position }: MersenneTwisterState): void {
    if (typeof words !== "string" || words.length !== 8 * SIZE || !/^[0-9a-f]*$/.test(words))
      throw new RangeError(`setState: words must be ${8 * SIZE} hexadecimal digits, ${SIZE} words of 32 bits`)
    if (!Number.isInteger(position) || position < 0 || position > SIZE)
      throw new RangeError(`setState: position ${position} is not a whole number from 0 to ${SIZE}`)
    for (let i = 0; i < SIZE; i++) this.#words[i] = Number.parseInt(words.slice(8 * i, 8 * i + 8), 16)
    this.#position = position
  }

  #twist(): void {
    const words = this.#words
    for (let i = 0; i < SIZE; i++) {
      const y = (words[i] & 0x80000000) | (words[i + 1 < SIZE ? i + 1 : 0] & 0x7fffffff)
      const far = i + MIDDLE
      words[i] = words[far < SIZE ? far : far - SIZE] ^ (y >>> 1) ^ (-(y & 1) & 0x9908b0df)
    }
    this.#position = 0
  }
}
