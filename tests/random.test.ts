/** Of the random streams: equal to the numbers that CPython and PyTorch printed, resumable, and clear about bad arguments. */

import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { Generator, MersenneTwister, PythonRandom } from "../src/random/index.ts"
import { golden } from "./golden.ts"

const times = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw)

/** Nested arrays of equal shape with numbers at most `tolerance` apart. */
function expectClose(actual: unknown, expected: unknown, tolerance: number): void {
  if (typeof expected === "number") {
    expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(tolerance)
    return
  }
  const [ours, theirs] = [actual as ArrayLike<unknown>, expected as unknown[]]
  expect(ours.length).toBe(theirs.length)
  for (let i = 0; i < theirs.length; i++) expectClose(ours[i], theirs[i], tolerance)
}

const sum = (values: Iterable<number>) => Array.from(values).reduce((total, value) => total + value, 0)
const absoluteSum = (values: Iterable<number>) => sum(Array.from(values, Math.abs))

const EXACT = 0
const NORMAL = 2e-6

/** Each entry of rng.json: how it is drawn from a fresh generator, and how close it must come. */
const entries: Record<string, [(g: Generator) => unknown, number]> = {
  "randn(5)": [(g) => g.randn(5), NORMAL],
  "randn(15)": [(g) => g.randn(15), NORMAL],
  "randn(16)": [(g) => g.randn(16), NORMAL],
  "randn(17)": [(g) => g.randn(17), NORMAL],
  "randn(40)": [(g) => g.randn(40), NORMAL],
  "randn(27,24)[:2]": [(g) => rows(g.randn(27 * 24), 24).slice(0, 2), NORMAL],
  "randn(27,24)[26]": [(g) => rows(g.randn(27 * 24), 24)[26], NORMAL],
  "randn(27,24).sum_f64": [(g) => sum(g.randn(27 * 24)), 1e-5],
  "randn(5);randn(5) second": [(g) => [g.randn(5), g.randn(5)][1], NORMAL],
  "randn(5);rand(3)": [(g) => [g.randn(5), g.rand(3)][1], EXACT],
  "randn(1);rand(3)": [(g) => [g.randn(1), g.rand(3)][1], EXACT],
  "randn(16);rand(3)": [(g) => [g.randn(16), g.rand(3)][1], EXACT],
  "rand(5)": [(g) => g.rand(5), EXACT],
  "rand(20)": [(g) => g.rand(20), EXACT],
  "rand(5,float64)": [(g) => times(5, () => g.nextUniform()), EXACT],
  "randn(5,float64)": [(g) => times(5, () => g.nextNormal()), 1e-15],
  "randint(0,182625,(32,))": [(g) => g.randint(0, 182625, 32), EXACT],
  "randint second batch": [(g) => [g.randint(0, 182625, 32), g.randint(0, 182625, 32)][1], EXACT],
  "randperm(10)": [(g) => g.randperm(10), EXACT],
  "randperm(32033)[:10]": [(g) => g.randperm(32033).slice(0, 10), EXACT],
  "multinomial([.1,.2,.3,.4],10,True)": [(g) => g.multinomial(weights, 10, { replacement: true }), EXACT],
  "multinomial([.1,.2,.3,.4],1,True) x10": [
    (g) => times(10, () => g.multinomial(weights, 1, { replacement: true })[0]),
    EXACT,
  ],
  "multinomial([.1,.2,.3,.4],1) x10 (replacement=False, as the notebook samples)": [
    (g) => times(10, () => g.multinomial(weights, 1)[0]),
    EXACT,
  ],
  "multinomial([.1,.2,.3,.4],3) replacement=False": [(g) => g.multinomial(weights, 3), EXACT],
  "empty(5).exponential_()": [(g) => g.exponential(5), EXACT],
  "empty(20).exponential_()": [(g) => g.exponential(20), EXACT],
  "nn.Linear(4,3).weight": [(g) => rows(g.uniform(12, -0.5, 0.5), 4), EXACT],
  "empty(5).uniform_(-1,1)": [(g) => g.uniform(5, -1, 1), EXACT],
  "bernoulli(0.3) x20": [(g) => g.bernoulli(0.3, 20), EXACT],
  "mt19937 first 10 raw u32 outputs (randint(0,2**32-1): one u32 draw each)": [
    (g) => g.randint64(0, 2 ** 32 - 1, 10),
    EXACT,
  ],
  "randint(0,2**32,(10,)) (range>=2**32: two draws each, low word = 2nd draw)": [
    (g) => g.randint64(0, 2 ** 32, 10),
    EXACT,
  ],
}
const weights = [0.1, 0.2, 0.3, 0.4]

function rows(values: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: values.length / width }, (_, row) =>
    values.subarray(row * width, (row + 1) * width),
  )
}

describe("Generator equals PyTorch", () => {
  const rng = golden("rng")

  for (const seed of ["42", "2147483647"]) {
    test(`rng.json has no entry of seed ${seed} that is not compared`, () => {
      expect(Object.keys(rng[seed]).sort()).toEqual(Object.keys(entries).sort())
    })
    for (const [name, [draw, tolerance]] of Object.entries(entries))
      test(`seed ${seed}: ${name}`, () => {
        expectClose(draw(new Generator(Number(seed))), rng[seed][name], tolerance)
      })
  }

  test("one generator used for several draws", () => {
    const g = new Generator().manualSeed(2147483647)
    const expected = rng.generator_2147483647
    expectClose(
      g.multinomial(weights, 10, { replacement: true }),
      expected["multinomial([.1,.2,.3,.4],10,True,generator=g)"],
      EXACT,
    )
    expectClose(g.randn(3), expected["then randn(3,generator=g)"], NORMAL)
  })

  test("the lecture's stream: initial values, then the first batch", () => {
    const { init, first_batch_ix } = golden("lecture_network")
    const g = new Generator(42)
    const drawn: Record<string, Float32Array> = { "layers.0.Embedding.weight": g.randn(27 * 24) }
    for (const [layer, inputs, outputs] of [
      [2, 48, 128],
      [6, 256, 128],
      [10, 256, 128],
      [13, 128, 27],
    ])
      drawn[`layers.${layer}.Linear.weight`] = g.randn(inputs * outputs).map((x) => x / Math.sqrt(inputs))
    drawn["layers.13.Linear.weight"] = drawn["layers.13.Linear.weight"].map((x) => x * 0.1)

    for (const [name, values] of Object.entries(drawn)) {
      const expected = init[name]
      expectClose(values.slice(0, 5), expected.first5, NORMAL)
      expectClose(values.slice(-5), expected.last5, NORMAL)
      expectClose(sum(values), expected.sum, 1e-4)
      expectClose(absoluteSum(values), expected.abs_sum, 1e-4)
    }
    expect(Array.from(g.randint(0, 182625, 32))).toEqual(first_batch_ix)
  })
})

describe("Generator", () => {
  test("a state restored from JSON resumes the stream, including the kept normal", () => {
    const g = new Generator(7)
    g.randn(3)
    g.rand(1000)
    const state = JSON.parse(JSON.stringify(g.getState()))
    const draw = (from: Generator) => [
      ...from.randn(4),
      ...from.rand(700),
      ...from.multinomial(weights, 3, { replacement: true }),
    ]
    const expected = draw(g)
    const resumed = new Generator(1)
    resumed.setState(state)
    expect(draw(resumed)).toEqual(expected)
  })

  test("manualSeed restarts the stream and drops the kept normal", () => {
    const g = new Generator(3)
    const first = g.randn(5)
    expect(g.manualSeed(3).randn(5)).toEqual(first)
  })

  test("only the low 32 bits of the seed are used", () => {
    expect(new Generator().rand(4)).toEqual(new Generator(67280421310721 % 2 ** 32).rand(4))
    expect(new Generator(-1).rand(4)).toEqual(new Generator(2 ** 32 - 1).rand(4))
  })

  test("weights of zero are never drawn", () => {
    const g = new Generator(5)
    const sparse = [0, 1e-45, 0, 3, 0]
    for (let i = 0; i < 1000; i++) expect([1, 3]).toContain(g.multinomial(sparse, 1)[0])
    for (let i = 0; i < 100; i++) expect(g.multinomial(sparse, 2)).toEqual(Int32Array.of(3, 1))
    for (const index of g.multinomial(sparse, 1000, { replacement: true })) expect([1, 3]).toContain(index)
  })

  test("indices are drawn in proportion to their weights, with and without replacement", () => {
    const g = new Generator(11)
    const one = times(20_000, () => g.multinomial([1, 3, 6], 1)[0])
    const many = g.multinomial([1, 3, 6], 20_000, { replacement: true })
    for (const drawn of [one, [...many]]) {
      const shares = [0, 1, 2].map((index) => drawn.filter((value) => value === index).length / drawn.length)
      expectClose(shares, [0.1, 0.3, 0.6], 0.015)
    }
  })

  test("randint64 reaches beyond 32 bits and below zero", () => {
    const drawn = new Generator(1).randint64(-(2 ** 40), 2 ** 40, 1000)
    expect(Math.min(...drawn)).toBeLessThan(-(2 ** 39))
    expect(Math.max(...drawn)).toBeGreaterThan(2 ** 39)
    expect(drawn.every((x) => Number.isInteger(x) && x >= -(2 ** 40) && x < 2 ** 40)).toBe(true)
  })

  const g = new Generator()
  const bad: [string, () => unknown, string][] = [
    ["n negative", () => g.randn(-1), "randn: n = -1"],
    ["n not whole", () => g.rand(1.5), "rand: n = 1.5"],
    ["n not a number", () => g.randperm(Number.NaN), "randperm: n = NaN"],
    ["exponential", () => g.exponential(-3), "exponential: n = -3"],
    ["samples negative", () => g.multinomial([1], -1), "multinomial: samples = -1"],
    ["high = low", () => g.randint(3, 3, 1), "randint: low 3, high 3"],
    ["high < low", () => g.randint(3, 1, 1), "randint: low 3, high 1"],
    ["low not whole", () => g.randint(0.5, 3, 1), "randint: low 0.5, high 3"],
    ["beyond int32", () => g.randint(0, 2 ** 32, 1), "call randint64"],
    ["beyond a double", () => g.randint64(-(2 ** 52), 2 ** 52 + 1, 1), "randint64: low"],
    ["uniform backwards", () => g.uniform(1, 1, 0), "uniform: low 1, high 0"],
    ["p above 1", () => g.bernoulli(1.5, 1), "bernoulli: p = 1.5"],
    ["no weights", () => g.multinomial([], 1), "none of the 0 weights"],
    ["all weights zero", () => g.multinomial([0, 0], 1), "none of the 2 weights"],
    ["a negative weight", () => g.multinomial([1, -2], 1), "weight 1 is -2"],
    ["a weight that is no number", () => g.multinomial([Number.NaN], 1), "weight 0 is NaN"],
    ["an infinite weight", () => g.multinomial([1, Infinity], 1), "weight 1 is Infinity"],
    ["too many samples", () => g.multinomial([1, 0, 2], 3), "3 samples without replacement, but only 2"],
    ["seed not whole", () => new Generator(0.5), "manualSeed: seed 0.5"],
    ["broken state", () => g.setState({ words: "ff", position: 0, nextNormal: null }), "setState: words"],
    ["broken position", () => g.setState({ ...g.getState(), position: 625 }), "setState: position 625"],
  ]
  test.each(bad)("%s is a RangeError that says so", (_, draw, message) => {
    expect(draw).toThrow(RangeError)
    expect(draw).toThrow(message)
  })
})

describe("PythonRandom equals CPython", () => {
  const python = golden("python_random")
  const fresh = () => new PythonRandom(42)

  test("random, getrandbits, randint, randbelow, shuffle", () => {
    const [a, b, c, d] = times(4, fresh)
    expect(times(5, () => a.random())).toEqual(python.random5)
    expect(times(10, () => b.getrandbits(32))).toEqual(python.getrandbits32)
    expect(times(10, () => c.randint(0, 99))).toEqual(python.randint_0_99)
    expect(times(10, () => d.randbelow(32033))).toEqual(python.randbelow_32033)
    const range = Array.from({ length: 20 }, (_, i) => i)
    fresh().shuffle(range)
    expect(range).toEqual(python.shuffle_range20)
  })

  test("numbers of more than 32 bits are made of words, least significant first", () => {
    expect(fresh().getrandbits(53)).toBe(1002783120652701)
    expect(fresh().getrandbits(0)).toBe(0)
  })

  test("seeds: the sign is ignored; zero and more than 32 bits work", () => {
    expect(new PythonRandom(-42).random()).toBe(python.random5[0])
    expect(new PythonRandom(42n).random()).toBe(python.random5[0])
    expect(new PythonRandom(0).random()).toBe(0.8444218515250481)
    expect(new PythonRandom(2 ** 32).random()).toBe(0.11299430095636409)
  })

  test("bad arguments", () => {
    expect(() => new PythonRandom(1.5)).toThrow("seed: 1.5")
    expect(() => fresh().getrandbits(54)).toThrow("getrandbits: 54 bits")
    expect(() => fresh().randbelow(0)).toThrow("randbelow: n = 0")
    expect(() => fresh().randint(2, 1)).toThrow("randint: from 2 to 1")
  })

  const folder = process.env.MAKEWAVE_DATA
  const file = folder ? join(folder, "names.txt") : ""
  test.skipIf(!existsSync(file))("the lecture's shuffle of names.txt (needs MAKEWAVE_DATA/names.txt)", () => {
    const words = readFileSync(file, "utf8").split("\n")
    fresh().shuffle(words)
    expect(words.slice(0, 10)).toEqual(python.first10_shuffled_names)
    expect(words.slice(-10)).toEqual(python.last10_shuffled_names)
    const sha256 = createHash("sha256").update(words.join("\n")).digest("hex")
    expect(sha256).toBe(python.sha256_shuffled_joined_by_newline)
  })
})

test("MersenneTwister resumes mid-block and at the end of its 624 words", () => {
  for (const drawn of [0, 1, 623, 624, 625]) {
    const engine = new MersenneTwister(1)
    for (let i = 0; i < drawn; i++) engine.next()
    const resumed = new MersenneTwister(2)
    resumed.setState(engine.getState())
    expect(times(1300, () => resumed.next())).toEqual(times(1300, () => engine.next()))
  }
})
