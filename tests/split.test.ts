/** The split of lines into parts, and their folds. */
import { describe, expect, test } from "vitest"
import { folds, type Lines, split } from "../src/data/index.ts"
import { fractionsInPercent } from "../src/data/split.ts"
import { UserError } from "../src/errors.ts"
import { PythonRandom } from "../src/random/python.ts"

const text = { lines: Array.from({ length: 100 }, (_, i) => `line ${i}`) }

/** Ten lines of which each is there `index` times more. */
const repeated: Lines = {
  lines: Array.from({ length: 55 }, (_, k) => `${k % 10}`).filter((line, k) => k < 10 * (Number(line) + 1)),
}

const linesOf = (parts: Readonly<Record<string, Lines>>) => Object.values(parts).map(({ lines }) => lines)

/** Whether no line is in two of the parts. */
const isApart = (parts: readonly (readonly string[])[]) => {
  const distinct = parts.map((lines) => new Set(lines).size).reduce((a, b) => a + b)
  return distinct === new Set(parts.flat()).size
}

describe("split", () => {
  test("each line goes to one part together with its label", () => {
    const labels = text.lines.map((line) => `label of ${line}`)
    const { train, validation, test } = split({ lines: text.lines, labels: { of: labels } })
    expect([train, validation, test].map((part) => part.lines.length)).toEqual([80, 10, 10])
    const all = [train, validation, test].flatMap((part) => part.lines)
    expect(all).not.toEqual(text.lines)
    expect(new Set(all)).toEqual(new Set(text.lines))
    for (const part of [train, validation, test])
      expect(part.labels).toEqual({ of: part.lines.map((line) => `label of ${line}`) })
    expect(split(text).train.labels).toBeUndefined()
  })

  test("lines that all differ are shuffled as by CPython and cut where the lecture cuts", () => {
    for (const [n, seed] of [
      [10, 42],
      [97, 1],
      [1234, 7],
    ]) {
      const lines = Array.from({ length: n }, (_, k) => `${k}`)
      const shuffled = [...lines]
      new PythonRandom(seed).shuffle(shuffled)
      const cuts = [Math.trunc(0.8 * n), Math.trunc(0.9 * n)]
      const parts = [shuffled.slice(0, cuts[0]), shuffled.slice(...cuts), shuffled.slice(cuts[1])]
      expect(linesOf(split({ lines }, { seed }))).toEqual(parts)
      expect(linesOf(split({ lines }, { seed, duplicates: "apart" }))).toEqual(parts)
    }
  })

  test("another seed is another split", () => {
    expect(split(text, { seed: 1 }).test.lines).not.toEqual(split(text).test.lines)
    expect(split(text, { seed: 42 })).toEqual(split(text))
  })

  test("equal lines stand in one part, whatever their labels, and the parts are of different lines", () => {
    const labels = { of: repeated.lines.map((line, k) => `${k}: ${line}`) }
    for (let seed = 0; seed < 20; seed++) {
      const parts = split({ ...repeated, labels }, { seed })
      expect(isApart(linesOf(parts))).toBe(true)
      expect(linesOf(parts).map((lines) => new Set(lines).size)).toEqual([8, 1, 1])
      expect(linesOf(parts).flat().sort()).toEqual(repeated.lines.toSorted())
      for (const { lines, labels } of Object.values(parts))
        expect(labels?.of.map((label) => label.split(": ")[1])).toEqual(lines)
    }
  })

  test("apart, each equal line is put by itself: as asked for, or as the lines say", () => {
    const apart = split(repeated, { duplicates: "apart" })
    expect(linesOf(apart).map(({ length }) => length)).toEqual([
      Math.trunc(0.8 * repeated.lines.length),
      Math.trunc(0.9 * repeated.lines.length) - Math.trunc(0.8 * repeated.lines.length),
      repeated.lines.length - Math.trunc(0.9 * repeated.lines.length),
    ])
    expect(isApart(linesOf(apart))).toBe(false)
    expect(split({ ...repeated, duplicates: "apart" })).toEqual(apart)
    expect(split({ ...repeated, duplicates: "apart" }, { duplicates: "together" })).toEqual(split(repeated))
    expect(() => split(repeated, { duplicates: "away" as never })).toThrow(
      'split: duplicates = "away": give "together" or "apart"',
    )
  })

  test("fractions whose sum has a rounding error cut in the right place", () => {
    const parts = split(text, { train: 0.7, validation: 0.2 })
    expect(linesOf(parts).map(({ length }) => length)).toEqual([70, 20, 10])
    const rounding = split(text, { train: 0.28, validation: 0.01 }) // 0.29 × 100 is 28.999999999999996
    expect(linesOf(rounding).map(({ length }) => length)).toEqual([28, 1, 71])
  })

  test("a part with fraction 0 is empty", () => {
    const all = split(text, { train: 1, validation: 0 })
    expect(linesOf(all).map(({ length }) => length)).toEqual([100, 0, 0])
    expect(split({ lines: ["a"] }, { train: 1, validation: 0 }).train.lines).toEqual(["a"])
    expect(split({ lines: ["a", "b"] }, { train: 0.5, validation: 0.5 }).test.lines).toEqual([])
  })

  test("of few lines each part gets one, and of too few an error says how many are needed", () => {
    const sizes = Array.from({ length: 10 }, (_, k) => {
      const lines = Array.from({ length: k + 3 }, (_, line) => `${line}`)
      return linesOf(split({ lines })).map(({ length }) => length)
    })
    expect(sizes.slice(0, 3)).toEqual([
      [1, 1, 1],
      [2, 1, 1],
      [3, 1, 1],
    ])
    for (const each of sizes) expect(Math.min(...each)).toBe(1)
    const needs =
      "a split into 3 parts needs 3 different ones: give more, or fewer parts: --split 100,0,0 trains on every line"
    for (const [lines, found] of [
      [["a", "b"], "2 lines"],
      [["a", "b", "a", "b"], "2 different lines"],
      [["a"], "one line"],
      [["a", "a"], "all 2 lines are equal"],
    ] as const) {
      expect(() => split({ lines })).toThrow(UserError)
      expect(() => split({ lines })).toThrow(`split: ${found}, and ${needs}`)
    }
    const named: Lines & { name: string } = { name: "list.txt", lines: ["a", "b"] }
    expect(() => split(named)).toThrow("list.txt: 2 lines, and a split")
    expect(() => split({ lines: [] }, { train: 1, validation: 0 })).toThrow(
      "split: 0 lines, and a split into 1 part needs 1 ",
    )
  })

  test("fractions that are none are refused", () => {
    for (const [train, validation] of [
      [0.9, 0.2],
      [0, 0.5],
      [-1, 0],
      [0.5, -0.1],
      [Number.NaN, 0],
    ])
      expect(() => split(text, { train, validation })).toThrow(UserError)
  })

  test("fractions in percent", () => {
    expect(fractionsInPercent("80,10,10")).toEqual({ train: 0.8, validation: 0.1 })
    expect(fractionsInPercent("100, 0, 0")).toEqual({ train: 1, validation: 0 })
    expect(fractionsInPercent("33.4,33.3,33.3")).toEqual({ train: 0.334, validation: 0.333 })
    for (const none of [
      "",
      "80",
      "80,20",
      "80,10,10,0",
      "0,50,50",
      "80,10,5",
      "80,30,-10",
      "a,b,c",
      "1e2,0,0",
      ",,100",
    ])
      expect(fractionsInPercent(none)).toBeUndefined()
  })
})

describe("folds", () => {
  test("each line is held out once, with its label, and trained on by all other folds", () => {
    const labels = { of: text.lines.map((line) => `label of ${line}`) }
    const five = folds({ lines: text.lines, labels })
    expect(five.map(({ held }) => held.lines.length)).toEqual([20, 20, 20, 20, 20])
    expect(five.flatMap(({ held }) => held.lines).sort()).toEqual(text.lines.toSorted())
    for (const { train, held } of five) {
      expect([...train.lines, ...held.lines].sort()).toEqual(text.lines.toSorted())
      for (const { lines, labels } of [train, held])
        expect(labels?.of).toEqual(lines.map((line) => `label of ${line}`))
    }
    expect(folds(text, { seed: 1 })[0].held).not.toEqual(folds(text)[0].held)
    expect(folds(text, { count: 3 }).map(({ held }) => held.lines.length)).toEqual([33, 33, 34])
  })

  test("equal lines are held out together", () => {
    for (const lines of [repeated, { ...repeated, duplicates: "apart" as const }]) {
      const parts = folds(lines)
      expect(parts.map(({ held }) => new Set(held.lines).size)).toEqual([2, 2, 2, 2, 2])
      for (const { train, held } of parts) expect(isApart([train.lines, held.lines])).toBe(true)
    }
  })

  test("few lines make fewer folds, and of one line there are none", () => {
    expect(
      folds({ lines: ["a", "b", "a"] }).map(({ train, held }) => [train.lines, held.lines].toSorted()),
    ).toEqual(Array(2).fill([["a", "a"], ["b"]]))
    expect(() => folds({ lines: ["a", "a"] })).toThrow(UserError)
    expect(() => folds({ lines: ["a", "a"] })).toThrow(
      "folds: all lines are equal: give two different ones or more",
    )
    expect(() => folds({ lines: [] })).toThrow("folds: there is no line")
    expect(() => folds(text, { count: 1 })).toThrow(/folds: count = 1: give a whole number from 2/)
    expect(() => folds(text, { parts: 5 } as never)).toThrow(UserError)
    expect(() => folds(5 as never)).toThrow("folds: 5 in place of a text")
  })
})
