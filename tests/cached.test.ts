/**
 * One position at a time: `forward` gives the logits that it gives over whole sequences, for every model of sequences and under every
 * condition, also where sequences of a batch begin anew at places of their own.
 */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { STOP } from "../src/data/index.ts"
import {
  type Conditions,
  type ForwardOptions,
  Model,
  models,
  TreeAsConvolution,
  WaveNet,
  WaveNet2016,
  type WaveNet2016Config,
} from "../src/models/index.ts"
import * as nn from "../src/nn/index.ts"
import { tracePosition } from "../src/nn/stepwise.ts"
import { Generator } from "../src/random/index.ts"
import { compile, compileLoop } from "../src/runtime/compile.ts"
import {
  openSampler,
  openStream,
  probabilities,
  type SampleOptions,
  type Sampler,
} from "../src/sampling/index.ts"
import { recomputingSampler } from "../src/sampling/recomputing-sampler.ts"
import { interpret } from "../src/tensor/interpreter.ts"
import { sizeOf } from "../src/tensor/shape.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { variants } from "./variants.ts"
import { waveNetSettings } from "./wavenet-settings.ts"

const V = 5

/** Nothing that could depend on something starts at zero. */
function withNumbers(model: Model, random: Generator): Model {
  for (const parameter of model.parameters())
    parameter.data = random.randn(parameter.size).map((x) => x * 0.5)
  return model
}

/**
 * Goes through the positions one at a time; rows whose turn it is begin anew. Numbers that are kept are far off before the first position:
 * nothing of them must be seen. Logits by position, each (B, V).
 */
function stepThrough(
  model: Model,
  ids: readonly (readonly number[])[],
  begins: (row: number, t: number) => boolean,
  conditionsAt: (ages: readonly number[], t: number) => Conditions,
): Float64Array[] {
  const int32 = (numbers: readonly number[]) => Tensor.constant(numbers, [numbers.length], "int32")
  let state: ArrayLike<number>[] | undefined
  let ages = ids.map(() => -1)
  return ids[0].map((_, t) => {
    ages = ages.map((age, row) => (begins(row, t) ? 0 : age + 1))
    const { logits, kept } = tracePosition({ age: int32(ages), contextLength: model.contextLength }, (past) =>
      model.forward(int32(ids.map((row) => row[t])).unsqueeze(1), { ...conditionsAt(ages, t), past }),
    )
    for (const { now, next } of kept) expect([next.shape, next.dtype]).toEqual([now.shape, now.dtype])
    const feeds = new Map(
      kept.map(({ now }, k) => [
        now,
        state?.[k] ?? new Float64Array(now.size).fill(now.dtype === "float32" ? 100 : 0),
      ]),
    )
    const [numbers, ...after] = interpret([logits, ...kept.map(({ next }) => next)], feeds)
    state = after
    return numbers
  })
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0)

const networks = waveNetSettings({ T: 12 }).map(({ T, seed, labels, labelWidth, ...settings }) => {
  const random = new Generator(seed)
  const model = new WaveNet2016({
    vocabularySize: V,
    residualChannels: 3,
    dilationChannels: 2,
    skipChannels: 4,
    contextChannels: 2,
    ...settings,
    labels,
    labelWidth: labels > 0 ? 2 : labelWidth,
  })
  return { T, random, model: withNumbers(model, random) }
})

describe("wavenet-2016", () => {
  test("has the logits of whole sequences, under every condition, for sequences that begin where they like", () => {
    fc.assert(
      fc.property(networks, fc.nat(11), ({ model, T, random }, later) => {
        const B = 2
        // The second row begins anew in the middle: from there on it is a sequence of its own.
        const start = later % T
        const ids = Array.from({ length: B }, () => Array.from(random.randint(0, V, T)))
        const rows = [ids[0], ids[1].slice(start)]
        const { label, series } = model.conditionKinds(1, T) as ReturnType<Model["conditionKinds"]>
        const { seriesStride = 1, seriesWidth = 0 } = (model as WaveNet2016).config
        const labels = rows.map(() =>
          label?.dtype === "int32" ? random.randint(0, 3, 1) : random.randn(label ? sizeOf(label.shape) : 0),
        )
        const slow = rows.map(() => random.randn(series ? sizeOf(series.shape) : 0))
        const labelOf = (which: readonly number[]) =>
          label &&
          Tensor.constant(
            which.flatMap((row) => Array.from(labels[row])),
            [which.length, ...label.shape.slice(1)],
            label.dtype,
          )

        const stepped = stepThrough(
          model,
          ids,
          (row, t) => t === 0 || (row === 1 && t === start),
          (ages) => ({
            label: labelOf([0, 1]),
            series:
              series &&
              Tensor.constant(
                ages.flatMap((age, row) => {
                  const at = Math.floor(age / seriesStride) * seriesWidth
                  return Array.from(slow[row].slice(at, at + seriesWidth))
                }),
                [B, 1, seriesWidth],
              ),
          }),
        )
        for (const [row, symbols] of rows.entries()) {
          const length = symbols.length
          const steps = Math.ceil(length / seriesStride)
          const whole = model
            .forward(Tensor.constant(symbols, [1, length], "int32"), {
              label: labelOf([row]),
              series:
                series && Tensor.constant(slow[row].slice(0, steps * seriesWidth), [1, steps, seriesWidth]),
            })
            .values()
          for (let t = 0; t < length; t++) {
            const got = stepped[t + T - length].subarray(row * V, (row + 1) * V)
            expect(largestDifference(got, whole.subarray(t * V, (t + 1) * V))).toBeLessThan(1e-10)
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})

test("a deep network compiled, 300 positions in a loop: the logits of forward compiled, as float32 has them", async () => {
  const [B, T, V] = [2, 300, 16]
  const model = new WaveNet2016({
    ...{ vocabularySize: V, layers: 7, stacks: 2, kernelSize: 3 },
    ...{ residualChannels: 8, dilationChannels: 8, skipChannels: 16, contextLayers: 2 },
  }).initialize(new Generator(7))
  const symbols = new Generator(8).randint(0, V, B * T)
  const leaves = Object.fromEntries(model.namedParameters())
  const numbers = Object.fromEntries(model.namedParameters().map(([name, { data }]) => [name, data]))

  const ids = Tensor.input("ids", [B, T], "int32")
  const whole = await compile({ ids, ...leaves }, { logits: model.forward(ids) })
  const { logits } = await whole.run({ ids: symbols, ...numbers })
  await whole.release()

  const column = Tensor.input("column", [B], "int32")
  const age = Tensor.input("age", [B], "int32")
  const step = tracePosition({ age, contextLength: model.contextLength }, (past) =>
    model.forward(column.unsqueeze(1), { past }),
  )
  const loop = await compileLoop({
    whole: leaves,
    perStep: { column, age },
    carried: Object.fromEntries(step.kept.map((each, k) => [`kept ${k}`, each])),
    outputs: { logits: step.logits },
  })
  const running = loop.start(
    Object.fromEntries(step.kept.map(({ now }, k) => [`kept ${k}`, new Float32Array(now.size)])),
    numbers,
  )
  const { logits: stepped } = await running.advance(T, {
    column: Array.from({ length: T * B }, (_, k) => symbols[(k % B) * T + Math.floor(k / B)]),
    age: Array.from({ length: T * B }, (_, k) => Math.floor(k / B)),
  })
  await loop.release()
  for (let row = 0; row < B; row++)
    for (let t = 0; t < T; t++) {
      const got = stepped.subarray((t * B + row) * V, (t * B + row + 1) * V)
      const want = logits.subarray((row * T + t) * V, (row * T + t + 1) * V)
      expect(largestDifference(got, want), `row ${row}, position ${t}`).toBeLessThan(1e-5)
    }
})

const others = (Object.keys(models) as (keyof typeof models)[]).filter(
  (name) => name !== "wavenet-2016" && new models[name]({ vocabularySize: 1 }).reads === "sequences",
)

/** A model of layers that read earlier positions, as somebody may write it. */
class OwnModel extends Model {
  readonly reads = "sequences"
  override readonly steps = "context"
  readonly config = { vocabularySize: V, contextLength: 5 }
  readonly embedding = new nn.Embedding(V, 4)
  readonly grouped = new nn.CausalConv1d(4, 6, 2, { dilation: 2, groups: 2 })
  readonly wide = new nn.CausalConv1d(6, 4, 3)
  readonly lstm = new nn.LSTM(4, 4, { numLayers: 2 })
  readonly attention = new nn.CausalSelfAttention(4, 2)
  readonly gru = new nn.GRU(4, V)

  forward(ids: Tensor, { past = nn.whole }: ForwardOptions = {}): Tensor {
    let x = this.grouped.forward(this.embedding.forward(ids), { past }).tanh()
    x = this.lstm.forward(this.wide.forward(x, { past }), [], past)
    return this.gru.forward(this.attention.forward(x, past), [], past)
  }
}

const T = 5
const settings = { vocabularySize: V, contextLength: T, embedding: 4, hidden: 6, layers: 2, heads: 2 }

describe.each<[string, () => Model]>([
  ...others.map((name): [string, () => Model] => [name, () => new models[name](settings)]),
  ["a tree as a convolution", () => new TreeAsConvolution(new WaveNet({ ...settings, contextLength: 4 }))],
  ["a model of one's own", () => new OwnModel()],
])("%s", (_, make) => {
  test("has the logits of whole sequences, for sequences that begin where they like", () => {
    const random = new Generator(1)
    const model = withNumbers(make(), random)
    expect(model.steps).toBeDefined()
    const ids = Array.from({ length: 3 }, () => Array.from(random.randint(0, V, T)))
    const start = (row: number) => 2 * row
    const stepped = stepThrough(
      model,
      ids,
      (row, t) => t === 0 || t === start(row),
      () => ({}),
    )
    for (const [row, symbols] of ids.entries()) {
      const rest = symbols.slice(start(row))
      const logits = model.forward(Tensor.constant(rest, [1, rest.length], "int32")).values()
      for (let t = 0; t < rest.length; t++) {
        const got = stepped[t + start(row)].subarray(row * V, (row + 1) * V)
        expect(largestDifference(got, logits.subarray(t * V, (t + 1) * V))).toBeLessThan(1e-10)
      }
    }
  })
})

const sampled = Object.entries(variants).filter(
  ([, Class]) => new Class({ vocabularySize: 1 }).reads === "sequences",
)

describe.each(sampled)("samples of %s", (name, Class) => {
  const random = new Generator(2)
  const settings = { vocabularySize: 7, contextLength: 9, embedding: 4, hidden: 6, layers: 2, heads: 2 }
  const isWaveNet = name.startsWith("wavenet-2016")
  const channels = { residualChannels: 4, dilationChannels: 4, skipChannels: 6 }
  const model = withNumbers(new Class({ ...settings, ...(isWaveNet && { ...channels, labels: 2 }) }), random)
  const label = isWaveNet ? 1 : undefined

  const drawn = async (sampler: Sampler, options: Partial<SampleOptions>) => {
    const generator = new Generator(3)
    const things: number[][] = []
    for await (const thing of sampler.sample({ count: 30, generator, label, ...options })) things.push(thing)
    return { things, next: generator.rand(3) }
  }

  test("are those of reading everything anew, and leave the stream of random numbers where it is then", async () => {
    const [cached, recomputing] = [await openSampler(model), recomputingSampler(model)]
    for (const options of [
      {},
      { prompt: [3, 1] },
      { temperature: 0.5, maximumLength: 4 },
      { topK: 3, prompt: [2] },
      { topP: 0.6 },
      { topK: 5, topP: 0.8, temperature: 1.5 },
      { maximumLength: 14, temperature: 2 }, // longer than the model was made for
    ] satisfies Partial<SampleOptions>[]) {
      const got = await drawn(cached, options)
      expect(got.things.length).toBe(30)
      expect(new Set(got.things.map(String)).size).toBeGreaterThan(2)
      expect(got, JSON.stringify(options)).toEqual(await drawn(recomputing, options))
    }
    await cached.release()
    await recomputing.release()
  })

  test("are in a batch as many as were asked for, with the prompt, and none too long", async () => {
    const sampler = await openSampler(model, { batchSize: 4 })
    const { things } = await drawn(sampler, { prompt: [3, 1], maximumLength: 5 })
    expect(things.length).toBe(30)
    for (const thing of things) {
      expect(thing.slice(0, 2)).toEqual([3, 1])
      expect(thing.length).toBeLessThanOrEqual(5)
      expect(thing).not.toContain(STOP)
    }
    const greedy = recomputingSampler(model)
    const [first] = (await drawn(greedy, { topK: 1 })).things
    for (const thing of (await drawn(sampler, { topK: 1 })).things) expect(thing).toEqual(first)
    await sampler.release()
    await greedy.release()
  })
})

describe("a stream", () => {
  const make = (settings: Partial<WaveNet2016Config>) =>
    withNumbers(
      new WaveNet2016({
        vocabularySize: 6,
        residualChannels: 4,
        dilationChannels: 4,
        skipChannels: 6,
        layers: 3,
        ...settings,
      }),
      new Generator(4),
    ) as WaveNet2016

  test.each([
    {},
    { labels: 3 },
    { seriesWidth: 2, seriesStride: 3 },
    { labels: 0, labelWidth: 2, contextLayers: 2, contextStride: 3, kernelSize: 3 },
  ] satisfies Partial<WaveNet2016Config>[])(
    "draws what reading everything anew would: %o",
    async (settings) => {
      const model = make(settings)
      const B = 2
      const T = 60 // well past a call, and past the receptive field
      const random = new Generator(5)
      const { label, series } = model.conditionKinds(B, T)
      const labels = !label
        ? []
        : label.dtype === "int32"
          ? [2, 0]
          : [
              [0.5, -1],
              [2, 0.1],
            ]
      const rows = series && [0, 1].map(() => random.randn(sizeOf(series.shape) / B))
      const prompt = [0, 1].map(() => random.randint(0, 6, 17))
      const stream = openStream(model, {
        batchSize: B,
        generator: new Generator(6),
        labels,
        series: rows,
        temperature: 0.8,
      })
      await stream.read(prompt)
      const drawn = [await stream.draw(3), await stream.draw(T - 20)]
      await stream.release()
      const all = [0, 1].map((row) => [...prompt[row], ...drawn.flatMap((part) => [...part[row]])])
      expect(all.map((row) => row.length)).toEqual([T, T])

      const conditions = {
        label: label && Tensor.constant(labels.flat(), label.shape, label.dtype),
        series:
          series &&
          Tensor.constant(
            rows!.flatMap((row) => [...row]),
            series.shape,
          ),
      }
      const logits = model.forward(Tensor.constant(all.flat(), [B, T], "int32"), conditions).values()
      // The noise of the slots as it is laid ready: 32 rows of each, and more as they are used up.
      const noise = new Generator(6)
      const rowsOf = [0, 1].map(() => noise.exponential(32 * 6))
      const used = [0, 1].map((row) => Array.from(rowsOf[row]))
      const refill = (count: number) => {
        for (const row of used) row.push(...noise.exponential(count * 6))
      }
      refill(3)
      refill(32)
      for (const [row, symbols] of all.entries())
        for (let t = 17; t < T; t++) {
          const p = probabilities(
            Float32Array.from(logits.subarray((row * T + t - 1) * 6, (row * T + t) * 6)),
            {
              temperature: 0.8,
            },
          )
          const scores = p.map((weight, v) => weight / used[row][(t - 17) * 6 + v])
          expect(symbols[t], `row ${row}, position ${t}`).toBe(scores.indexOf(Math.max(...scores)))
        }
    },
  )

  test("starts from a stop by default, as a row of text does", async () => {
    const model = make({})
    const first = async (prompt: number[]) => {
      const stream = openStream(model, { generator: new Generator(1) })
      if (prompt.length > 0) await stream.read([prompt])
      const drawn = await stream.draw(10)
      await stream.release()
      return drawn
    }
    expect(await first([])).toEqual(await first([STOP]))
    expect(await first([])).not.toEqual(await first([3]))
  })

  test("says what it cannot do", async () => {
    const generator = new Generator(1)
    expect(() => openStream(new models.transformer({ vocabularySize: 3 }), { generator })).toThrow(
      "openStream: a Transformer reads its 16 symbols again each time",
    )
    expect(() => openStream(make({ labels: 2 }), { generator })).toThrow("0 times a label: give one for each")
    expect(() => openStream(make({}), { generator, series: [[1]] })).toThrow(
      "the model is not conditioned on a series",
    )
    const stream = openStream(make({ seriesWidth: 1, seriesStride: 4 }), { generator, series: [[1, 2]] })
    await stream.draw(8)
    await expect(stream.draw(1)).rejects.toThrow("the series ends before position 9")
    await expect(stream.read([[1], [2]])).rejects.toThrow("2 times a row of symbols: give one for each of 1")
    await stream.release()
  })
})
