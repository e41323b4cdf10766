/** Any module trains by any loss of any columns: each case is held to the same steps taken by the interpreter, in double precision. */
import { describe, expect, test } from "vitest"
import { UserError } from "../src/errors.ts"
import { Embedding, Linear, Module, Sequential } from "../src/nn/index.ts"
import { sgd } from "../src/optim/index.ts"
import { Generator } from "../src/random/index.ts"
import { mseLoss } from "../src/tensor/functional.ts"
import { gradients } from "../src/tensor/gradients.ts"
import { interpret } from "../src/tensor/interpreter.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import type { Columns } from "../src/training/columns.ts"
import { diagnose, evaluate, type LossFunction, learningRateFinder, train } from "../src/training/index.ts"

const N = 10
const random = new Generator(1)
const floats = (...row: number[]) => ({
  data: random.randn(N * row.reduce((a, b) => a * b, 1)),
  shape: [N, ...row],
})
const ids = (below: number, ...row: number[]) => ({
  data: random.randint(0, below, N * row.reduce((a, b) => a * b, 1)),
  shape: [N, ...row],
})
const mlp = (inputs: number, outputs: number) =>
  new Sequential([Linear.uniform(inputs, 6), (x) => x.tanh(), Linear.uniform(6, outputs)])

/** Two inputs of different kinds. */
class Priced extends Module {
  readonly kind = new Embedding(3, 4)
  readonly size = Linear.uniform(2, 4)
  readonly head = Linear.uniform(4, 1)

  // int32 (B), (B, 2) -> (B)
  forward(kind: Tensor, size: Tensor): Tensor {
    return this.head.forward(this.kind.forward(kind).add(this.size.forward(size)).tanh()).squeeze(1)
  }
}

const priced = new Priced()
const curve = mlp(1, 1)
const classifier = mlp(4, 3)
const encoder = mlp(5, 2)
const decoder = mlp(2, 5)
const line = Linear.uniform(2, 1)
class Autoencoder extends Module {
  readonly encoder = encoder
  readonly decoder = decoder
}

interface Case {
  module: Module
  data: Columns
  loss: LossFunction
}

const typed = <Data extends Columns>(module: Module, data: Data, loss: LossFunction<Data>): Case => ({
  module,
  data,
  loss: loss as LossFunction<never> as LossFunction,
})

const series = random.randn(40)
const starts = Int32Array.from({ length: N }, (_, k) => 3 * k)
const cases = {
  regression: typed(curve, { x: floats(1), y: floats(1) }, ({ x, y }) => mseLoss(curve.forward(x), y)),
  classification: typed(classifier, { pixels: floats(2, 2), digit: ids(3) }, ({ pixels, digit }) =>
    classifier
      .forward(pixels.reshape([-1, 4]))
      .crossEntropy(digit)
      .mean(),
  ),
  autoencoder: typed(new Autoencoder(), { x: floats(5) }, ({ x }) =>
    mseLoss(decoder.forward(encoder.forward(x)), x),
  ),
  "several inputs": typed(
    priced,
    { kind: ids(3), size: floats(2), price: floats() },
    ({ kind, size, price }) => mseLoss(priced.forward(kind, size), price),
  ),
  "a loss with an extra term": typed(curve, { x: floats(1), y: floats(1) }, ({ x, y }) => {
    const [weight] = curve.parameters()
    return mseLoss(curve.forward(x), y).add(weight.square().sum().mul(0.01))
  }),
  "weights of the rows, under the names of parameters and of the step's own inputs": typed(
    line,
    { weight: floats(), bias: floats(2), rows: floats(1), rate: floats(1) },
    ({ weight, bias, rows, rate }) =>
      line.forward(bias).sub(rows).add(rate).square().squeeze(1).mul(weight.square()).mean(),
  ),
  "constant tensors as columns": typed(
    curve,
    {
      x: Tensor.constant(random.randn(N), [N, 1]),
      y: Tensor.arange(N).cast("float32").unsqueeze(1).sin(),
    },
    ({ x, y }) => mseLoss(curve.forward(x), y),
  ),
  "crops of a series of numbers": typed(
    curve,
    { x: { data: series, shape: [N, 4], starts }, y: { data: series, shape: [N, 4], starts, warmUp: 2 } },
    ({ x, y }) => mseLoss(curve.forward(x.unsqueeze(2)).squeeze(2), y),
  ),
} satisfies Record<string, Case>

/** A column's rows (B, ...) as a constant tensor, read as its definition says. */
function rowsOf(column: Columns[string], rows: Int32Array): Tensor {
  if (column instanceof Tensor) return column.gather(Tensor.constant(rows, [rows.length], "int32"))
  const { data, shape, starts, warmUp = 0 } = column!
  const size = shape.slice(1).reduce((a, b) => a * b, 1)
  const values = Array.from(rows).flatMap((row) =>
    Array.from({ length: size }, (_, t) =>
      starts ? data[t < warmUp ? 0 : starts[row] + t] : data[row * size + t],
    ),
  )
  return Tensor.constant(
    values,
    [rows.length, ...shape.slice(1)],
    data instanceof Int32Array ? "int32" : "float32",
  )
}

const batchOf = (data: Columns, rows: Int32Array) =>
  Object.fromEntries(Object.entries(data).map(([name, column]) => [name, rowsOf(column, rows)]))

/** The losses of five steps of SGD, taken by the interpreter. */
function byHand({ module, data, loss }: Case, rate: number): number[] {
  const stream = new Generator(5)
  return Array.from({ length: 5 }, () => {
    const found = loss(batchOf(data, stream.randint(0, N, 4))) as Tensor
    const [value, ...slopes] = interpret([found, ...gradients(found, module.parameters())])
    for (const [k, parameter] of module.parameters().entries())
      parameter.data = Float32Array.from(parameter.data, (x, i) => x - rate * slopes[k][i])
    return value[0]
  })
}

describe.each(Object.entries(cases))("%s", (_, each: Case) => {
  const { module, data, loss } = each

  test("takes the steps that the interpreter takes", async () => {
    module.initialize(new Generator(2))
    const before = module.stateDict()
    const training = train(module, data, {
      ...{ loss, steps: 5, batchSize: 4, rate: 0.1, generator: new Generator(5) },
    })
    const { losses } = await training.advance(5)
    await training.release()
    const after = module.stateDict()
    module.loadStateDict(before)
    for (const [k, expected] of byHand(each, 0.1).entries()) expect(losses[k]).toBeCloseTo(expected, 5)
    for (const [name, { data }] of Object.entries(module.stateDict()))
      for (const [i, x] of data.entries()) expect(after[name].data[i], name).toBeCloseTo(x, 5)
  })

  test("is evaluated as the mean over its rows, whatever is left over for the last batch", async () => {
    const whole = (
      loss(
        batchOf(
          data,
          Int32Array.from({ length: N }, (_, k) => k),
        ),
      ) as Tensor
    ).item()
    const overlap = Object.values(data).some((column) => column && "starts" in column)
    for (const batchSize of [1, 4, 10, 99, undefined]) {
      const found = evaluate(module, data, { loss, batchSize })
      if (overlap) await expect(found).rejects.toThrow(/^evaluate: rows that overlap/)
      else expect(await found).toBeCloseTo(whole, 5)
    }
  })

  test("is looked into, and its learning rate looked for", async () => {
    const { loss: told, layers, parameters } = await diagnose(module, data, { loss, rows: [0, 3] })
    expect(told).toBeCloseTo((loss(batchOf(data, Int32Array.of(0, 3))) as Tensor).item(), 5)
    expect(layers.length).toBeGreaterThan(0)
    expect(parameters.map(({ path }) => path)).toEqual(module.namedParameters().map(([name]) => name))
    const before = module.stateDict()
    const { trials } = await learningRateFinder(module, data, { loss, steps: 3, batchSize: 2 })
    expect(trials).toHaveLength(3)
    expect(module.stateDict()).toEqual(before)
  })
})

const { x, y } = { x: floats(1), y: floats(1) }

test("a loss may report other numbers than it minimizes", async () => {
  const network = mlp(1, 1).initialize(new Generator(3))
  const loss: LossFunction<{ x: typeof x; y: typeof y }> = ({ x, y }) => {
    const error = network.forward(x).sub(y)
    return {
      minimize: error.square().mean().mul(3),
      report: { loss: error.abs().mean(), most: error.abs().amax() },
    }
  }
  const plain = mlp(1, 1).initialize(new Generator(3))
  const options = { steps: 2, batchSize: N, every: 1, batches: () => inOrder }
  const inOrder = { batchSize: N, next: (steps = 1) => rows(steps), getState: () => null, setState() {} }
  const rows = (steps: number) => Int32Array.from({ length: steps * N }, (_, k) => k % N)
  const told = []
  const training = train(network, { x, y }, { ...options, loss })
  for await (const progress of training) {
    told.push(progress.loss)
    const errors = Array.from(progress.reports.most)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toBeGreaterThan(progress.loss)
  }
  const other = train(
    plain,
    { x, y },
    { ...options, rate: 0.3, loss: ({ x, y }) => mseLoss(plain.forward(x), y) },
  )
  for await (const _ of other);
  const [after, expected] = [network.stateDict(), plain.stateDict()]
  for (const [name, { data }] of Object.entries(expected))
    for (const [i, value] of data.entries()) expect(after[name].data[i]).toBeCloseTo(value, 5)
  expect(await evaluate(network, { x, y }, { loss })).toBeLessThan(told[0])
  await Promise.all([training.release(), other.release()])
})

test("accuracy is a loss like any other to evaluate", async () => {
  const { data } = cases.classification
  const accuracy: LossFunction = ({ pixels, digit }) =>
    classifier
      .forward(pixels.reshape([-1, 4]))
      .argmax()
      .equal(digit)
      .cast("float32")
      .mean()
  const found = await evaluate(classifier, data, { loss: accuracy, batchSize: 3 })
  const rows = Int32Array.from({ length: N }, (_, k) => k)
  const guesses = classifier
    .forward(rowsOf(data.pixels, rows).reshape([N, 4]))
    .argmax()
    .values()
  const truths = rowsOf(data.digit, rows).values()
  expect(found).toBeCloseTo(guesses.filter((guess, k) => guess === truths[k]).length / N, 6)
})

describe("what cannot be trained gets a sentence", () => {
  const loss = ({ x }: { x: Tensor }) => curve.forward(x).mean()
  const options = { steps: 1, loss }

  test("a plain module without a loss", async () => {
    // @ts-expect-error: the options lack a loss
    const make = () => train(curve, { x }, { steps: 1 })
    expect(make).toThrow(UserError)
    expect(make).toThrow(/^Sequential is not a Model and has no default loss: give one, such as \{ loss: /)
    // @ts-expect-error: there is no column z
    expect(() => train(curve, { x }, { steps: 1, loss: ({ z }) => z.mean() })).not.toThrow()
    // @ts-expect-error: the options lack a loss
    await expect(evaluate(curve, { x }, {})).rejects.toThrow(UserError)
    await expect(evaluate(curve, { x }, { loss, batchSize: 0 })).rejects.toThrow(
      "batchSize = 0: give a whole",
    )
  })

  test("a loss that is not one number", async () => {
    const advance = (loss: LossFunction<{ x: typeof x }>) =>
      train(curve, { x }, { steps: 1, loss }).advance(1)
    await expect(advance(({ x }) => curve.forward(x))).rejects.toThrow(
      "the loss of a batch is (32, 1) float32: give one float32 number, such as its mean()",
    )
    const both = ({ x }: { x: Tensor }) => ({ minimize: x, report: { loss: x.mean() } })
    await expect(advance(both)).rejects.toThrow("the loss of a batch is (32, 1) float32")
    const report = ({ x }: { x: Tensor }) => ({ minimize: x.mean(), report: { right: x.argmax(0).sum() } })
    await expect(advance(report)).rejects.toThrow("the right of a batch is () int32: give one float32 number")
  })

  test.each<[string, Columns, RegExp]>([
    ["of no columns", {}, /^the data has no columns: give at least one$/],
    [
      "of unequal length",
      { x, z: { ...y, data: y.data.slice(1), shape: [N - 1, 1] } },
      /^the column 'z' has 9 rows, those before it 10/,
    ],
    [
      "that do not fill their shape",
      { x: { ...x, shape: [N, 2] } },
      /^the column 'x' is \(10, 2\) and holds 10 values/,
    ],
    ["of something else", { x, source: "x.csv" as never }, /^'source' is not a column: give its values as/],
    [
      "without a row",
      { x: { data: new Float32Array(), shape: [0, 1] } },
      /^the column 'x' is \(0, 1\) and holds 0 values/,
    ],
    [
      "of truth values",
      { x: Tensor.constant([1, 0], [2], "int32").cast("bool") },
      /^the column 'x' is bool: cast it/,
    ],
    [
      "of fewer crops",
      { x: { ...x, shape: [N, 3], starts: Int32Array.of(0) } },
      /^the column 'x' is \(10, 3\) and holds 1 crops/,
    ],
  ])("columns %s", (_, data, sentence) => {
    const make = () => train(curve, data, options as { steps: number; loss: LossFunction })
    expect(make).toThrow(UserError)
    expect(make).toThrow(sentence)
  })
})

test("a rate of 0 changes nothing", async () => {
  const before = curve.stateDict()
  const { loss } = cases.regression
  const training = train(curve, { x, y }, { loss, steps: 3, rate: 0, optimizer: sgd() })
  await training.advance(3)
  await training.release()
  expect(curve.stateDict()).toEqual(before)
})

test("a parameter that no field of the module holds is refused by a sentence", async () => {
  class Hidden extends Module {
    readonly layers = new Map([["head", Linear.uniform(1, 1)]])
    readonly bias = Linear.uniform(1, 1)
    forward(x: Tensor): Tensor {
      return this.bias.forward(this.layers.get("head")!.forward(x))
    }
  }
  const hidden = new Hidden()
  const training = train(hidden, { x: floats(1) }, { steps: 1, loss: ({ x }) => hidden.forward(x).mean() })
  await expect(training.advance(1)).rejects.toThrow(
    new UserError(
      "a parameter of shape (1) is used that the module does not have: keep its layer in a field of the module, or in an array or " +
        "a plain object there",
    ),
  )
})
