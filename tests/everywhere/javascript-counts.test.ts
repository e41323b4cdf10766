/**
 * What a JavaScript file makes of lines, in Node and in a page: n-grams counted from them are those of the library, and what is in the list
 * is recognized.
 */
import { describe, expect, test } from "vitest"
import { NGram } from "../../src/counting/index.ts"
import { Vocabulary } from "../../src/data/index.ts"
import { toJavaScript } from "../../src/interchange/index.ts"
import { models } from "../../src/models/index.ts"
import { Generator } from "../../src/random/index.ts"

interface Exported {
  sample(options?: {
    prompt?: string
    seed?: number
    onlyNew?: boolean
    temperature?: number
    maximumLength?: number
  }): string
  logits(ids: readonly number[]): Float64Array
}

const urlOf = (text: string): string =>
  typeof document === "undefined"
    ? `data:text/javascript,${encodeURIComponent(text)}`
    : URL.createObjectURL(new Blob([text], { type: "text/javascript" }))

const load = (text: string): Promise<Exported> => import(/* @vite-ignore */ urlOf(text))

/** Town names, more or less: some twice, with characters of several code units. */
const lines = (() => {
  const random = new Generator(5)
  const parts = ["ab", "er", "ing", "å", "👩‍🚀", "-", "\\", '"', "ton", "wick", "</", "\u2028"]
  return Array.from({ length: 300 }, () =>
    random
      .randint(0, parts.length, 1 + (random.randint(0, 4, 1)[0] as number))
      .reduce((line, k) => line + parts[k], ""),
  )
})()
const vocabulary = Vocabulary.from(lines)
const { symbols, size: V } = vocabulary
const fitted = (order: number, counted: readonly string[] = lines) =>
  new NGram({ order, vocabularySize: V }).fit(counted.map((line) => vocabulary.encode(line)))

const gru = () =>
  new models.gru({ vocabularySize: V, contextLength: 30, embedding: 4, hidden: 6 }).initialize(
    new Generator(2),
  )

describe("n-grams", () => {
  test.each([1, 2, 3, 6])("of order %d have the library's probabilities", async (order) => {
    const model = fitted(order)
    const { logits } = await load(toJavaScript(model, { symbols, counted: lines }))
    const random = new Generator(3)
    for (const length of [0, 1, 2, 3, 5, 9])
      for (let k = 0; k < 20; k++) {
        const line = vocabulary.encode(lines[(k * 7) % lines.length]).slice(0, length)
        const ids = k % 2 ? random.randint(1, V, length) : line
        const want = model.probabilities(ids)
        logits(Array.from(ids)).forEach((ln, id) => {
          expect(Math.abs(Math.exp(ln) - want[id])).toBeLessThan(1e-12)
        })
      }
  })

  test("sample, always the same from a seed, also something new", async () => {
    const { sample } = await load(toJavaScript(fitted(3), { symbols, counted: lines }))
    const made = Array.from({ length: 40 }, (_, seed) => sample({ seed }))
    expect(made).toEqual(made.map((_, seed) => sample({ seed })))
    expect(made.some((each) => lines.includes(each))).toBe(true)
    const fresh = made.map((_, seed) => sample({ seed, onlyNew: true }))
    expect(fresh.filter((each) => lines.includes(each))).toEqual([])
  })

  test("are not written as lines that they did not count", () => {
    const counted = lines.slice(1)
    expect(() => toJavaScript(fitted(3), { symbols, counted })).toThrow(/counted: the model has other counts/)
    expect(() => toJavaScript(fitted(3), { symbols })).toThrow(/give them as counted/)
    expect(() => toJavaScript(fitted(3), { symbols, counted: ["xyz"] })).toThrow(/not in the vocabulary/)
    expect(() => toJavaScript(gru(), { symbols, counted: lines })).toThrow(/this model counts nothing/)
    const labels = { values: ["a"], counts: [1] }
    expect(() => toJavaScript(fitted(3), { symbols, counted: lines, labels })).toThrow(/if and only if/)
  })
})

describe("a list", () => {
  /** The function of the file that recognizes the lines. */
  const knownOf = async (text: string) =>
    ((await load(`${text}\nexport { known }`)) as unknown as { known(text: string): boolean }).known

  test("is recognized by a filter, with few others", async () => {
    const known = await knownOf(toJavaScript(gru(), { symbols, lines }))
    expect(lines.filter((line) => !known(line))).toEqual([])
    const decomposed = await knownOf(toJavaScript(gru(), { symbols, lines: ["a\u030aab"] }))
    expect([decomposed("åab"), decomposed("a\u030aab"), decomposed("aab")]).toEqual([true, true, false])
    expect(lines.filter((line) => !known(line.toUpperCase()))).toEqual([])
    const others = Array.from({ length: 20_000 }, (_, k) => `other ${k}`)
    expect(others.filter(known).length / others.length).toBeLessThan(0.03)
  })

  test("is recognized exactly if its lines are counted, and the others by the filter", async () => {
    const [counted, others] = [lines.slice(0, 200), lines.slice(200)]
    const known = await knownOf(toJavaScript(fitted(2, counted), { symbols, counted, lines }))
    expect([...counted, ...others].filter((line) => !known(line))).toEqual([])
    const exactly = await knownOf(toJavaScript(fitted(2, counted), { symbols, counted }))
    const missing = others.filter((line) => !counted.includes(line))
    expect(missing.filter(exactly)).toEqual([])
  })

  test("of lines that begin with a capital letter is followed by such, unless a start is given", async () => {
    const { symbols } = Vocabulary.from(["Aab"])
    const of = (list: readonly string[]) =>
      load(
        toJavaScript(
          new models.gru({
            vocabularySize: symbols.length,
            contextLength: 9,
            embedding: 4,
            hidden: 6,
          }).initialize(new Generator(2)),
          { symbols, lines: list },
        ),
      )
    const firstsOf = ({ sample }: Exported, prompt?: string) =>
      new Set(Array.from({ length: 40 }, (_, seed) => sample({ seed, prompt, onlyNew: true })[0]))
    const capitalized = await of(["Aab", "Aba"])
    expect(firstsOf(capitalized)).toEqual(new Set("A"))
    expect(firstsOf(capitalized, "b")).toEqual(new Set("b"))
    expect(firstsOf(await of(["Aab", "aba"]))).toEqual(new Set("Aab"))
  })

  test("that has everything the model makes is told after some attempts", async () => {
    const { sample } = await load(toJavaScript(gru(), { symbols, lines: ["", ...symbols.slice(1)] }))
    expect(sample({ onlyNew: true, seed: 1 }).length).toBeGreaterThan(1)
    const certain = sample({ temperature: 0 })
    const memorized = await load(toJavaScript(gru(), { symbols, lines: [certain] }))
    expect(memorized.sample({ temperature: 0 })).toBe(certain)
    expect(() => memorized.sample({ temperature: 0, onlyNew: true })).toThrow(
      /^onlyNew true: 500 samples in a row are in the list or do not end within 29 symbols: give a higher temperature, another prompt, a greater maximumLength, or false$/,
    )
    const long = await load(toJavaScript(gru(), { symbols, lines: ["abababab"] }))
    expect(long.sample({ onlyNew: true, maximumLength: 2, seed: 1 })).not.toBe("")
  })

  test("that the file does not have is no list to be new in", async () => {
    const { sample } = await load(toJavaScript(gru(), { symbols }))
    expect(() => sample({ onlyNew: true })).toThrow(
      /^onlyNew true: give false: this file does not know its list/,
    )
    expect(sample({ onlyNew: false, seed: 1 })).toBe(sample({ seed: 1 }))
    for (const onlyNew of [1, "yes", null, {}])
      expect(() => sample({ onlyNew: onlyNew as boolean })).toThrow(/^onlyNew .*give true or false/)
  })
})
