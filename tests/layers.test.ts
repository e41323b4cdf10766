/**
 * Every layer, function, optimizer, schedule and recipe equals PyTorch's. tests/fixtures/make.py wrote what PyTorch says, in our
 * names and shapes; a fixture names the layer, its arguments and its mode, and one loop runs them all.
 */
import { readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { told } from "../src/errors.ts"
import * as nn from "../src/nn/index.ts"
import * as optim from "../src/optim/index.ts"
import { Generator } from "../src/random/index.ts"
import { compile, compileLoop } from "../src/runtime/compile.ts"
import {
  binaryCrossEntropyWithLogits,
  cosineSimilarity,
  crossEntropy,
  l1Loss,
  mseLoss,
  nllLoss,
} from "../src/tensor/functional.ts"
import { gradients } from "../src/tensor/gradients.ts"
import { interpret } from "../src/tensor/interpreter.ts"
import { Tensor } from "../src/tensor/tensor.ts"

const fixtures = <T>(name: string): T[] =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8"))

/** Of numbers that are close to PyTorch's: their largest difference is this, relative to its largest number. */
const tolerance = 1e-5

function expectClose(what: string, got: ArrayLike<number>, want: readonly number[], within = tolerance) {
  expect(got.length, what).toBe(want.length)
  const scale = want.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0.01)
  const worst = want.reduce((worst, x, i) => Math.max(worst, Math.abs(got[i] - x)), 0)
  expect(worst / scale, `${what}: ${Array.from(got)} should be ${want}`).toBeLessThanOrEqual(within)
}

const title = ({ name, arguments: given }: { name: string; arguments: readonly unknown[] }) =>
  `${name}(${given.map((each) => JSON.stringify(each)).join(", ")})`

// ── one call, forward and backward ──

interface Numbers {
  readonly shape: readonly number[]
  readonly dtype?: "int32"
  readonly data: readonly number[]
}

interface Call {
  readonly name: string
  readonly arguments: readonly unknown[]
  readonly mode: "train" | "eval"
  readonly inputs: readonly Numbers[]
  /** Parameters and buffers by name. */
  readonly state: Readonly<Record<string, Numbers>>
  readonly outputs: readonly Numbers[]
  /** The w of Σ w y, whose gradients follow; null for an input that has none. */
  readonly weights: readonly (readonly number[])[]
  readonly inputGradients: readonly (readonly number[] | null)[]
  readonly gradients: Readonly<Record<string, readonly number[]>>
  /** Buffers after the call. */
  readonly after: Readonly<Record<string, readonly number[]>>
}

type Words = (inputs: Tensor[], given: readonly never[]) => readonly Tensor[]

const methods = "softmax logSoftmax cumsum var std norm clamp select unbind chunk".split(" ")
const losses = { mseLoss, l1Loss, nllLoss, crossEntropy, binaryCrossEntropyWithLogits }
type Method = (...given: readonly unknown[]) => Tensor | Tensor[]

const functions: Record<string, Words> = {
  ...Object.fromEntries(
    methods.map((name): [string, Words] => [
      name,
      ([x], given) => [(Reflect.get(x, name) as Method).apply(x, given as unknown as unknown[])].flat(),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(losses).map(([name, loss]): [string, Words] => [
      name,
      ([x, y, weight, posWeight], [options]) => [
        loss(x, y, { ...(options as object), ...(weight && { weight }), ...(posWeight && { posWeight }) }),
      ],
    ]),
  ),
  cosineSimilarity: ([a, b], [options]) => [cosineSimilarity(a, b, options)],
  einsum: (xs, [equation]) => [Tensor.einsum(equation, ...xs)],
  clipGradNorm(given, [longest]) {
    const { gradients, norm } = optim.clipGradNorm(given, longest)
    return [...gradients, norm]
  },
}

type Class = new (...given: readonly unknown[]) => nn.Layer

/** The layers that src/nn exports, by name. */
const layers = new Map(
  Object.entries({ ...nn } as Record<string, unknown>).filter(
    (entry): entry is [string, Class] =>
      typeof entry[1] === "function" && entry[1].prototype instanceof nn.Module,
  ),
)

/** "Conv1d" is made by its constructor, "Linear.uniform" by a static method. */
function build(name: string, given: readonly unknown[]): nn.Layer {
  const [kind, method] = name.split(".")
  const layer = layers.get(kind)!
  return method ? Reflect.get(layer, method)(...given) : new layer(...given)
}

/** Cells and recurrent networks take states beside x, and cells give them. */
function callLayer(layer: nn.Layer, [x, ...states]: Tensor[]): readonly Tensor[] {
  if (layer instanceof nn.RecurrentCell) return layer.step(x, states)
  if (states.length === 0) return [layer.forward(x)]
  const network = layer as nn.RecurrentStack
  const each = states.length / network.cells.length
  const byLayer = network.cells.map((_, k) => states.slice(k * each, (k + 1) * each))
  return [network.forward(x, byLayer)]
}

/** The call as a graph: its leaves with their numbers, and what it gives with what PyTorch gave. */
function traced({ name, arguments: given, mode, inputs, state, weights, ...wanted }: Call) {
  const leaves: Record<string, { tensor: Tensor; data: ArrayLike<number> }> = {}
  const results: Record<string, { tensor: Tensor; want: readonly number[] }> = {}
  const xs = inputs.map(({ shape, dtype, data }, k) => {
    const tensor = Tensor.input(`input ${k}`, shape, dtype)
    leaves[`input ${k}`] = { tensor, data: dtype ? data : Float32Array.from(data) }
    return tensor
  })
  const variables: [string, nn.Parameter | nn.Buffer][] = []
  let outputs: readonly Tensor[]
  let buffers: ReadonlyMap<nn.Buffer, Tensor> = new Map()
  if (functions[name]) outputs = functions[name](xs, given as never[])
  else {
    const layer = build(name, given)
    layer.loadStateDict(
      Object.fromEntries(
        Object.entries(state).map(([name, { shape, data }]) => [
          name,
          { shape, data: Float32Array.from(data) },
        ]),
      ),
    )
    variables.push(...layer.namedParameters(), ...layer.namedBuffers())
    for (const [name, variable] of variables) leaves[name] = { tensor: variable, data: variable.data }
    const called = nn.trace(layer, mode === "train" ? "training" : "evaluation", () => callLayer(layer, xs))
    outputs = called.result
    buffers = called.buffers
  }

  expect(outputs.length).toBe(wanted.outputs.length)
  for (const [k, tensor] of outputs.entries()) {
    expect(tensor.shape).toEqual(wanted.outputs[k].shape)
    results[`output ${k}`] = { tensor, want: wanted.outputs[k].data }
  }
  for (const [name, variable] of variables)
    if (variable instanceof nn.Buffer)
      results[`${name} after`] = { tensor: buffers.get(variable) ?? variable, want: wanted.after[name] }

  const total = outputs
    .map((y, k) => {
      const w = Tensor.input(`weights ${k}`, y.shape)
      leaves[`weights ${k}`] = { tensor: w, data: Float32Array.from(weights[k]) }
      return y.mul(w).sum()
    })
    .reduce((a, b) => a.add(b))
  const differentiated = [
    ...wanted.inputGradients.map((want, k) => [`input ${k}`, want] as const),
    ...Object.entries(wanted.gradients),
  ]
  for (const [name, want] of differentiated)
    if (want) results[`gradient of ${name}`] = { tensor: gradients(total, [leaves[name].tensor])[0], want }
  return { leaves, results }
}

describe.each(
  ["layers", "functions", "words"]
    .flatMap((file) => fixtures<Call>(file))
    .map(
      (each) =>
        [`${title(each)} ${each.mode} ${each.inputs.map(({ shape }) => `(${shape})`)}`, each] as const,
    ),
)("%s", (_, each) => {
  test("interpreted", () => {
    const { leaves, results } = traced(each)
    const feeds = new Map(Object.values(leaves).map(({ tensor, data }) => [tensor, data]))
    const got = interpret(
      Object.values(results).map(({ tensor }) => tensor),
      feeds,
    )
    for (const [k, [what, { want }]] of Object.entries(results).entries()) expectClose(what, got[k], want)
  })

  test("compiled", async () => {
    const { leaves, results } = traced(each)
    const compiled = await compile(
      Object.fromEntries(Object.entries(leaves).map(([name, { tensor }]) => [name, tensor])),
      Object.fromEntries(Object.entries(results).map(([what, { tensor }]) => [what, tensor])),
    )
    const got = await compiled.run(
      Object.fromEntries(Object.entries(leaves).map(([name, { data }]) => [name, data])),
    )
    for (const [what, { want }] of Object.entries(results)) expectClose(what, got[what], want)
    await compiled.release()
  })
})

test("every layer that src/nn exports has a fixture", () => {
  const elsewhere = [
    "Dropout", // by its statistics, below
    "Lambda", // in tests/module.test.ts
    "Sequential", // in every model
    ...["JointGRUCell", "JointLSTMCell", "JointRNNCell"], // in the models of these names, in tests/models.test.ts
  ]
  const contracts = ["Convolution", "JointCell", "Layer", "RecurrentCell", "RecurrentStack", "SplitCell"]
  const tested = new Set(fixtures<Call>("layers").map(({ name }) => name))
  expect([...layers.keys()].filter((name) => !tested.has(name)).sort()).toEqual(
    [...contracts, ...elsewhere].sort(),
  )
})

// ── several steps ──

interface Steps {
  readonly name: keyof typeof optim.optimizers
  readonly arguments: readonly unknown[]
  readonly rates: readonly number[]
  readonly start: Numbers
  /** Of each step. */
  readonly gradients: readonly (readonly number[])[]
  /** The parameter after each step. */
  readonly after: readonly (readonly number[])[]
}

test("every optimizer has a fixture", () => {
  const tested = new Set(fixtures<Steps>("optimizers").map(({ name }) => name))
  expect([...tested].sort()).toEqual(Object.keys(optim.optimizers).sort())
})

test("adamw takes PyTorch's betas", () => {
  expect(optim.adamw({ betas: [0.8, 0.99] }).config).toEqual(optim.adamw({ beta1: 0.8, beta2: 0.99 }).config)
  expect(optim.adamw().config).toMatchObject({ beta1: 0.9, beta2: 0.999 })
})

describe.each(fixtures<Steps>("optimizers").map((each) => [title(each), each] as const))("%s", (_, each) => {
  const make = optim.optimizers[each.name] as (...given: readonly unknown[]) => optim.Optimizer
  const optimizer = make(...each.arguments)
  const { shape } = each.start
  const input = (name: string) => Tensor.input(name, shape)
  const inputs = (names: readonly string[], shape: readonly number[]) =>
    Object.fromEntries(names.map((name) => [name, Tensor.input(name, shape)]))

  const parameter = input("parameter")
  const gradient = input("gradient")
  const scalars = inputs(Object.keys(optimizer.scalars(0, 1)), [])
  const moments = inputs(optimizer.moments, shape)
  const { gradientScale } = optimizer
  const scaled = gradientScale ? gradient.mul(scalars[gradientScale]) : gradient
  const next = optimizer.update(parameter, scaled, { scalars, moments })

  test("interpreted", () => {
    const feeds = new Map<Tensor, ArrayLike<number>>([[parameter, each.start.data]])
    for (const moment of Object.values(moments)) feeds.set(moment, new Float32Array(parameter.size))
    for (const [step, want] of each.after.entries()) {
      feeds.set(gradient, each.gradients[step])
      for (const [name, value] of Object.entries(optimizer.scalars(step, each.rates[step])))
        feeds.set(scalars[name], [value])
      const [after, ...remembered] = interpret(
        [next.parameter, ...optimizer.moments.map((name) => next.moments[name])],
        feeds,
      )
      expectClose(`step ${step}`, after, want)
      feeds.set(parameter, after)
      for (const [k, name] of optimizer.moments.entries()) feeds.set(moments[name], remembered[k])
    }
  })

  test("compiled", async () => {
    const carried = { parameter: { now: parameter, next: next.parameter } }
    const loop = await compileLoop({
      carried: Object.assign(
        carried,
        ...optimizer.moments.map((name) => ({ [name]: { now: moments[name], next: next.moments[name] } })),
      ),
      perStep: { gradient, ...scalars },
      outputs: { after: next.parameter },
    })
    const zeros = Object.fromEntries(
      optimizer.moments.map((name) => [name, new Float32Array(parameter.size)]),
    )
    const values = each.rates.map((rate, step) => optimizer.scalars(step, rate))
    const { after } = await loop.start({ parameter: each.start.data, ...zeros }).advance(each.rates.length, {
      gradient: each.gradients.flat(),
      ...Object.fromEntries(Object.keys(scalars).map((name) => [name, values.map((value) => value[name])])),
    })
    expectClose("all steps", after, each.after.flat())
    await loop.release()
  })
})

interface Rates {
  readonly name: keyof typeof optim.schedules
  readonly arguments: readonly unknown[]
  readonly rates: readonly number[]
}

test.each(fixtures<Rates>("schedules").map((each) => [title(each), each] as const))("%s", (_, each) => {
  const make = optim.schedules[each.name] as (...given: readonly unknown[]) => optim.Schedule
  const schedule = make(...each.arguments)
  const got = each.rates.map((_, step) => schedule(step))
  for (const [step, want] of each.rates.entries()) expect(got[step]).toBeCloseTo(want, 7)
})

// ── first numbers ──

interface InitialValues {
  readonly name: string
  readonly arguments: readonly unknown[]
  readonly seed: number
  readonly parameters: Readonly<Record<string, readonly number[]>>
}

test.each(fixtures<InitialValues>("initial").map((each) => [title(each), each] as const))(
  "%s starts as PyTorch's does from the same seed",
  (_, { name, arguments: given, seed, parameters }) => {
    const layer = build(name, given).initialize(new Generator(seed))
    expect(Object.fromEntries(layer.namedParameters().map(([name, { size }]) => [name, size]))).toEqual(
      Object.fromEntries(Object.entries(parameters).map(([name, { length }]) => [name, length])),
    )
    for (const [name, parameter] of layer.namedParameters())
      expectClose(name, parameter.data, parameters[name], 2e-6)
  },
)

// ── what no fixture can say ──

describe("Dropout", () => {
  const p = 0.3
  const x = Tensor.full([100, 100], 1)
  const layer = new nn.Dropout(p).initialize(new Generator(1))
  const maskAt = (counter: number) => interpret([layer.forward(x)], new Map([[layer.counter, [counter]]]))[0]
  const share = (holds: (i: number) => boolean) =>
    Array.from({ length: x.size }, (_, i) => Number(holds(i))).reduce((a, b) => a + b) / x.size

  test("leaves out a share p, and lets the others grow by 1 / (1 - p)", () => {
    const mask = maskAt(7)
    expect([...new Set(mask)].sort()).toEqual([0, expect.closeTo(1 / (1 - p), 12)])
    expect(Math.abs(share((i) => mask[i] === 0) - p)).toBeLessThan(0.02)
  })

  test("leaves out others in the next step, and the same from the same counter", () => {
    const masks = [7, 8, 7].map(maskAt)
    expect(masks[2]).toEqual(masks[0])
    // Independent masks agree where both keep or both leave out.
    expect(Math.abs(share((i) => masks[0][i] === masks[1][i]) - (p * p + (1 - p) ** 2))).toBeLessThan(0.02)
    const { buffers } = nn.trace(layer, "training", () => layer.forward(x))
    expect(buffers.get(layer.counter)?.sub(layer.counter).item()).toBe(1)
  })

  test("passes the gradient where it passed the number", () => {
    const y = layer.forward(x)
    const [g] = gradients(y.sum(), [x])
    expect(g.values()).toEqual(y.values())
  })

  test("is the identity in evaluation", () => {
    expect(nn.trace(layer, "evaluation", () => layer.forward(x)).result).toBe(x)
  })
})

describe("causal convolutions", () => {
  const numbers = (shape: readonly number[], random: Generator) =>
    Tensor.constant(random.randn(shape.reduce((a, b) => a * b)), shape)

  test("a change at one position changes nothing before it", () => {
    const [T, C] = [9, 2]
    fc.assert(
      fc.property(
        fc.record({
          kernelSize: fc.integer({ min: 1, max: 4 }),
          dilation: fc.integer({ min: 1, max: 5 }),
          groups: fc.constantFrom(1, C),
          at: fc.integer({ min: 0, max: T - 1 }),
          seed: fc.nat(),
        }),
        ({ kernelSize, dilation, groups, at, seed }) => {
          const random = new Generator(seed)
          const layer = new nn.CausalConv1d(C, 4, kernelSize, { dilation, groups }).initialize(random)
          const x = numbers([1, T, C], random)
          const change = numbers([1, 1, C], random).pad(1, at, T - 1 - at)
          const [before, after] = [x, x.add(change)].map((x) => layer.forward(x))
          expect(before.shape).toEqual([1, T, 4])
          const changed = after.sub(before).values()
          const positions = Array.from({ length: T }, (_, t) =>
            changed.slice(t * 4, t * 4 + 4).some((difference) => difference !== 0),
          )
          expect(positions.indexOf(true)).toBe(at)
        },
      ),
      { numRuns: 50 },
    )
  })

  test("time may come first", () => {
    const x = numbers([2, 5, 3], new Generator(1))
    for (const dilation of [1, 4, 9]) {
      const layer = new nn.CausalConv1d(3, 4, 3, { dilation }).initialize(new Generator(2))
      const timeFirst = layer.forward(x.transpose(0, 1), { axis: 0 })
      expect(timeFirst.transpose(0, 1).values()).toEqual(layer.forward(x).values())
    }
  })

  test("a stack sees exactly its receptive field", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 3 }),
        (dilations, kernelSize) => {
          const field = nn.receptiveField(dilations, kernelSize)
          const T = field + 2
          const stack = new nn.Sequential(
            dilations.map((dilation) => new nn.CausalConv1d(1, 1, kernelSize, { dilation })),
          )
          // Positive weights, so that no two paths cancel.
          for (const parameter of stack.parameters()) parameter.data.fill(1)
          const x = Tensor.constant(new Float32Array(T), [1, T, 1])
          const last = stack.forward(x).slice(1, -1)
          const seen = gradients(last.sum(), [x])[0].values()
          expect(seen.findIndex((g) => g !== 0)).toBe(T - field)
        },
      ),
      { numRuns: 30 },
    )
  })
})

test("a step schedule without milestones needs the number of steps", () => {
  expect(() => optim.step(0.1, {})).toThrow("step: give the milestones, or the number of steps")
})

test.each<[argument: string, make: (size: number) => unknown]>([
  ["Embedding: symbols", (size) => new nn.Embedding(size, 4)],
  ["Embedding: width", (size) => new nn.Embedding(4, size)],
  ["Linear: inputs", (size) => new nn.Linear(size, 3)],
  ["Linear: outputs", (size) => nn.Linear.uniform(3, size)],
  ["Conv1d: inputs", (size) => new nn.Conv1d(size, 2, 3)],
  ["Conv1d: outputs", (size) => new nn.Conv1d(2, size, 3)],
  ["CausalConv1d: kernelSize", (size) => new nn.CausalConv1d(2, 2, size)],
  ["Conv1d: dilation", (dilation) => new nn.Conv1d(2, 2, 3, { dilation })],
  ["Conv1d: groups", (groups) => new nn.Conv1d(2, 2, 3, { groups })],
  ["ConvTranspose1d: stride", (stride) => new nn.ConvTranspose1d(2, 2, 3, { stride })],
  ["LayerNorm: features", (size) => new nn.LayerNorm(size)],
  ["RMSNorm: features", (size) => new nn.RMSNorm(size)],
  ["BatchNorm1d: features", (size) => new nn.BatchNorm1d(size)],
  ["BatchNorm1d: perPosition", (perPosition) => new nn.BatchNorm1d(2, { perPosition })],
  ["FlattenConsecutive: n", (size) => new nn.FlattenConsecutive(size)],
  ["Upsample: scaleFactor", (size) => new nn.Upsample(size)],
  ["CausalSelfAttention: width", (size) => new nn.CausalSelfAttention(size, 1)],
  ["CausalSelfAttention: heads", (size) => new nn.CausalSelfAttention(4, size)],
  ["RNNCell: inputs", (size) => new nn.RNNCell(size, 2)],
  ["GRUCell: hidden", (size) => new nn.GRUCell(2, size)],
  ["LSTMCell: hidden", (size) => new nn.LSTMCell(2, size)],
])("%s is a whole number above 0", (argument, make) => {
  for (const size of [0, -1, 2.5, Number.NaN, Infinity, "2", undefined] as number[]) {
    if (size === undefined && /dilation|groups|stride|perPosition/.test(argument)) continue // the default
    expect(() => make(size), String(size)).toThrow(RangeError)
    expect(() => make(size)).toThrow(`${argument} = ${told(size)}: give a whole number of at least 1`)
  }
})
