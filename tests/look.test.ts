/** look: the output of every layer for one context. */
import { describe, expect, test } from "vitest"
import { look, models, WaveNet, WaveNet2016 } from "../src/models/index.ts"
import * as nn from "../src/nn/index.ts"
import { Generator } from "../src/random/index.ts"
import { Tensor } from "../src/tensor/tensor.ts"

const names = Object.keys(models) as (keyof typeof models)[]

test.each(names)(
  "%s: the last output is the model's, in evaluation, and every entry belongs to a module",
  (name) => {
    const model = new models[name]({ vocabularySize: 5, contextLength: 4 }).initialize(new Generator(1))
    const outputs = look(model, [1, 2, 3, 4])
    const ids = Tensor.constant([1, 2, 3, 4], [1, 4], "int32")
    const { result } = nn.trace(model, "evaluation", () => model.forward(ids))
    expect(outputs.at(-1)).toEqual({
      path: "",
      type: model.constructor.name,
      shape: result.shape,
      values: result.values(),
    })
    const modules = new Map(model.namedModules())
    for (const { path, type, shape, values } of outputs) {
      expect(modules.get(path)!.constructor.name).toBe(type)
      expect(values.length).toBe(shape.reduce((a, b) => a * b, 1))
      expect(values.every(Number.isFinite)).toBe(true)
    }
  },
)

describe("a context", () => {
  test("of windows is filled up before its first symbol, or cut", () => {
    const model = new WaveNet({ vocabularySize: 5, contextLength: 4 }).initialize(new Generator(1))
    expect(look(model, [3, 1])).toEqual(look(model, [0, 0, 3, 1]))
    expect(look(model, [4, 0, 0, 3, 1])).toEqual(look(model, [0, 0, 3, 1]))
    expect(look(model, [3, 1])).not.toEqual(look(model, [1, 3]))
  })

  test("of sequences is as long as a model without a table of positions allows, and refused where one ends", () => {
    const ids = [1, 2, 3, 4, 0]
    const make = (name: "gru" | "transformer" | "bow") =>
      new models[name]({ vocabularySize: 5, contextLength: 4 }).initialize(new Generator(1))
    expect(look(make("gru"), ids).at(-1)!.shape).toEqual([1, 5, 5])
    for (const name of ["transformer", "bow"] as const)
      expect(() => look(make(name), ids)).toThrow(
        "5 symbols are too many for a model with 4 positions: give at most 4",
      )
  })

  test("goes along with conditions in numbers", () => {
    const settings = { vocabularySize: 5, layers: 2, stacks: 1, labels: 3, seriesWidth: 2, seriesStride: 4 }
    const model = new WaveNet2016(settings).initialize(new Generator(1))
    const series = [1, 2, 3, 4] // two steps for five symbols
    const outputs = look(model, [1, 2, 3, 4, 0], { label: 1, series })
    const conditions = {
      label: Tensor.constant([1], [1], "int32"),
      series: Tensor.constant(series, [1, 2, 2]),
    }
    const ids = Tensor.constant([1, 2, 3, 4, 0], [1, 5], "int32")
    expect(outputs.at(-1)!.values).toEqual(model.forward(ids, conditions).values())
    expect(look(model, [1, 2, 3, 4, 0], { label: 2, series }).at(-1)).not.toEqual(outputs.at(-1))
    expect(look(model, ids, conditions)).toEqual(outputs)
    expect(() => look(new WaveNet({ vocabularySize: 5 }), [1], { label: 1 })).toThrow(
      "look: the model is not conditioned on a label: its conditions are none",
    )
  })
})

test("any module, with the tensors that it takes; an entry for each call", () => {
  class Difference extends nn.Module {
    readonly layer = new nn.Linear(1, 1, { weight: nn.full(2) })

    forward(x: Tensor, y: Tensor): Tensor {
      return this.layer.forward(x).sub(this.layer.forward(y))
    }
  }
  const [x, y] = [Tensor.constant([3], [1, 1]), Tensor.constant([1], [1, 1])]
  expect(look(new Difference(), x, y)).toEqual([
    { path: "layer", type: "Linear", shape: [1, 1], values: Float64Array.of(6) },
    { path: "layer", type: "Linear", shape: [1, 1], values: Float64Array.of(2) },
    { path: "", type: "Difference", shape: [1, 1], values: Float64Array.of(4) },
  ])
})
