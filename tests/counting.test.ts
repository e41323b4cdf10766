/** N-gram models against a bigram worked out by hand, a slow second implementation, and the published losses. */

import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { NGram } from "../src/counting/index.ts"
import { Generator, PythonRandom } from "../src/random/index.ts"

const sum = (values: Iterable<number>) => Array.from(values).reduce((total, value) => total + value, 0)

/** Random sequences of 0 to 7 symbols, low ones being frequent, so that every count of counts occurs. */
function randomSequences(count: number, vocabularySize: number, seed = 1): number[][] {
  const generator = new Generator(seed)
  return Array.from({ length: count }, () =>
    Array.from(generator.rand(generator.randint(0, 8, 1)[0]), (u) =>
      Math.floor(1 + u ** 3 * (vocabularySize - 1)),
    ),
  )
}

/** Modified Kneser-Ney straight from its formulas, with strings as grams and a set for each context. */
function slowKneserNey(sequences: number[][], order: number, vocabularySize: number) {
  const tables = Array.from({ length: order }, () => new Map<string, Map<number, Set<string>>>())
  for (const [which, sequence] of sequences.entries()) {
    const text = [...new Array(order).fill(0), ...sequence, 0]
    for (let at = order; at < text.length; at++)
      for (let length = 0; length < order; length++) {
        const context = text.slice(at - length, at).join()
        const successors = tables[length].get(context) ?? new Map<number, Set<string>>()
        const seen = successors.get(text[at]) ?? new Set<string>()
        seen.add(length + 1 < order ? `before ${text[at - length - 1]}` : `occurrence ${which} ${at}`)
        tables[length].set(context, successors.set(text[at], seen))
      }
  }
  const discounts = tables.map((table) => {
    const n = [0, 0, 0, 0, 0]
    for (const successors of table.values())
      for (const { size } of successors.values()) if (size < 5) n[size]++
    const y = n[1] / (n[1] + 2 * n[2])
    const [a, b, c] = [1 - (2 * y * n[2]) / n[1], 2 - (3 * y * n[3]) / n[2], 3 - (4 * y * n[4]) / n[3]]
    return a > 0 && a < 1 && b > 0 && b < 2 && c > 0 && c < 3 ? [a, b, c] : [0.5, 1, 1.5]
  })

  const p = (symbol: number, context: number[]): number => {
    const shorter = context.length > 0 ? p(symbol, context.slice(1)) : 1 / vocabularySize
    const successors = tables[context.length].get(context.join())
    if (!successors) return shorter
    const discount = (size: number) => discounts[context.length][Math.min(size, 3) - 1]
    const sizes = Array.from(successors.values(), (seen) => seen.size)
    const total = sum(sizes)
    const own = successors.get(symbol)?.size ?? 0
    return (own > 0 ? (own - discount(own)) / total : 0) + (sum(sizes.map(discount)) / total) * shorter
  }
  return (symbol: number, context: number[]) => p(symbol, context.slice(context.length - order + 1))
}

describe("NGram", () => {
  test("a bigram by hand, with discounts 1/2, 1, 3/2 because so few counts cannot estimate them", () => {
    const model = new NGram({ order: 2, vocabularySize: 3 }).fit([[1], [1, 2]])
    // Distinct symbols before 0 (1 and 2), 1 (0) and 2 (1): 2, 1 and 1 of 4. p(0) = (2 - 1)/4 + 1/2 · 1/3.
    const expected = {
      start: [5 / 24, 1 / 2 + 7 / 48, 7 / 48], // 1 followed twice: (2 - 1)/2, and 1/2 backs off
      1: [1 / 4 + 5 / 24, 7 / 48, 1 / 4 + 7 / 48], // 0 and 2 followed once
      2: [1 / 2 + 5 / 24, 7 / 48, 7 / 48], // 0 followed once
    }
    const actual = {
      start: model.probabilities([]),
      1: model.probabilities([1]),
      2: model.probabilities([1, 2]),
    }
    for (const [context, distribution] of Object.entries(actual))
      for (const [symbol, p] of distribution.entries())
        expect(p).toBeCloseTo(expected[context as keyof typeof expected][symbol], 12)
    const logProbability = Math.log(31 / 48) + Math.log(19 / 48) + Math.log(17 / 24)
    expect(model.logProbability([1, 2])).toBeCloseTo(logProbability, 12)
    expect(model.loss([[1, 2]])).toBeCloseTo(-logProbability / 3, 12)
  })

  test.each([1, 2, 3, 5])("order %i equals the slow implementation", (order) => {
    const sequences = randomSequences(200, 9)
    const model = new NGram({ order, vocabularySize: 9 }).fit(sequences.map((s) => Int32Array.from(s)))
    const slow = slowKneserNey(sequences, order, 9)
    const contexts = [...randomSequences(40, 9, 2), [8, 8, 8, 8, 8], [3, 0, 0, 1]]
    for (const context of contexts) {
      const padded = [...new Array(order).fill(0), ...context]
      const distribution = model.probabilities(context)
      for (let symbol = 0; symbol < 9; symbol++)
        expect(distribution[symbol]).toBeCloseTo(slow(symbol, padded), 12)
    }
  })

  test("logProbability is the sum over probabilities, and loss its mean over symbols and stops", () => {
    const [seen, unseen] = [randomSequences(300, 12), randomSequences(50, 12, 2)]
    const model = new NGram({ order: 4, vocabularySize: 12 }).fit(seen)
    let total = 0
    for (const sequence of unseen) {
      const terms = [...sequence, 0].map((symbol, at) =>
        Math.log(model.probabilities(sequence.slice(0, at))[symbol]),
      )
      expect(model.logProbability(sequence)).toBeCloseTo(sum(terms), 10)
      total += sum(terms)
    }
    expect(model.loss(unseen)).toBeCloseTo(-total / (sum(unseen.map((s) => s.length)) + unseen.length), 10)
  })

  test("probabilities sum to 1 after every context, even where a gram does not fit in 32 bits", () => {
    const sequences = randomSequences(3000, 5000)
    const model = new NGram({ order: 10, vocabularySize: 5000 }).fit(sequences)
    for (const context of [[], sequences[3], sequences[4].slice(0, 2), [4999], [0, 0, 1], [4999, 1, 4998]]) {
      const distribution = model.probabilities(context)
      expect(sum(distribution)).toBeCloseTo(1, 12)
      expect(Math.min(...distribution)).toBeGreaterThan(0)
    }
  })

  test("without data all symbols are equally probable", () => {
    const uniform = new Float64Array(4).fill(1 / 4)
    expect(new NGram({ order: 3, vocabularySize: 4 }).probabilities([1, 2])).toEqual(uniform)
    expect(
      new NGram({ order: 3, vocabularySize: 4 })
        .fit([[1, 1]])
        .fit([])
        .probabilities([]),
    ).toEqual(uniform)
  })

  test("a model survives a round trip through JSON", () => {
    const sequences = randomSequences(200, 9)
    const model = new NGram({ order: 4, vocabularySize: 9 }).fit(sequences)
    const restored = NGram.fromJSON(JSON.parse(JSON.stringify(model)))
    expect(restored.order).toBe(4)
    expect(restored.loss(randomSequences(50, 9, 2))).toBe(model.loss(randomSequences(50, 9, 2)))
  })

  test("samples respect the seed, prompt, temperature, topK and maximum length", () => {
    const model = new NGram({ order: 3, vocabularySize: 9 }).fit(randomSequences(500, 9))
    const draw = (options: Parameters<NGram["sample"]>[1], seed = 1) => {
      const generator = new Generator(seed)
      return Array.from({ length: 200 }, () => model.sample(generator, options))
    }
    expect(draw({})).toEqual(draw({}))
    expect(draw({})).not.toEqual(draw({}, 2))
    expect(draw({}).flat()).not.toContain(0)
    for (const sequence of draw({ prompt: [5, 2] })) expect(sequence.slice(0, 2)).toEqual([5, 2])
    expect(Math.max(...draw({ maximumLength: 2 }).map((s) => s.length))).toBe(2)
    expect(draw({ prompt: [1, 2, 3], maximumLength: 2 })[0]).toEqual([1, 2, 3])

    const greedy = draw({ topK: 1 })[0]
    for (const sequence of draw({ topK: 1 }, 3)) expect(sequence).toEqual(greedy)
    for (const temperature of [0, 1e-310]) expect(draw({ temperature }, 3)[0]).toEqual(greedy)
    const meanLoss = (temperature: number) => model.loss(draw({ temperature }))
    expect(meanLoss(0.5)).toBeLessThan(meanLoss(1))
    expect(meanLoss(1)).toBeLessThan(meanLoss(2))
  })

  test("at temperature 1, first symbols are drawn in proportion to their probabilities", () => {
    const model = new NGram({ order: 2, vocabularySize: 5 }).fit(randomSequences(300, 5))
    const generator = new Generator(3)
    const drawn = Array.from({ length: 10_000 }, () => model.sample(generator, { maximumLength: 1 })[0] ?? 0)
    for (const [symbol, p] of model.probabilities([]).entries())
      expect(drawn.filter((value) => value === symbol).length / drawn.length).toBeCloseTo(p, 1.6)
  })

  const model = new NGram({ order: 2, vocabularySize: 5 })
  const bad: [string, () => unknown, string][] = [
    ["order 0", () => new NGram({ order: 0, vocabularySize: 5 }), "NGram: order = 0"],
    ["no vocabulary", () => new NGram({ order: 2, vocabularySize: 0 }), "NGram: vocabularySize = 0"],
    [
      "a stop inside",
      () => model.fit([[1, 0, 2]]),
      "fit: symbol 0 at index 1: give whole numbers from 1 to 4",
    ],
    ["beyond the vocabulary", () => model.logProbability([5]), "logProbability: symbol 5 at index 0"],
    ["not whole", () => model.probabilities([1.5]), "probabilities: symbol 1.5"],
    ["nothing to evaluate", () => model.loss([]), "loss: no sequences"],
    ["temperature -1", () => model.sample(new Generator(1), { temperature: -1 }), "sample: temperature -1"],
    ["topK 0", () => model.sample(new Generator(1), { topK: 0 }), "topK = 0"],
    ["no length", () => model.sample(new Generator(1), { maximumLength: -1 }), "maximumLength = -1"],
    [
      "missing tables",
      () => NGram.fromJSON({ ...model.toJSON(), tables: [] }),
      "fromJSON: 0 tables for order 2",
    ],
  ]
  test.each(bad)("%s is a RangeError that says so", (_, call, message) => {
    expect(call).toThrow(RangeError)
    expect(call).toThrow(message)
  })
})

const folder = process.env.MAKEWAVE_DATA
const file = folder ? join(folder, "names.txt") : ""
describe.skipIf(!existsSync(file))("on the lecture's split (needs MAKEWAVE_DATA/names.txt)", () => {
  const split = () => {
    const words = readFileSync(file, "utf8").split("\n")
    new PythonRandom(42).shuffle(words)
    const sequences = words.map((word) => Array.from(word, (letter) => letter.charCodeAt(0) - 96))
    const [first, second] = [Math.floor(0.8 * words.length), Math.floor(0.9 * words.length)]
    return [sequences.slice(0, first), sequences.slice(first, second), sequences.slice(second)]
  }

  test.each([
    [2, 2.453, 2.458],
    [3, 2.219, 2.218],
    [4, 2.056, 2.057],
    [5, 1.983, 1.983],
    [6, 1.974, 1.977],
    [7, 1.979, 1.983],
    [8, 1.983, 1.987],
    [10, 1.984, 1.988],
  ])("order %i: validation %f, test %f", (order, validation, testing) => {
    const [train, dev, unseen] = split()
    const model = new NGram({ order, vocabularySize: 27 }).fit(train)
    expect(model.loss(dev).toFixed(3)).toBe(validation.toFixed(3))
    expect(model.loss(unseen).toFixed(3)).toBe(testing.toFixed(3))
  })
})
