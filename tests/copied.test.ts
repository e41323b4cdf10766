/** The longest passage that is copied, found by an automaton, is the one that trying all finds. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { longestCopied } from "../src/sampling/copied.ts"

/** By trying every passage. */
function tried(all: string, text: string): number {
  const written = Array.from(all)
  let longest = 0
  for (let from = 0; from < written.length; from++)
    for (let to = from + 1; to <= written.length; to++)
      if (text.includes(written.slice(from, to).join(""))) longest = Math.max(longest, to - from)
  return longest
}

test("it is in both, and none is longer", () => {
  const words = fc.string({ unit: fc.constantFrom("a", "b", "🎉", "🎊"), maxLength: 40 })
  fc.assert(
    fc.property(words, words, (written, text) => {
      const passage = longestCopied(written, text)
      expect(written).toContain(passage)
      expect(text).toContain(passage)
      expect(passage.isWellFormed()).toBe(true)
      expect(Array.from(passage)).toHaveLength(tried(written, text))
    }),
    { numRuns: 500 },
  )
})

test("it is the longest in code points: an emoji is one, and no half of one is copied", () => {
  expect(longestCopied("abc 🎉🎊", "🎉🎊; abc")).toBe("abc")
  expect(longestCopied("🎉", "🎊")).toBe("") // which have their first unit in common
})
