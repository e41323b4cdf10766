/** Every model of the table, compiled: the logits, the loss and the gradients that the interpreter gives, in Node and in a page. */
import { expect, test } from "vitest"
import { Generator } from "../../src/random/index.ts"
import { compile } from "../../src/runtime/compile.ts"
import { gradients } from "../../src/tensor/gradients.ts"
import { interpret } from "../../src/tensor/interpreter.ts"
import { Tensor } from "../../src/tensor/tensor.ts"
import { symbolLoss } from "../../src/training/loss.ts"
import { variants } from "../variants.ts"

const settings = {
  ...{ vocabularySize: 7, contextLength: 8, embedding: 6, hidden: 10, layers: 2, heads: 2 },
  ...{ residualChannels: 6, dilationChannels: 5, skipChannels: 7 },
}
const B = 5

test.each(Object.entries(variants))("%s", async (_, Class) => {
  const { vocabularySize: V, contextLength: T } = settings
  const model = new Class(settings)
  const random = new Generator(7)
  // Drawn anew, because zeros would hide mistakes; no more than float32 bears in a deep network.
  for (const parameter of model.parameters())
    parameter.data = random.randn(parameter.size).map((x) => 0.5 * x)

  const ids = Tensor.constant(random.randint(0, V, B * T), [B, T], "int32")
  const shape = model.reads === "sequences" ? [B, T] : [B]
  const wanted = random.randint(
    0,
    V,
    shape.reduce((a, b) => a * b),
  )
  // Of a sequence the last positions have no target.
  if (model.reads === "sequences") wanted.fill(-1, -3)
  const targets = Tensor.constant(wanted, shape, "int32")

  const loss = symbolLoss(model, { inputs: ids, targets })
  const named = model.namedParameters()
  const wrt = gradients(loss, model.parameters())
  const outputs = {
    logits: model.forward(ids),
    loss,
    ...Object.fromEntries(named.map(([name], k) => [`gradient of ${name}`, wrt[k]])),
  }
  const inputs = Object.fromEntries(model.namedVariables())
  const compiled = await compile(inputs, outputs)
  const numbers = Object.entries(inputs).map(([name, { data }]) => [name, data])
  const got = await compiled.run(Object.fromEntries(numbers))
  const want = interpret(Object.values(outputs))
  for (const [k, name] of Object.keys(outputs).entries()) {
    expect(got[name].length).toBe(want[k].length)
    const scale = want[k].reduce((largest, x) => Math.max(largest, Math.abs(x)), 0)
    const worst = want[k].reduce((most, x, i) => Math.max(most, Math.abs(x - Number(got[name][i]))), 0)
    expect(scale, name).toBeGreaterThan(0)
    expect(worst / scale, name).toBeLessThan(1e-5)
  }
  await compiled.release()
})
