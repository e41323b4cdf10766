/** Every option of the library's sampling functions: its default, and the sentence for each value that it refuses. */
import { describe, expect, test } from "vitest"
import { Mixture, NGram } from "../src/counting/index.ts"
import { UserError } from "../src/errors.ts"
import { toJavaScript, toOnnx } from "../src/interchange/index.ts"
import { models } from "../src/models/index.ts"
import { Generator, manualSeed } from "../src/random/index.ts"
import {
  countingSampler,
  makeSounds,
  openMixtureSampler,
  openSampler,
  openStream,
  type SampleOptions,
  type Sampler,
  type Stream,
  sampleByLabel,
} from "../src/sampling/index.ts"
import { probabilities } from "../src/sampling/probabilities.ts"
import { recomputingSampler } from "../src/sampling/recomputing-sampler.ts"

const V = 5
const config = { vocabularySize: V, contextLength: 6, embedding: 4, hidden: 6 }
const gru = () => new models.gru(config).initialize(new Generator(3))
const small = { layers: 2, stacks: 1, residualChannels: 4, dilationChannels: 4, skipChannels: 4 }
const labelled = () =>
  new models["wavenet-2016"]({ ...small, vocabularySize: V, contextLength: 6, labels: 2 }).initialize(
    new Generator(3),
  )

const counts = () => new NGram({ order: 2, vocabularySize: V }).fit([[1, 2, 3, 4, 4]])

/** By the name of the sampler: a model that keeps its state, one that reads everything again, windows, counts, a mixture. */
const samplers: Record<string, () => Promise<Sampler>> = {
  cached: () => openSampler(gru()),
  recomputing: async () => recomputingSampler(gru()),
  windows: () => openSampler(new models.flat({ ...config }).initialize(new Generator(3))),
  counting: async () => countingSampler(counts()),
  mixing: () => openMixtureSampler(new Mixture({ network: gru(), counts: counts(), weight: 0.5 })),
}

async function listed<T>(things: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const thing of things) list.push(thing)
  return list
}

const all = (sampler: Sampler, options: SampleOptions): Promise<number[][]> =>
  listed(sampler.sample(options)).finally(sampler.release)

const notNumbers = [Number.NaN, Infinity, -Infinity, "2", null, [1], {}, true]

/** Values that each option refuses; an option that is added must be listed here. */
const wrong: Record<keyof SampleOptions | "topk", readonly unknown[]> = {
  count: [...notNumbers, undefined, -1, 1.5],
  temperature: [...notNumbers, -1, -1e-9],
  topK: [...notNumbers, 0, -1, 2.5],
  topP: [...notNumbers, 0, -0.5, 1.01],
  maximumLength: [...notNumbers, 0, 1.5],
  prompt: ["ab", 3, null, {}, [0], [V], [-1], [1.5], ["1"], [Number.NaN], [1, 1, 1, 1, 1, 1, 1]],
  generator: [5, "seed", null, {}],
  never: ["ab", 3, null, {}, [V], [-1], [1.5], ["1"], [Number.NaN]],
  label: [0, "a"],
  topk: [1],
}

describe.each(Object.entries(samplers))("the %s sampler", (_, open) => {
  const cases = Object.entries(wrong).flatMap(([name, values]) => values.map((value) => ({ name, value })))
  test.each(cases)("refuses $name $value", async ({ name, value }) => {
    const options = { count: 1, maximumLength: 5, ...{ [name]: value } }
    const error = await all(await open(), options).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UserError)
    expect((error as Error).message).toContain(name)
    expect((error as Error).message).toMatch(/give|leave it out|it has .*topK|make it shorter/)
  })

  test("without a generator draws from the default one, as PyTorch does", async () => {
    manualSeed(8)
    const byDefault = await all(await open(), { count: 4 })
    expect(byDefault).toEqual(await all(await open(), { count: 4, generator: new Generator(8) }))
  })

  test("never draws what it is told never to draw, and the rest as often as before beside one another", async () => {
    const counted = async (options: Partial<SampleOptions>) => {
      const drawn = await all(await open(), {
        count: 400,
        maximumLength: 1,
        generator: new Generator(5),
        ...options,
      })
      return Array.from({ length: V }, (_, id) => drawn.filter(([first = 0]) => first === id).length)
    }
    const before = await counted({})
    const after = await counted({ never: [1, 3] })
    const rest = before.reduce((sum, count) => sum + count) - before[1] - before[3]
    for (const [id, count] of after.entries()) {
      if (id === 1 || id === 3) expect([before[id] > 0, count]).toEqual([true, 0])
      else expect(Math.abs(count - (400 * before[id]) / rest)).toBeLessThan(60) // 3 standard errors of a difference
    }
    for (const choice of [{ temperature: 0 }, { topK: 1 }, { topP: 0.1 }, { temperature: 2, topK: 3 }]) {
      const [likeliest] = await counted({ ...choice, count: 1 }).then((all) => [all.indexOf(1)])
      expect((await counted({ ...choice, never: [likeliest] }))[likeliest]).toBe(0)
    }
  })

  test("at temperature 0 makes the likeliest thing, whatever the seed, and uses as many random numbers as otherwise", async () => {
    const greedy = async (seed: number, temperature: number) => {
      const generator = new Generator(seed)
      const things = await all(await open(), { count: 2, generator, temperature, maximumLength: 5 })
      return { things, after: generator.nextUniform() }
    }
    const { things, after } = await greedy(1, 0)
    expect(things[0]).toEqual(things[1])
    expect(things[0].length).toBeGreaterThan(0)
    expect(await greedy(1, 1e-6)).toEqual({ things, after })
    for (const temperature of [0, 1e-40, 1e-300])
      expect((await greedy(2, temperature)).things).toEqual(things)
  })
})

test("the samplers of one model agree at every end of the choice", async () => {
  for (const choice of [
    { temperature: 0 },
    { temperature: 1e-40 },
    { topP: 1e-300 },
    { topK: 2, topP: 0.4 },
    { never: [1, 2] },
    { never: [1], topK: 2 },
  ]) {
    const options = () => ({ count: 5, generator: new Generator(4), maximumLength: 5, ...choice })
    expect(await all(await samplers.cached(), options())).toEqual(
      await all(await samplers.recomputing(), options()),
    )
  }
})

test.each([0, -1, 1.5, Number.NaN, "2", null, 1e12])(
  "openSampler and openStream refuse batchSize %j",
  async (batchSize) => {
    const given = { batchSize: batchSize as number }
    await expect(openSampler(gru(), given)).rejects.toThrow(/^batchSize .*: give a whole number from 1 to/)
    expect(() => openStream(gru(), given)).toThrow(/^batchSize .*: give a whole number from 1 to/)
  },
)

test.each([2, -1, 0.5, Number.NaN, "a", [0, 1], undefined])(
  "a model of two labels refuses the label %j",
  async (label) => {
    const sampler = await openSampler(labelled())
    await expect(all(sampler, { count: 1, label: label as number })).rejects.toThrow(
      /label.*give .*a whole number from 0 to 1/,
    )
    const labels = { name: "sex", values: ["f", "m"], counts: [1, 1] }
    if (label !== undefined)
      await expect(
        listed(sampleByLabel(sampler, { labels, label: label as number, count: 1 })),
      ).rejects.toThrow(/label.*give .*a whole number from 0 to 1/)
    expect(() => openStream(labelled(), { labels: [label as number] })).toThrow(/a whole number from 0 to 1/)
  },
)

test("a model whose numbers are not finite is neither sampled from nor exported", async () => {
  const model = gru()
  const [[name, parameter]] = model.namedParameters()
  parameter.data[3] = Number.NaN
  const sentence = (method: string) => `${method}: '${name}' of the model is NaN at 3: load intact numbers`
  await expect(openSampler(model)).rejects.toThrow(sentence("openSampler"))
  expect(() => openStream(model)).toThrow(sentence("openStream"))
  expect(() => toOnnx(model)).toThrow(sentence("toOnnx"))
  expect(() => toJavaScript(model, { symbols: [".", "a", "b", "c", "d"] })).toThrow(sentence("toJavaScript"))
})

test("unknown options and impossible values of the runtime are refused", async () => {
  for (const [runtime, sentence] of [
    [{ threads: -1 }, /^runtime: threads = -1: give a whole number from 1 to 1,024$/],
    [{ provider: "gpu" }, /^runtime: provider = "gpu": give cpu, wasm, webgpu or cuda$/],
    [{ thread: 2 }, /^runtime: there is no option thread: it has provider, threads, memory, notice$/],
    [3, /^runtime: 3 in place of options/],
  ] as const)
    await expect(openStream(gru(), { runtime: runtime as never }).draw(1)).rejects.toThrow(sentence)
})

test("unknown options, and things that are not models, are refused by every function", async () => {
  const symbols = [".", "a", "b", "c", "d"]
  const none = { batches: 3 } as never
  await expect(openSampler(gru(), none)).rejects.toThrow(
    "openSampler: there is no option batches: it has batchSize",
  )
  expect(() => openStream(gru(), none)).toThrow("openStream: there is no option batches: it has temperature")
  expect(() => toOnnx(gru(), none)).toThrow("toOnnx: there is no option batches: it has metadata")
  expect(() => toJavaScript(gru(), { symbols, ...(none as object) })).toThrow(
    "toJavaScript: there is no option batches",
  )
  for (const options of [null, 5, "a"]) {
    await expect(openSampler(gru(), options as never)).rejects.toThrow(/in place of options: give an object/)
    expect(() => openStream(gru(), options as never)).toThrow(/in place of options: give an object/)
    expect(() => toOnnx(gru(), options as never)).toThrow(/in place of options: give an object/)
    expect(() => toJavaScript(gru(), options as never)).toThrow(/in place of options: give an object/)
    await expect(all(await samplers.cached(), options as never)).rejects.toThrow(
      /in place of options: give an object/,
    )
  }
  for (const model of [undefined, null, 5, {}] as never[]) {
    await expect(openSampler(model)).rejects.toThrow(/^openSampler: .* in place of a model: give one/)
    expect(() => openStream(model)).toThrow(/^openStream: .* in place of a model: give one/)
    expect(() => toOnnx(model)).toThrow(/^toOnnx: .* in place of a model: give one/)
    expect(() => toJavaScript(model, { symbols })).toThrow(/^toJavaScript: .* in place of a model: give one/)
  }
})

describe("a stream", () => {
  test.each(Object.entries(wrong).filter(([name]) => /^t|generator/.test(name)))(
    "refuses each %s of %j",
    (name, values) => {
      for (const value of values) expect(() => openStream(gru(), { [name]: value })).toThrow(UserError)
    },
  )

  test("refuses symbols that the model does not have, and counts that are not whole numbers", async () => {
    const stream = openStream(gru())
    for (const row of [[V], [-1], [0.5], ["1"], "1"])
      await expect(stream.read([row as number[]])).rejects.toThrow(/^read.*: give ids from 0 to 4/)
    await expect(stream.read(undefined as never)).rejects.toThrow(/give a list of 1/)
    for (const count of notNumbers) await expect(stream.draw(count as number)).rejects.toThrow(/^draw: count/)
    await stream.release()
  })

  test("at temperature 0 draws the likeliest symbols, from the default generator", async () => {
    const drawn = async (temperature: number) => {
      const stream = openStream(gru(), { temperature })
      const [row] = await stream.draw(40)
      await stream.release()
      return Array.from(row)
    }
    expect(await drawn(0)).toEqual(await drawn(1e-6))
  })

  test("draws in turn, also for calls that do not wait for each other", async () => {
    const drawn = async (draw: (stream: Stream) => Promise<Int32Array[][]>) => {
      const stream = openStream(gru(), { generator: new Generator(2) })
      const rows = await draw(stream)
      await stream.release()
      return rows.map(([row]) => [...row])
    }
    expect(await drawn((stream) => Promise.all([stream.draw(5), stream.draw(7)]))).toEqual(
      await drawn(async (stream) => [await stream.draw(5), await stream.draw(7)]),
    )
  })

  test("refuses a series that is not finite", () => {
    const model = new models["wavenet-2016"]({
      ...small,
      vocabularySize: V,
      contextLength: 6,
      seriesWidth: 1,
    })
    expect(() => openStream(model, { series: [[0, Number.NaN]] })).toThrow(
      "series 0: NaN at index 1: give finite numbers",
    )
  })
})

test.each([
  [{ seconds: 0 }, "seconds 0: give a number above 0"],
  [{ seconds: 1e6 }, "seconds 1000000: give a number above 0 and at most 3,600"],
  [{ seconds: "2" }, 'seconds "2": give a number'],
  [{ sampleRate: 0 }, "sampleRate 0: give a whole number"],
  [{ temperature: -1 }, "temperature -1: give a number of at least 0"],
  [{ temprature: 1 }, "makeSounds: there is no option temprature: it has temperature"],
])("makeSounds refuses %j", async (option, sentence) => {
  const model = labelled()
  await expect(
    makeSounds(model, { seconds: 0.01, sampleRate: 100, labels: [0], ...option } as never),
  ).rejects.toThrow(sentence)
})

test("probabilities of what is no logits, or with a wrong choice, is a sentence", () => {
  for (const logits of [undefined, null, 5, "ab", {}, [], new Float32Array(), [Number.NaN], [-Infinity]])
    expect(() => probabilities(logits as never)).toThrow(/^logits .*: give a number for each symbol$/)
  const logits = Float32Array.of(0, -Infinity, 0)
  expect(() => probabilities(logits, { temperature: -1 })).toThrow(/^temperature -1: give/)
  expect(() => probabilities(logits, { topk: 1 } as never)).toThrow(/no option topk/)
  expect(Array.from(probabilities(logits))).toEqual([0.5, 0, 0.5])
})
