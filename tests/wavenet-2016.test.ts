/**
 * The paper's WaveNet: its convolutions with dilations 1 to 512, its gated layers and whole networks under every condition equal
 * PyTorch's, forward and backward (tests/fixtures/make_wavenet.py); no output knows what comes after it.
 */
import { readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { DilatedStack, type DilatedStackOptions } from "../src/models/dilated-stack.ts"
import { type Conditions, WaveNet2016, type WaveNet2016Config } from "../src/models/index.ts"
import { CausalConv1d, type Module, trace } from "../src/nn/index.ts"
import { Generator } from "../src/random/index.ts"
import { compile } from "../src/runtime/compile.ts"
import { crossEntropy } from "../src/tensor/functional.ts"
import { gradients } from "../src/tensor/gradients.ts"
import { interpret } from "../src/tensor/interpreter.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { waveNetSettings } from "./wavenet-settings.ts"

interface Numbers {
  readonly shape: number[]
  readonly data: number[]
}

interface Case {
  /** The positions whose outputs are written down. */
  readonly shown: number[]
  readonly weights: Record<string, Numbers>
  readonly gradients: Record<string, number[]>
}

interface Fixtures {
  readonly layers: (Case & {
    readonly arguments: [number, number, number, { dilation: number }]
    readonly T: number
    readonly output: number[]
    /** By position, where it is not zero. */
    readonly inputGradient: Record<string, number[]>
  })[]
  readonly stacks: (Case & {
    readonly options: DilatedStackOptions
    readonly x: number[]
    readonly condition: number[] | null
    readonly output: number[]
    readonly inputGradient: number[] | null
    readonly conditionGradient: number[] | null
  })[]
  readonly networks: (Case & {
    readonly config: WaveNet2016Config
    readonly shape: [number, number]
    readonly label: Numbers | null
    readonly series: number[] | null
    readonly targets: number[][]
    readonly logits: number[]
    readonly loss: number
  })[]
}

const fixtures: Fixtures = JSON.parse(readFileSync(new URL("fixtures/wavenet.json", import.meta.url), "utf8"))

/** The numbers that make_wavenet.py makes too. */
const pattern = (shape: readonly number[]): Tensor =>
  Tensor.constant(
    Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => ((i * 37) % 101) / 50 - 1),
    shape,
  )
const symbols = (B: number, T: number, V: number): number[] =>
  Array.from({ length: B * T }, (_, i) => (i * i + 3 * i) % V)

const at = (y: Tensor, positions: readonly number[]): Tensor =>
  Tensor.concat(
    positions.map((t) => y.slice(1, t, t + 1)),
    1,
  )

/** Names and shapes of the weights are ours, in our order. */
function expectNames(model: Module, weights: Case["weights"]): void {
  const named = model.namedParameters()
  expect(named.map(([name, { shape }]) => [name, shape])).toEqual(
    Object.entries(weights).map(([name, { shape }]) => [name, shape]),
  )
}

/** Interpreted in double precision, as PyTorch had it, and compiled in single. */
async function expectNumbers(
  model: Module,
  weights: Case["weights"],
  wanted: readonly [what: string, Tensor, readonly number[]][],
): Promise<void> {
  const named = model.namedParameters()
  const tensors = wanted.map(([, tensor]) => tensor)
  const exact = interpret(tensors, new Map(named.map(([name, leaf]) => [leaf, weights[name].data])))
  const compiled = await compile(
    Object.fromEntries(named),
    Object.fromEntries(wanted.map(([what, tensor]) => [what, tensor])),
  )
  const single = await compiled.run(
    Object.fromEntries(named.map(([name]) => [name, Float32Array.from(weights[name].data)])),
  )
  await compiled.release()
  for (const [k, [what, , want]] of wanted.entries()) {
    const scale = want.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1e-3)
    for (const [got, within] of [
      [exact[k], 1e-6],
      [single[what], 1e-5],
    ] as const) {
      expect(got.length, what).toBe(want.length)
      const worst = want.reduce((most, x, i) => Math.max(most, Math.abs(Number(got[i]) - x)), 0)
      expect(worst / scale, what).toBeLessThan(within)
    }
  }
}

const ofWeights = (loss: Tensor, model: Module, { gradients: wanted }: Case) => {
  const named = model.namedParameters()
  return gradients(
    loss,
    named.map(([, leaf]) => leaf),
  ).map((g, k): [string, Tensor, number[]] => [`gradient of ${named[k][0]}`, g, wanted[named[k][0]]])
}

describe("as in PyTorch", () => {
  test.each(fixtures.layers)("a causal convolution $arguments", async (fixture) => {
    const { arguments: given, T, shown, weights, output, inputGradient } = fixture
    const layer = new CausalConv1d(...given)
    expectNames(layer, weights)
    const x = pattern([1, T, given[0]])
    const y = at(layer.forward(x), shown)
    const loss = y.mul(pattern(y.shape)).sum()
    const zeros = new Array(given[0]).fill(0)
    await expectNumbers(layer, weights, [
      ["output", y, output],
      [
        "gradient of x",
        gradients(loss, [x])[0],
        Array.from({ length: T }, (_, t) => inputGradient[t] ?? zeros).flat(),
      ],
      ...ofWeights(loss, layer, fixture),
    ])
  })

  test.each(fixtures.stacks)("gated layers $options", async (fixture) => {
    const { options, shown, weights, output, inputGradient, conditionGradient } = fixture
    const stack = new DilatedStack(options)
    expectNames(stack, weights)
    const x = pattern(fixture.x)
    const condition = fixture.condition ? pattern(fixture.condition) : undefined
    const y = at(
      stack.forward(x.transpose(0, 1), { condition: condition?.transpose(0, 1) }).transpose(0, 1),
      shown,
    )
    const loss = y.mul(pattern(y.shape)).sum()
    const wanted: [string, Tensor, readonly number[]][] = [
      ["output", y, output],
      ...ofWeights(loss, stack, fixture),
    ]
    if (inputGradient) wanted.push(["gradient of x", gradients(loss, [x])[0], inputGradient])
    if (condition && conditionGradient)
      wanted.push(["gradient of the condition", gradients(loss, [condition])[0], conditionGradient])
    await expectNumbers(stack, weights, wanted)
  })

  test.each(fixtures.networks)("a network $config", async (fixture) => {
    const { config, shape, label, series, shown, targets, weights, logits, loss: wantedLoss } = fixture
    const model = new WaveNet2016(config)
    expectNames(model, weights)
    const conditions: Conditions = {
      label: label
        ? Tensor.constant(label.data, label.shape, config.labels ? "int32" : "float32")
        : undefined,
      series: series ? pattern(series) : undefined,
    }
    const [B, T] = shape
    const y = at(
      model.forward(Tensor.constant(symbols(B, T, config.vocabularySize), shape, "int32"), conditions),
      shown,
    )
    const loss = crossEntropy(y, Tensor.constant(targets.flat(), [B, shown.length], "int32"), {
      ignoreIndex: -1,
    })
    await expectNumbers(model, weights, [
      ["logits", y, logits],
      ["loss", loss, [wantedLoss]],
      ...ofWeights(loss, model, fixture),
    ])
  })
})

test("the outputs of its layers are on the way to the logits", () => {
  const model = new WaveNet2016({
    vocabularySize: 5,
    layers: 2,
    stacks: 1,
    residualChannels: 3,
    dilationChannels: 4,
  })
  model.initialize(new Generator(1))
  const ids = Tensor.constant(symbols(2, 16, 5), [2, 16], "int32")
  const { result, outputs } = trace(model, "training", () => model.forward(ids))
  expect(result.values()).toEqual(model.forward(ids).values())
  const [first] = model.stack.layers
  for (const [module, channels] of [
    [first, 4],
    [first.convolution, 8],
    [first.residual!, 3],
  ] as const) {
    const [y] = outputs.get(module)!
    expect(y.shape).toEqual([16, 2, channels])
    expect(
      gradients(result.sum(), [y])[0]
        .values()
        .some((g) => g !== 0),
    ).toBe(true)
  }
})

test.each(["relu", "tanh"] as const)(
  "a plain stack with %s is one convolution after another",
  (activation) => {
    const [T, C, S] = [9, 3, 2]
    const dilations = [1, 2, 4]
    const channels = { residualChannels: C, dilationChannels: C, skipChannels: S }
    const stack = new DilatedStack({ dilations, kernelSize: 2, ...channels, activation, plain: true })
    const random = new Generator(3)
    for (const parameter of stack.parameters()) parameter.data = random.randn(parameter.size)
    const squash = activation === "relu" ? (x: number) => Math.max(0, x) : Math.tanh
    const product = (row: readonly number[], weight: ArrayLike<number>, outputs: number, from = 0) =>
      Array.from({ length: outputs }, (_, o) =>
        row.reduce((sum, x, i) => sum + x * weight[from + i * outputs + o], 0),
      )
    const x = Tensor.constant(random.randn(T * C), [T, 1, C])
    let rows = Array.from({ length: T }, (_, t) => [...x.values().slice(t * C, (t + 1) * C)])
    for (const [k, dilation] of dilations.entries()) {
      const { weight, bias } = stack.layers[k].convolution
      rows = rows.map((now, t) => {
        const before = product(rows[t - dilation] ?? Array<number>(C).fill(0), weight.data, C)
        return product(now, weight.data, C, C * C).map((y, o) => squash(y + before[o] + bias!.data[o]))
      })
    }
    const wanted = rows.flatMap((row) =>
      product(row, stack.skip.weight.data, S).map((y, o) => y + stack.skip.bias!.data[o]),
    )
    for (const [k, y] of [...stack.forward(x).values()].entries()) expect(y).toBeCloseTo(wanted[k], 4)
    expect(stack.namedParameters().some(([name]) => name.includes("residual"))).toBe(false)
  },
)

test("a plain stack whose channels do not fit is refused", () => {
  const settings = { vocabularySize: 5, plain: true, residualChannels: 4, dilationChannels: 3 }
  expect(() => new WaveNet2016(settings)).toThrow(
    /plain stack passes 3 dilation channels on as its 4 residual/,
  )
})

// ── who depends on whom ──

const networks = waveNetSettings({ T: 14 }).map(({ T, seed, labels, ...settings }) => {
  const model = new WaveNet2016({
    ...{ vocabularySize: V, contextLength: 128, residualChannels: 3, dilationChannels: 2, skipChannels: 3 },
    ...{ contextChannels: 2, labels: settings.labelWidth ? labels : 0, ...settings },
  })
  const random = new Generator(seed)
  // Above zero, so that no ReLU shuts and no two ways cancel: what is seen then makes a difference.
  for (const parameter of model.parameters()) parameter.data = random.uniform(parameter.size, 0.05, 0.3)
  return { model, T, random }
})
const V = 5

/** Inputs of two rows that differ in nothing. */
function twins(
  { config: { labels = 0, labelWidth = 0, seriesWidth = 0, seriesStride = 1 } }: WaveNet2016,
  T: number,
  random: Generator,
) {
  const twice = <Numbers extends Float32Array | Int32Array>(row: Numbers): number[] => [...row, ...row]
  const steps = Math.ceil(T / seriesStride)
  return {
    ids: twice(random.randint(0, V, T)),
    label: twice(labels > 0 ? random.randint(0, labels, 1) : random.rand(labelWidth)),
    series: twice(random.rand(steps * seriesWidth)),
  }
}

/** The positions at which the logits of the two rows differ. */
function differences(
  model: WaveNet2016,
  T: number,
  { ids, label, series }: ReturnType<typeof twins>,
): number[] {
  const { labels = 0, labelWidth = 0, seriesWidth = 0 } = model.config
  const numbers = trace(model, "evaluation", () =>
    model.forward(Tensor.constant(ids, [2, T], "int32"), {
      label:
        labels > 0
          ? Tensor.constant(label, [2], "int32")
          : labelWidth > 0
            ? Tensor.constant(label, [2, labelWidth])
            : undefined,
      series:
        seriesWidth > 0
          ? Tensor.constant(series, [2, series.length / 2 / seriesWidth, seriesWidth])
          : undefined,
    }),
  ).result.values()
  const [one, other] = [numbers.subarray(0, T * V), numbers.subarray(T * V)]
  return Array.from({ length: T }, (_, t) => t).filter((t) =>
    one.subarray(t * V, (t + 1) * V).some((x, v) => x !== other[t * V + v]),
  )
}

describe("what an output depends on", () => {
  test("symbols up to its own, as far back as the receptive field, and none after it", () => {
    fc.assert(
      fc.property(
        networks,
        fc.nat(),
        fc.integer({ min: 1, max: V - 1 }),
        ({ model, T, random }, where, by) => {
          const inputs = twins(model, T, random)
          const t = where % T
          inputs.ids[T + t] = (inputs.ids[t] + by) % V
          const changed = differences(model, T, inputs)
          const last = Math.min(T, t + model.receptiveField) - 1
          expect(changed[0]).toBe(t)
          if (model.config.contextLayers === 0) expect(changed.at(-1)).toBe(last)
          else expect(changed.at(-1)).toBeLessThanOrEqual(last)
        },
      ),
      { numRuns: 200 },
    )
  })

  test("a context stack's whole receptive field, from the worst position on", () => {
    fc.assert(
      fc.property(networks, ({ model, random }) => {
        // What comes through every layer is multiplied by each one's slope; after many, no double tells it from nothing. In a plain stack
        // there is no way past a layer. Of two channels a normalization may leave only which one is larger.
        const { layers, stacks, plain, norm, residualChannels, contextChannels = 0 } = model.config
        fc.pre(model.context !== undefined && !plain && layers * stacks <= 2)
        fc.pre(norm === "none" || Math.min(residualChannels, contextChannels) > 2)
        const T = model.receptiveField + 8
        // A symbol is seen the longer the earlier it stands in a step.
        const seen = Array.from({ length: 4 }, (_, t) => {
          const inputs = twins(model, T, random)
          inputs.ids[T + t] = (inputs.ids[t] + 1) % V
          return differences(model, T, inputs).at(-1)! - t + 1
        })
        expect(Math.max(...seen)).toBe(model.receptiveField)
      }),
      { numRuns: 20 },
    )
  })

  test("the label at every position", () => {
    fc.assert(
      fc.property(networks, ({ model, T, random }) => {
        fc.pre((model.config.labelWidth ?? 0) > 0)
        const inputs = twins(model, T, random)
        const half = inputs.label.length / 2
        inputs.label[half] = model.config.labels
          ? (inputs.label[0] + 1) % model.config.labels
          : inputs.label[0] + 1
        expect(differences(model, T, inputs)).toEqual(Array.from({ length: T }, (_, t) => t))
      }),
      { numRuns: 50 },
    )
  })

  test("a step of the series from the step's first symbol on", () => {
    fc.assert(
      fc.property(networks, fc.nat(), ({ model, T, random }, where) => {
        const { seriesWidth = 0, seriesStride = 1 } = model.config
        fc.pre(seriesWidth > 0)
        const inputs = twins(model, T, random)
        const steps = Math.ceil(T / seriesStride)
        const step = where % steps
        inputs.series[(steps + step) * seriesWidth] += 1
        expect(differences(model, T, inputs)[0]).toBe(step * seriesStride)
      }),
      { numRuns: 50 },
    )
  })
})

describe("a condition", () => {
  const ids = Tensor.constant([0, 1, 2, 3], [2, 2], "int32")
  const make = (settings: Partial<WaveNet2016Config>) => new WaveNet2016({ vocabularySize: V, ...settings })

  test("that the model was made for must be given", () => {
    expect(() => make({ labels: 2 }).forward(ids)).toThrow(
      "wavenet-2016: the model is conditioned on a label: give forward { label }, int32 (2)",
    )
    expect(() => make({ seriesWidth: 3, seriesStride: 2 }).forward(ids)).toThrow(
      "wavenet-2016: the model is conditioned on a series: give forward { series }, float32 (2, 1, 3)",
    )
  })

  test("that it was not made for must not", () => {
    expect(() => make({}).forward(ids, { label: Tensor.constant([0, 1], [2], "int32") })).toThrow(
      "wavenet-2016: the model is not conditioned on a label: leave it out, or make the model with labelWidth",
    )
  })

  test("of another shape or kind is refused", () => {
    expect(() => make({ labels: 2 }).forward(ids, { label: Tensor.constant([0, 1]) })).toThrow(
      "wavenet-2016: the label is float32 (2): give int32 (2)",
    )
    expect(() => make({ labels: 2, labelWidth: 0 })).toThrow(
      "WaveNet2016: labelWidth = 0: give a whole number from 1",
    )
  })
})
