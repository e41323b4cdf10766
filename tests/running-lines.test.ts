/** The lines of a text while it is written: together they are the text, and a line costs as much after many as at the beginning. */
import { expect, test } from "vitest"
import { makeTokenizer } from "../src/data/tokenizers/index.ts"
import type { Tokenizer } from "../src/data/tokenizers/tokenizer.ts"
import { Generator } from "../src/random/index.ts"
import { linesOf } from "../src/runs/corpora/running-samples.ts"
import type { TextReader } from "../src/sampling/index.ts"

const text =
  'The dog said: "Who is there?"\n\n-- ...!\n(She left.) He "sat"\nin the é house;\n\n\n\n\n\n'.repeat(40)

/** A model that goes on with the text, from its beginning. */
function repeating(ids: Int32Array, size: number): TextReader {
  let at = -1
  const begin = async () => async () => {
    const logits = new Float32Array(size)
    logits[ids[++at % ids.length]] = 100
    return logits
  }
  return { begin, release: async () => {} }
}

test.each(["characters", "bytes", "words"])("%s", async (tokens) => {
  const made = makeTokenizer({ tokens }, [text])
  const ids = made.encode(text)
  let decoded = 0
  const decode = (some: Iterable<number>) => {
    const list = [...some]
    decoded += list.length
    return made.decode(list)
  }
  const { size, symbols, unknown } = made
  const vocabulary = { tokens, size, symbols, unknown, decode } as Partial<Tokenizer> as Tokenizer
  const length = String(ids.length)
  const written = linesOf({ model: { contextLength: 1 } as never, vocabulary }, repeating(ids, size), {
    length,
    generator: new Generator(1),
  })
  const lines: string[] = []
  let next = await written.next()
  for (; !next.done; next = await written.next()) lines.push(next.value)
  expect(lines.join("\n")).toBe(next.value.replace(/\n$/, ""))
  expect(next.value).toContain('"Who is there?"\n\n--')
  expect(lines.length).toBeGreaterThan(300)
  expect(decoded).toBeLessThan(40 * ids.length)
})
