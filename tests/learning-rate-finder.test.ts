/** The learning-rate finder: lines and curves worked by hand, and a model that comes out of it as it went in. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Vocabulary } from "../src/data/index.ts"
import { Flat } from "../src/models/index.ts"
import { Generator } from "../src/random/index.ts"
import { textRows } from "../src/runs/text-rows.ts"
import { learningRateFinder, smoothTrials, suggestionOf } from "../src/training/learning-rate-finder.ts"
import { train } from "../src/training/train.ts"

/** Rates of a tenth of a power of ten each, from 10^-3 to 10^1, with losses of their logarithms. */
const curve = (loss: (log: number) => number) =>
  Array.from({ length: 41 }, (_, k) => ({ rate: 10 ** (-3 + k / 10), loss: loss(-3 + k / 10) }))

describe("smoothing", () => {
  test("leaves a straight line as it is, its ends too", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -9, max: 9, noNaN: true }),
        fc.double({ min: -9, max: 9, noNaN: true }),
        (a, b) => {
          for (const { rate, loss, smoothed, slope } of smoothTrials(curve((log) => a + b * log))) {
            expect(smoothed).toBeCloseTo(loss, 9)
            expect(slope).toBeCloseTo(b, 8)
            expect(loss).toBeCloseTo(a + b * Math.log10(rate), 9)
          }
        },
      ),
    )
  })

  test("takes a single outlier for as much as its share of the neighbours", () => {
    const trials = smoothTrials(curve((log) => (Math.abs(log) < 0.01 ? 5 : 0)))
    expect(trials[30].smoothed).toBeCloseTo(1, 9) // one of 2 + 1 + 2
    expect(trials[30].slope).toBeCloseTo(0, 9)
    expect(trials[27].smoothed).toBe(0)
  })

  test("of two trials and of one", () => {
    expect(smoothTrials([{ rate: 1, loss: 3 }])).toEqual([{ rate: 1, loss: 3, smoothed: 3, slope: 0 }])
    const [first, second] = smoothTrials([
      { rate: 1, loss: 3 },
      { rate: 10, loss: 1 },
    ])
    expect([first.slope, second.slope]).toEqual([-2, -2])
  })
})

describe("the suggestion", () => {
  test("of a valley: where its wall is steepest, and a tenth of its floor", () => {
    // Falls by 1 nat a power of ten up to 0.01, by 2 up to 0.1, and rises from there.
    const valley = (log: number) => (log < -2 ? -log : log < -1 ? 2 - 2 * (log + 2) : 3 * (log + 1))
    const found = suggestionOf(smoothTrials(curve(valley)))
    expect(Math.log10(found?.steepest ?? 0)).toBeGreaterThan(-2)
    expect(Math.log10(found?.steepest ?? 0)).toBeLessThan(-1)
    expect(found?.tenthOfLowest).toBeCloseTo(0.01, 9)
  })

  test("is not there where the loss never falls", () => {
    expect(suggestionOf(smoothTrials(curve((log) => 3 + log)))).toBeUndefined()
    expect(suggestionOf([])).toBeUndefined()
  })
})

const lines = ["abc", "cab", "bb", "acca", "b", "cbca", "abba", "cc"]
const vocabulary = Vocabulary.from(lines)
const newModel = () =>
  new Flat({ vocabularySize: 4, contextLength: 3, embedding: 3, hidden: 8 }).initialize(new Generator(1))

describe("on a model", () => {
  const model = newModel()
  const data = textRows(model, { lines }, { vocabulary })

  test("rates rise by one factor, the losses are those of such a training, and the model is as it was", async () => {
    const before = model.stateDict()
    const { trials } = await learningRateFinder(model, data, {
      lowest: 0.001,
      highest: 0.1,
      steps: 50,
      generator: new Generator(2),
    })
    expect(model.stateDict()).toEqual(before)
    expect(trials).toHaveLength(50)
    expect(trials[0].rate).toBeCloseTo(0.001, 12)
    expect(trials[49].rate).toBeCloseTo(0.1, 12)
    for (let k = 1; k < 50; k++) expect(trials[k].rate / trials[k - 1].rate).toBeCloseTo(100 ** (1 / 49), 9)

    const rate = (step: number) => 0.001 * 100 ** (step / 49)
    const losses: number[] = []
    for await (const progress of train(newModel(), data, { steps: 50, rate, generator: new Generator(2) }))
      losses.push(...progress.losses)
    expect(trials.map(({ loss }) => loss)).toEqual(losses)
  })

  test("ends when there is no hope left, with the trials up to there", async () => {
    const before = model.stateDict()
    const { trials, diverged, suggestion } = await learningRateFinder(model, data, {
      lowest: 1e-3,
      highest: 1e6,
      steps: 300,
    })
    expect(diverged).toBe(true)
    expect(trials.length).toBeGreaterThan(50)
    expect(trials.length).toBeLessThan(300)
    expect(trials.every(({ loss }) => Number.isFinite(loss))).toBe(true)
    expect(suggestion?.tenthOfLowest).toBeLessThan(trials.at(-1)?.rate ?? 0)
    expect(model.stateDict()).toEqual(before)
  })

  test.each([
    [{ lowest: 0 }, /lowest = 0: give a number above 0/],
    [{ lowest: 1, highest: 0.1 }, /rates from 1 to 0.1: give two above 0, the lower one first/],
    [{ highest: Number.POSITIVE_INFINITY }, /highest = Infinity: give a number above 0/],
    [{ steps: 1 }, /steps = 1: give a whole number from 2 to 100,000/],
  ])("nonsense is refused: %j", async (options, sentence) => {
    await expect(learningRateFinder(model, data, options)).rejects.toThrow(sentence)
  })
})
