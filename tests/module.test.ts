/** What a module is: fields that are found by walking, initial values, and a trace of its forward pass. */
import { beforeEach, describe, expect, test } from "vitest"
import * as nn from "../src/nn/index.ts"
import { defaultGenerator, Generator, manualSeed } from "../src/random/index.ts"
import { Tensor } from "../src/tensor/tensor.ts"

class TwoInputs extends nn.Module {
  readonly left = new nn.Linear(2, 3)
  readonly right = new nn.Linear(4, 3)
  readonly norm = new nn.BatchNorm1d(3)

  forward(x: Tensor, y: Tensor): Tensor {
    return this.norm.forward(this.left.forward(x).add(this.right.forward(y)))
  }
}

/** The same layers twice in a row. */
class Twice extends nn.Layer {
  readonly first: nn.Sequential
  readonly second: nn.Sequential

  constructor(layer: nn.Layer) {
    super()
    this.first = new nn.Sequential([layer])
    this.second = new nn.Sequential([layer])
  }

  forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x))
  }
}

const numbers = (shape: readonly number[], seed = 1) =>
  Tensor.constant(new Generator(seed).randn(shape.reduce((a, b) => a * b, 1)), shape)

const training = (module: nn.Module) => module.namedModules().map(([, each]) => each.training)

describe("fields", () => {
  test("a module of two inputs", () => {
    const model = new TwoInputs()
    expect(model.namedParameters().map(([name]) => name)).toEqual([
      ...["left.weight", "left.bias", "right.weight", "right.bias", "norm.weight", "norm.bias"],
    ])
    expect(model.forward(numbers([5, 2]), numbers([5, 4])).shape).toEqual([5, 3])
  })

  test("a layer that is reached twice is one layer, under its first path", () => {
    const model = new Twice(new nn.Linear(2, 2))
    expect(model.namedModules().map(([path]) => path)).toEqual(["", "first", "first.layers.0", "second"])
    expect(Object.keys(model.stateDict())).toEqual(["first.layers.0.weight", "first.layers.0.bias"])
    expect(model.parameterCount).toBe(6)
    expect(model.loadStateDict(new Twice(new nn.Linear(2, 2)).stateDict())).toBe(model)
  })

  test("plain functions in a Sequential are layers, and take no number from the others", () => {
    const model = new nn.Sequential([new nn.Linear(2, 2), (x: Tensor) => x.tanh(), new nn.Linear(2, 2)])
    expect(model.namedParameters().map(([name]) => name)).toEqual([
      ...["layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias"],
    ])
    let x = numbers([3, 2])
    const whole = model.forward(x)
    for (const layer of model.layers) x = layer.forward(x)
    expect(x.values()).toEqual(whole.values())
  })
})

describe("a trace", () => {
  test("has the result, the next buffers and the outputs of every call, and leaves the module as it was", () => {
    const model = new TwoInputs().eval()
    model.left.train()
    const before = [training(model), model.stateDict()]
    const [x, y] = [numbers([5, 2]), numbers([5, 4])]
    const { result, buffers, outputs } = nn.trace(model, "training", () => model.forward(x, y))
    expect([training(model), model.stateDict()]).toEqual(before)
    expect([...outputs.keys()]).toEqual([model.left, model.right, model.norm, model])
    expect(outputs.get(model)).toEqual([result])
    expect([...buffers.keys()]).toEqual([model.norm.runningMean, model.norm.runningVar])
    const sums = outputs.get(model.left)![0].add(outputs.get(model.right)![0])
    for (const [k, mean] of sums.mean(0).values().entries())
      expect(buffers.get(model.norm.runningMean)!.values()[k]).toBeCloseTo(0.1 * mean, 6)
    expect(nn.trace(model, "evaluation", () => model.forward(x, y)).buffers.size).toBe(0)
  })

  test("puts everything back after an exception, and forgets the updates", () => {
    const norm = new nn.BatchNorm1d(3).eval()
    const x = numbers([4, 3])
    const outer = nn.trace(norm, "evaluation", () => {
      expect(() =>
        nn.trace(norm, "training", () => {
          norm.forward(x)
          throw new Error("stop")
        }),
      ).toThrow("stop")
      expect(norm.training).toBe(false)
      return norm.forward(x)
    })
    expect(outer.buffers.size).toBe(0)
    expect(norm.training).toBe(false)
    expect(Object.getOwnPropertyNames(norm)).not.toContain("forward")
  })

  test("within another records for both, each in its own mode", () => {
    const model = new TwoInputs()
    const [x, y] = [numbers([5, 2]), numbers([5, 4])]
    const outer = nn.trace(model, "training", () => {
      const frozen = nn.trace(model.left, "evaluation", () => {
        expect(training(model)).toEqual([true, false, true, true])
        return model.left.forward(x)
      })
      expect(training(model)).toEqual([true, true, true, true])
      const inner = nn.trace(model.norm, "training", () => model.norm.forward(frozen.result))
      expect([...inner.outputs.keys()]).toEqual([model.norm])
      expect(inner.buffers.size).toBe(2)
      return model.forward(x, y)
    })
    expect(outer.outputs.get(model.left)).toHaveLength(2)
    expect(outer.outputs.get(model.norm)).toHaveLength(2)
    expect(outer.buffers.size).toBe(2)
  })

  test("of a BatchNorm that is called twice updates twice, as in PyTorch", () => {
    const norm = new nn.BatchNorm1d(2, { momentum: 0.5 })
    const [x, y] = [Tensor.constant([1, 2, 3, 4], [2, 2]), Tensor.constant([5, 5, 7, 7], [2, 2])]
    const { buffers } = nn.trace(norm, "training", () => norm.forward(x).add(norm.forward(y)))
    // 0 -> (0 + [2, 3]) / 2 -> ([1, 1.5] + 6) / 2
    expect(Array.from(buffers.get(norm.runningMean)!.values())).toEqual([3.5, 3.75])
    // The same trace again begins with the numbers that are there.
    const again = nn.trace(norm, "training", () => norm.forward(x))
    expect(Array.from(again.buffers.get(norm.runningMean)!.values())).toEqual([1, 1.5])
  })

  test("of a Dropout that is called twice leaves out others the second time", () => {
    const dropout = new nn.Dropout(0.5).initialize(new Generator(1))
    const x = Tensor.full([100], 1)
    const { result, buffers } = nn.trace(dropout, "training", () => [dropout.forward(x), dropout.forward(x)])
    expect(result[0].values()).not.toEqual(result[1].values())
    expect(buffers.get(dropout.counter)!.sub(dropout.counter).item()).toBe(2)
  })

  test("records every tensor that a forward gives, and a forward that is a field", () => {
    class Both extends nn.Module {
      readonly forward = (x: Tensor) => ({ sum: x.sum(), each: [x.neg(), x.abs()] })
    }
    const both = new Both()
    const { forward } = both
    const { result, outputs } = nn.trace(both, "training", () => both.forward(numbers([3])))
    expect(outputs.get(both)).toEqual([result.sum, ...result.each])
    expect(both.forward).toBe(forward)
  })

  test("refuses an update that does not fit", () => {
    const buffer = new nn.Buffer([2], nn.zeros)
    expect(() => buffer.update(Tensor.full([3], 0))).toThrow(
      "update: (3) float32 does not fit a buffer of (2) float32",
    )
    expect(() => buffer.update(Tensor.full([2], 0, "int32"))).toThrow("update: (2) int32")
  })
})

describe("initial values", () => {
  beforeEach(() => void manualSeed(5))

  const drawn = () => new TwoInputs().initialize(new Generator(5)).stateDict()

  test("come from the default generator, in the order of the fields, where nobody gave any", () => {
    expect(new TwoInputs().stateDict()).toEqual(drawn())
    expect(new TwoInputs().stateDict()).not.toEqual(drawn()) // the stream goes on
    manualSeed(5)
    expect(new TwoInputs().stateDict()).toEqual(drawn())
  })

  test("are kept once they are drawn, and whoever reads them first draws them", () => {
    const model = new TwoInputs()
    const [x, y] = [numbers([5, 2]), numbers([5, 4])]
    const values = model.forward(x, y).values()
    expect(values.some((value) => value !== 0)).toBe(true)
    expect(model.forward(x, y).values()).toEqual(values)
  })

  test("are not drawn for what is initialized or loaded", () => {
    const before = defaultGenerator.getState()
    const model = new TwoInputs().initialize(new Generator(1))
    expect(new TwoInputs().loadStateDict(model.stateDict()).stateDict()).toEqual(model.stateDict())
    expect(defaultGenerator.getState()).toEqual(before)
  })
})
