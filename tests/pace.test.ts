/** Calls of the runtime take a quarter of a second, however long one piece takes. */
import { afterEach, expect, test, vi } from "vitest"
import { openPace } from "../src/training/pace.ts"

afterEach(() => vi.restoreAllMocks())

/** The sizes of the first calls if a piece takes the given seconds, and how long the longest of them lasts. */
async function callsOf(secondsAPiece: number, most?: number) {
  let now = 0
  vi.spyOn(performance, "now").mockImplementation(() => now)
  const pace = openPace({ most })
  const sizes = []
  for (let call = 0; call < 12; call++) {
    const pieces = pace.atOnce
    sizes.push(pieces)
    await pace.time(pieces, async () => {
      now += 1000 * secondsAPiece * pieces
    })
  }
  return { sizes, longest: Math.max(...sizes) * secondsAPiece }
}

test.each([
  [27, [1, 1, 1]],
  [0.2, [1, 1, 1]],
  [0.05, [1, 2, 4, 5, 5]],
  [0.0005, [1, 2, 4, 8, 16, 32, 64, 128, 256, 500, 500]],
])("a piece takes %s seconds", async (seconds, first) => {
  const { sizes, longest } = await callsOf(seconds)
  expect(sizes.slice(0, first.length)).toEqual(first)
  expect(longest).toBeLessThanOrEqual(Math.max(0.25, seconds))
})

test("a call does no more than its limit", async () => {
  expect((await callsOf(0.0005, 20)).sizes.slice(3, 7)).toEqual([8, 16, 20, 20])
})
