/** The library's `make`, in Node, where folds are on threads, and in Chromium, where they are one after another. */
import { expect, test } from "vitest"
import { loadText, make } from "../../src/index.ts"

test("new names from a hundred, by a network from the base and counts", { timeout: 120_000 }, async () => {
  const { lines } = await loadText("names")
  const list = lines.slice(0, 100)
  const names = await make(list, { seconds: 6, seed: 1 })
  expect(names.settings).toMatchObject({ model: "gru", from: "base", split: "100,0,0" })
  expect(names.validation).toBeLessThan(2.6) // a guess is 3.3
  const made = await names.sample({ count: 10, startsWith: "ma", length: { least: 4, most: 8 } })
  expect(made.length).toBe(new Set(made).size)
  expect(made.length).toBeGreaterThan(0)
  expect(made.filter((name) => !/^ma.{2,6}$/.test(name) || list.includes(name))).toEqual([])
})
