/** Reading a text without end: every model sees what it saw in its training, however long the text, and nothing of what comes later. */
import { describe, expect, test } from "vitest"
import { Mixture } from "../src/counting/mixture.ts"
import { NGram } from "../src/counting/ngram.ts"
import { STOP } from "../src/data/index.ts"
import { toJavaScript } from "../src/interchange/index.ts"
import type { Model } from "../src/models/index.ts"
import { trace } from "../src/nn/trace.ts"
import { Generator } from "../src/random/index.ts"
import { openTextReader, probabilities, runningText } from "../src/sampling/index.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { variants } from "./variants.ts"

const V = 6
const T = 8
const random = new Generator(3)
const text = Array.from({ length: 30 }, () => 1 + Math.floor(random.rand(1)[0] * (V - 1)))

function made(Class: (typeof variants)[string]): Model {
  const model = new Class({ vocabularySize: V, contextLength: T })
  for (const parameter of model.parameters())
    parameter.data = random.randn(parameter.size).map((x) => x * 0.2)
  return model
}

/** The logits after these symbols, read at once. */
function atOnce(model: Model, ids: readonly number[]): number[] {
  const read = model.reads === "windows" ? [...new Array(T).fill(STOP), ...ids].slice(-T) : ids
  const row = Tensor.constant(read, [1, read.length], "int32")
  const logits = trace(model, "evaluation", () => model.forward(row)).result.values()
  return Array.from(logits.slice(-V))
}

interface Script {
  logits(ids: readonly number[]): Float64Array
  sample(options?: object): string
}

const symbols = [".", "\n", "a", "b", "c", "d"]

const scriptOf = async (model: Model): Promise<Script> =>
  import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(toJavaScript(model, { symbols, unseen: 8 }))}`
  )

/** What a model still sees of a text: of a context of T, after each T the last half is read again. */
function seen(model: Model, ids: readonly number[]): readonly number[] {
  if (model.steps !== "context") return ids
  const begins = ids.length <= T ? 0 : T / 2 + Math.floor((ids.length - T - 1) / (T / 2)) * (T / 2)
  return ids.slice(begins)
}

describe.each(Object.entries(variants))("%s", (_, Class) => {
  test("reads a text that is longer than its context as its training does", async () => {
    const model = made(Class)
    const reader = openTextReader(model)
    const read = await reader.begin()
    for (const [k, symbol] of text.entries()) {
      const logits = Array.from(await read(symbol))
      const expected = atOnce(model, seen(model, text.slice(0, k + 1)))
      // In float32 a logit is a sum of numbers as large as the largest.
      const largest = Math.max(1, ...expected.map(Math.abs))
      for (const [v, logit] of logits.entries())
        expect(Math.abs(logit - expected[v]) / largest).toBeLessThan(1e-5)
    }
    await reader.release()
  })

  test("its script reads on as it does", async () => {
    const model = made(Class)
    const { logits } = await scriptOf(model)
    const reader = openTextReader(model)
    const read = await reader.begin()
    for (const [k, symbol] of text.entries()) {
      const expected = await read(symbol)
      const largest = Math.max(1, ...expected.map(Math.abs))
      const found = logits(text.slice(0, k + 1))
      for (const [v, logit] of found.entries())
        expect(Math.abs(logit - expected[v]) / largest).toBeLessThan(1e-5)
    }
    await reader.release()
  })
})

test("with a context of one symbol the last alone is read", async () => {
  const model = new variants.transformer({ vocabularySize: V, contextLength: 1 })
  const reader = openTextReader(model)
  const read = await reader.begin()
  for (const symbol of [3, 1, 4]) {
    const logits = Array.from(await read(symbol))
    for (const [v, expected] of atOnce(model, [symbol]).entries()) expect(logits[v]).toBeCloseTo(expected, 5)
  }
  await reader.release()
})

test("n-grams and mixtures read on too", async () => {
  const counts = new NGram({ order: 3, vocabularySize: V }).fit([text])
  const network = made(variants.gru)
  const mixture = new Mixture({ network, counts, weight: 0.25 })
  const byFrequency = new Mixture({ network, counts })
  byFrequency.weightsByBin = Array.from({ length: counts.contextBins.count }, (_, bin) => 0.9 ** bin)
  const [ofCounts, ofMixture, ofBins] = await Promise.all(
    [counts, mixture, byFrequency].map((model) => openTextReader(model).begin()),
  )
  for (const [k, symbol] of text.entries()) {
    const p = counts.probabilities(text.slice(Math.max(0, k - 5), k + 1))
    const counted = probabilities(await ofCounts(symbol))
    const q = probabilities(Float32Array.from(atOnce(network, text.slice(0, k + 1))))
    const mixed = probabilities(await ofMixture(symbol))
    const binned = probabilities(await ofBins(symbol))
    const weight = 0.9 ** counts.binAfter(text.slice(0, k + 1))
    for (let v = 0; v < V; v++) {
      expect(counted[v]).toBeCloseTo(p[v], 6)
      expect(mixed[v]).toBeCloseTo(0.25 * q[v] + 0.75 * p[v], 5)
      expect(binned[v]).toBeCloseTo(weight * q[v] + (1 - weight) * p[v], 5)
    }
  }
})

describe("running text", () => {
  const write = async (count: number, options: object = {}) => {
    const reader = openTextReader(made(variants.rnn))
    const written: number[] = []
    const own = { generator: new Generator(1), vocabularySize: V, ...options }
    for await (const symbol of runningText(reader, own)) if (written.push(symbol) === count) break
    await reader.release()
    return written
  }

  test("never stops, even where the stop is the likeliest symbol", async () => {
    const model = made(variants.bigram)
    for (const [k] of model.parameters()[0].data.entries())
      model.parameters()[0].data[k] = k % V === STOP ? 9 : 0
    const written: number[] = []
    const options = { generator: new Generator(1), never: [2], unseen: 20, vocabularySize: V }
    for await (const symbol of runningText(openTextReader(model), options))
      if (written.push(symbol) === 200) break
    expect(new Set(written)).toEqual(new Set([1, 3, 4, 5]))
  })

  test("does not depend on where somebody pauses, and begins after a line", async () => {
    const model = made(variants.gru)
    const begin = () =>
      runningText(openTextReader(model), {
        generator: new Generator(5),
        lineEnd: 1,
        unseen: 10,
        vocabularySize: V,
      })
    const take = async (from: AsyncGenerator<number>, count: number) => {
      const taken: number[] = []
      while (taken.length < count) taken.push((await from.next()).value)
      return taken
    }
    const [whole, paused] = [begin(), begin()]
    const all = await take(whole, 60)
    expect([...(await take(paused, 25)), ...(await take(paused, 35))]).toEqual(all)
  })

  test("continues a prompt", async () => {
    const [free, prompted] = [await write(40), await write(40, { prompt: [1, 2, 3] })]
    expect(prompted).not.toEqual(free)
    expect(prompted).toHaveLength(40)
    await expect(write(1, { prompt: [STOP] })).rejects.toThrow("prompt: symbol 0 at index 0")
  })
})

describe("a script of running text", () => {
  test("writes to its length, until a line or a paragraph ends, and never a stop", async () => {
    const { sample } = await scriptOf(made(variants.gru))
    expect(sample({ seed: 1 })).toHaveLength(500)
    expect(sample({ seed: 1, prompt: "abc", length: 7 })).toMatch(/^abc[\na-d]{7}$/)
    expect(sample({ seed: 1 })).toBe(sample({ seed: 1 }))
    expect(sample({ seed: 2, until: "line" })).toMatch(/^[a-d]*\n$/)
    expect(sample({ seed: 2, until: "paragraph" })).toMatch(/\n\n$/)
    expect(sample({ seed: 3, length: 2000 })).not.toContain(".")
  })

  test.each([
    [{ length: 0 }, "length 0: give a whole number above 0"],
    [{ until: "end" }, 'until "end": give "line" or "paragraph"'],
    [{ prompt: "z" }, 'prompt: "z" is not one of the symbols'],
    [{ onlyNew: true }, 'option "onlyNew": give temperature, topK, topP, prompt, length, until or seed'],
  ])("refuses %j", async (options, sentence) => {
    const { sample } = await scriptOf(made(variants.gru))
    expect(() => sample(options)).toThrow(sentence)
  })

  test("holds a network alone", () => {
    const counts = new NGram({ order: 2, vocabularySize: V }).fit([text])
    expect(() => toJavaScript(counts, { symbols, unseen: 8, counted: ["ab"] })).toThrow(
      "toJavaScript: unseen: only a network alone writes running text",
    )
  })
})
