/** The statistics of comparisons, beside the numbers of SciPy 1.17.1 (`scipy.stats`), and beside all that a small bootstrap can draw. */
import { describe, expect, test } from "vitest"
import {
  bootstrapInterval,
  mean,
  meanInterval,
  normalTail,
  pairedTest,
  standardDeviation,
  welchTest,
  wilcoxon,
} from "../../src/experiments/statistics.ts"
import { studentBound, studentTails } from "../../src/experiments/student.ts"
import { Generator } from "../../src/random/index.ts"

const closeTo = (value: number, wanted: number, relative = 1e-12) =>
  expect(Math.abs(value / wanted - 1), `${value} for ${wanted}`).toBeLessThan(relative)

test("the bounds of Student's t: t.ppf((1 + level) / 2, degrees)", () => {
  for (const [level, degrees, bound] of [
    [0.95, 1, 12.706204736174694],
    [0.95, 2, 4.302652729749462],
    [0.95, 3, 3.1824463052837078],
    [0.95, 4, 2.7764451051977934],
    [0.95, 5, 2.5705818356363146],
    [0.95, 9, 2.262157162798205],
    [0.99, 4, 4.604094871349992],
    [0.9, 30, 1.697260886593957],
    [0.95, 2.5, 3.5746548420036817],
    [0.95, 5.73, 2.4751344002028004],
    [0.95, 1000, 1.9623390808264083],
    [0.999, 7, 5.407882520861828],
  ])
    closeTo(studentBound(level, degrees), bound)
  for (const [level, degrees] of [
    [0, 4],
    [1, 4],
    [0.95, 0],
    [0.95, Number.NaN],
  ])
    expect(() => studentBound(level, degrees)).toThrow(RangeError)
})

test("the tails of Student's t: 2 * t.sf(bound, degrees)", () => {
  for (const [bound, degrees, tails] of [
    [0.3, 1.5, 0.8004721968035851],
    [2, 2.7, 0.149423438070502],
    [5, 3.3, 0.012214421128087875],
    [20, 4.9, 6.9132896817516305e-6],
    [0.001, 10.1, 0.9992215916586166],
    [2, 1e5, 0.04550296345750651],
  ])
    closeTo(studentTails(bound, degrees), tails, 1e-10)
  expect([studentTails(0, 3), studentTails(Infinity, 3)]).toEqual([1, 0])
  expect(() => studentTails(-1, 3)).toThrow(RangeError)
})

test("Welch's test: ttest_ind(second, first, equal_var=False), and its confidence_interval()", () => {
  const cases: [number[], number[], number[]][] = [
    [
      [1.9937, 1.9961, 1.9902, 2.0013, 1.9955],
      [1.985, 1.9871, 1.9905],
      [
        ...[-0.007826666666666426, 0.0024144104410347626, 5.705208023054698],
        ...[-0.013809307629786933, -0.0018440257035459203, 0.018960288917276937],
      ],
    ],
    [
      [2.01, 2.02],
      [1.9, 2.1, 2.0, 1.95],
      [
        ...[-0.027499999999999636, 0.04298740125509649, 3.08111145776359],
        ...[-0.16229007772624976, 0.10729007772625049, 0.5667510729146561],
      ],
    ],
  ]
  for (const [first, second, wanted] of cases) {
    const { difference, standardError, degreesOfFreedom, interval, p } = welchTest(first, second)
    const found = [difference, standardError, degreesOfFreedom, ...interval, p]
    for (const [k, value] of wanted.entries()) closeTo(found[k], value, 1e-11)
  }
  expect(welchTest([2, 2], [2, 2])).toMatchObject({ difference: 0, standardError: 0, interval: [0, 0], p: 1 })
  expect(welchTest([2, 2], [1, 1, 1])).toMatchObject({ difference: -1, interval: [-1, -1], p: 0 })
  expect(() => welchTest([2], [1, 1])).toThrow("welchTest: 1 values and 2 values: give at least 2 of each")
})

test("the tail of the normal distribution: norm.sf(z)", () => {
  for (const [z, tail] of [
    [0, 0.5],
    [0.5, 0.3085375387259869],
    [1, 0.15865525393145707],
    [1.96, 0.024997895148220435],
    [2.9, 0.0018658133003840375],
    [3, 0.0013498980316300933],
    [3.1, 0.0009676032132183563],
    [5, 2.866515718791933e-7],
    [8, 6.22096057427174e-16],
    [20, 2.7536241186061556e-89],
    [37, 5.7255712225239266e-300],
  ])
    closeTo(normalTail(z), tail, 1e-11)
})

test("mean, deviation and interval of losses over seeds: t.interval(0.95, 4, mean, sem)", () => {
  const losses = [1.9937, 1.9961, 1.9902, 2.0013, 1.9955]
  closeTo(mean(losses), 1.9953599999999998)
  closeTo(standardDeviation(losses), 0.004038316480911357)
  const [low, high] = meanInterval(losses)
  closeTo(low, 1.9903457678122993)
  closeTo(high, 2.0003742321877005)
  expect(() => meanInterval([2])).toThrow("1 values: an interval takes at least 2")
})

/** Cross- and self-fertilized maize, in eighths of an inch: Darwin 1876, in Fisher 1935, The Design of Experiments, section 17. */
const maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]

describe("Wilcoxon's test", () => {
  test("is exact for few differences without ties: wilcoxon(d, method='exact')", () => {
    closeTo(wilcoxon(maize), 0.041259765625)
    closeTo(wilcoxon([...maize, 0, 0]), 0.041259765625)
    closeTo(wilcoxon(Array.from({ length: 50 }, (_, k) => Math.sin(k + 1) + 0.35)), 0.002614123910062105)
    expect(wilcoxon([1])).toBe(1)
    expect(wilcoxon([1, 2, 3])).toBe(0.25)
  })

  test("shares ranks among ties and leaves zeros out: zero_method='wilcox', method='approx', correction=True", () => {
    closeTo(wilcoxon([1, 1, -1, 2, 2, 3, -3, 0, 0, 5, 6, -2, 4, 4, 4, 7]), 0.0181917347668227, 1e-11)
  })

  test("is normal for many: method='approx', correction=True", () => {
    const ordinary = Array.from({ length: 200 }, (_, k) => Math.sin(k + 1) + 0.1 * Math.cos(3 * k + 3) + 0.15)
    closeTo(wilcoxon(ordinary), 0.0019362367084118785, 1e-11)
    const clear = Array.from({ length: 200 }, (_, k) => Math.sin(k + 1) + 0.8)
    closeTo(wilcoxon(clear), 3.807774420392913e-26, 1e-11)
  })

  test("is the same for the opposite sign, and 1 where nothing differs", () => {
    expect(wilcoxon(maize.map((each) => -each))).toBe(wilcoxon(maize))
    expect([wilcoxon([]), wilcoxon([0, 0, 0])]).toEqual([1, 1])
    expect(wilcoxon(Array.from({ length: 100 }, (_, k) => (k % 2 ? 1 : -1)))).toBe(1)
  })
})

describe("the bootstrap", () => {
  test("of two lines has the three ratios that can be drawn", () => {
    // 1/2, 3/4 in one draw of two each, 2/2: with probability 1/4, 1/2, 1/4.
    expect(bootstrapInterval([1, 2], [2, 2])).toEqual([0.5, 1])
    expect(bootstrapInterval([1, 2], [2, 2], { level: 0.4 })).toEqual([0.75, 0.75])
    expect(bootstrapInterval([1, 2], [1, 3])).toEqual([2 / 3, 1]) // (2 + 2) / (3 + 3) and (1 + 1) / (1 + 1)
  })

  test("of many lines is about as wide as 1.96 standard errors, and in the same place for the same seed", () => {
    const generator = new Generator(1)
    const symbols = Array.from({ length: 2000 }, () => 3 + Math.floor(8 * generator.nextUniform()))
    const first = symbols.map((symbols) => ({ symbols, nats: 2 * symbols + generator.nextNormal() }))
    const second = first.map(({ symbols, nats }) => ({
      symbols,
      nats: nats - 0.01 * symbols + 0.5 * generator.nextNormal(),
    }))
    const { difference, standardError = Number.NaN, interval, p } = pairedTest(first, second)
    const [low, high] = interval
    closeTo(high - low, 2 * 1.96 * standardError, 0.03)
    closeTo((low + high) / 2, difference, 0.03)
    expect(Math.abs(difference + 0.01)).toBeLessThan(3 * standardError)
    expect(p).toBeLessThan(0.001)
    expect(pairedTest(first, second).interval).toEqual(interval)
    const opposite = pairedTest(second, first)
    expect(opposite.difference).toBeCloseTo(-difference, 12)
    expect(opposite.interval[0]).toBeCloseTo(-high, 12)
  })
})

test("the difference is of totals, and its error that of a ratio", () => {
  const first = [
    { nats: 2, symbols: 1 },
    { nats: 6, symbols: 3 },
  ]
  const second = [
    { nats: 1, symbols: 1 },
    { nats: 5.4, symbols: 3 },
  ]
  const { difference, standardError } = pairedTest(first, second)
  expect(difference).toBeCloseTo(-1.6 / 4, 12)
  // The lines differ by -1 and -0.6, where -0.4 and -1.2 are expected.
  expect(standardError).toBeCloseTo(Math.sqrt((0.6 ** 2 + 0.6 ** 2) * 2) / 4, 12)
  const one = pairedTest(first.slice(1), second.slice(1))
  expect(one).toEqual({
    difference: expect.closeTo(-0.2, 12),
    interval: [one.difference, one.difference],
    p: 1,
  })
  expect(pairedTest(first, first)).toEqual({ difference: 0, standardError: 0, interval: [0, 0], p: 1 })
})

test("other lines are refused", () => {
  const line = { nats: 2, symbols: 1 }
  expect(() => pairedTest([line], [line, line])).toThrow("pairedTest: 1 lines and 2 lines")
  expect(() => pairedTest([], [])).toThrow("at least one")
  expect(() => pairedTest([line, line], [line, { nats: 2, symbols: 4 }])).toThrow(
    "pairedTest: line 1 has 1 symbols and 4 symbols",
  )
})

test("ninety-five of a hundred intervals hold what is true: of means over five seeds, and of differences over lines", () => {
  const generator = new Generator(7)
  let [byStudent, byBootstrap, rejected] = [0, 0, 0]
  for (let trial = 0; trial < 400; trial++) {
    const [low, high] = meanInterval(Array.from({ length: 5 }, () => 2 + generator.nextNormal()))
    if (low <= 2 && 2 <= high) byStudent++
    const differences = Array.from({ length: 60 }, () => generator.nextNormal())
    if (wilcoxon(differences) < 0.05) rejected++
    if (trial >= 100) continue
    const [from, to] = bootstrapInterval(differences, Array(60).fill(5))
    if (from <= 0 && 0 <= to) byBootstrap++
  }
  expect(byStudent / 400).toBeGreaterThan(0.92)
  expect(byStudent / 400).toBeLessThan(0.98)
  expect(byBootstrap / 100).toBeGreaterThan(0.88)
  expect(rejected / 400).toBeGreaterThan(0.02)
  expect(rejected / 400).toBeLessThan(0.08)
})
