/** What a training minimizes besides the plain loss of the next symbol, by hand from the logits; and that the plain loss is reported. */
import { describe, expect, test } from "vitest"
import { type Dataset, IGNORED } from "../src/data/dataset.ts"
import { Bigram, Flat, type Model } from "../src/models/index.ts"
import { trace } from "../src/nn/index.ts"
import { sgd } from "../src/optim/index.ts"
import { Generator } from "../src/random/index.ts"
import { gradients } from "../src/tensor/gradients.ts"
import { interpret } from "../src/tensor/interpreter.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { nextSymbolLoss } from "../src/training/loss.ts"
import { train } from "../src/training/train.ts"

const [V, T] = [5, 3]
const inputs = { data: Int32Array.of(0, 1, 2, 0, 3, 4), shape: [2, T] }
const cases: [string, () => Model, Dataset][] = [
  [
    "sequences",
    () => new Bigram({ vocabularySize: V, contextLength: T }),
    { inputs, targets: { data: Int32Array.of(1, 2, 0, 3, 4, IGNORED), shape: [2, T] } },
  ],
  [
    "windows",
    () => new Flat({ vocabularySize: V, contextLength: T, hidden: 4 }),
    { inputs, targets: { data: Int32Array.of(4, 0), shape: [2] } },
  ],
]

const drawn = (make: () => Model) => {
  const model = make()
  for (const parameter of model.parameters()) parameter.data = new Generator(1).randn(parameter.size)
  return model
}

describe.each(cases)("of %s", (_, make, data) => {
  const model = drawn(make)
  const [ids, targets] = [data.inputs, data.targets].map(({ data, shape }) =>
    Tensor.constant(data, shape, "int32"),
  )
  const found = (options: object) =>
    trace(model, "training", () => {
      const { minimize, report } = nextSymbolLoss(model, options)({ inputs: ids, targets }) as ReturnType<
        ReturnType<typeof nextSymbolLoss>
      > & { minimize: Tensor; report: { loss: Tensor } }
      return [minimize, report.loss]
    }).result

  /** The means over the targets that there are: of -ln p of the target, of -ln p of all symbols, and of ln² Z. */
  const [plain, uniform, squares] = (() => {
    const [logits] = interpret([trace(model, "training", () => model.forward(ids)).result])
    const sums = [0, 0, 0]
    let count = 0
    for (const [k, target] of data.targets.data.entries()) {
      if (target === IGNORED) continue
      const row = Array.from(logits.subarray(k * V, (k + 1) * V))
      const logZ = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0))
      sums[0] += logZ - row[target]
      sums[1] += row.reduce((sum, x) => sum + logZ - x, 0) / V
      sums[2] += logZ ** 2
      count++
    }
    return sums.map((sum) => sum / count)
  })()

  test.each([
    [{}, plain],
    [{ labelSmoothing: 0.1 }, 0.9 * plain + 0.1 * uniform],
    [{ zLoss: 0.01 }, plain + 0.01 * squares],
    [{ labelSmoothing: 0.3, zLoss: 2 }, 0.7 * plain + 0.3 * uniform + 2 * squares],
  ])("%j", (options, want) => {
    const [[minimize], [loss]] = interpret(found(options))
    expect(minimize).toBeCloseTo(want, 12)
    expect(loss).toBeCloseTo(plain, 12)
  })

  test("a step goes down the slope of what is minimized, and reports the plain loss", async () => {
    const options = { labelSmoothing: 0.2, zLoss: 0.5 }
    const parameters = model.parameters()
    const slopes = interpret(gradients(found(options)[0], parameters))
    const trained = drawn(make)
    const inOrder = { batchSize: 2, next: () => Int32Array.of(0, 1), getState: () => null, setState() {} }
    const training = train(trained, data, {
      ...{ steps: 1, batchSize: 2, optimizer: sgd(), rate: 0.1, batches: () => inOrder },
      loss: nextSymbolLoss(trained, options),
    })
    expect((await training.advance(1)).loss).toBeCloseTo(plain, 5)
    await training.release()
    for (const [k, { data }] of trained.parameters().entries())
      for (const [i, x] of data.entries())
        expect(x).toBeCloseTo(parameters[k].data[i] - 0.1 * slopes[k][i], 5)
  })
})
