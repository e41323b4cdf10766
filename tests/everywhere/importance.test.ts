/** The importance of settings, beside Optuna's numbers. */
import { expect, test } from "vitest"
import { importanceOf, type ValueAxis } from "../../src/experiments/index.ts"

/** Runs whose loss depends on a rate and on x, a little on the model, and on beta, which one model has. */
const runs = (n: number) =>
  Array.from({ length: n }, (_, k) => {
    const [x, rate] = [((k * 37) % n) / n, 0.001 * 300 ** (((k * 11) % n) / n)]
    const model = ["flat", "gru", "wavenet"][k % 3]
    const beta = model === "gru" ? ((k * 7) % n) / n : undefined
    const ofModel = model === "flat" ? 0.2 : 0.5 * (beta ?? 0)
    return { x, rate, model, beta, loss: 2 + 0.3 * Math.abs(Math.log(rate / 0.05)) + 0.4 * x + ofModel }
  })

const importances = (n: number) => {
  const scales = { x: "linear", rate: "log", model: "ordinal", beta: "linear" } as const
  const settings = Object.entries(scales).map(
    ([name, scale]): ValueAxis => ({
      name,
      scale,
      values: runs(n).map((run) => run[name as keyof typeof scales]),
    }),
  )
  return importanceOf(
    settings,
    runs(n).map(({ loss }) => loss),
  )
}

/*
 * optuna 5.0.0, get_param_importances with PedAnovaImportanceEvaluator(target_quantile=5 / 20), and 20 / 200, of trials with these values:
 * x and beta in FloatDistribution, rate with log=True, each from its least to its greatest value, model in CategoricalDistribution
 */
test.each([
  [
    20,
    [
      ["rate", 0.8537123171441893],
      ["model", 0.10809589468918404],
      ["x", 0.03819178816662672],
      ["beta", 0],
    ],
  ],
  [
    200,
    [
      ["rate", 0.6887322713166918],
      ["x", 0.23854699319795014],
      ["model", 0.0551983485665102],
      ["beta", 0.017522386918847922],
    ],
  ],
] as const)("of %i runs it is that of Optuna", (n, expected) => {
  const found = importances(n)
  expect(found.map(({ name }) => name)).toEqual(expected.map(([name]) => name))
  for (const [k, [, importance]] of expected.entries())
    expect(found[k].importance).toBeCloseTo(importance, 10)
})

test("settings that are the same among the best runs as among all have none", () => {
  const values = Array.from({ length: 40 }, (_, k) => k % 2)
  const losses = values.map((_, k) => Math.floor(k / 2))
  expect(importanceOf([{ name: "a", scale: "ordinal", values }], losses)).toEqual([
    { name: "a", importance: expect.closeTo(0, 12) },
  ])
})
