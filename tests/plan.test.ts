/** Plans of sweeps: what a file says, its faults, and settings of the command line beside it. */
import { globSync, readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { UserError } from "../src/errors.ts"
import { draw, gridOf, type Plan, parsePlan, settingsAt, withOverrides } from "../src/experiments/index.ts"
import { Generator } from "../src/random/torch.ts"

const planOf = (yaml: string): Plan => parsePlan(parse(yaml), "plan.yaml")

const whole = `
recipe: { data: makemore-names, recipe: lecture, steps: 2000, seed: 7 }
parameters:
  hidden: [64, 96]
  learningRate: { min: 0.01, max: 0.3, distribution: logUniform }
  weightDecay: { min: 0, max: 0.4 }
  layers: { min: 2, max: 5 }
  optimizer: [sgd, adamw]
  momentum: { values: [0.5, 0.9], when: { optimizer: sgd } }
  network: { values: [{ model: gru, context: 9 }, { model: wavenet }] }
  order: { values: [2, 3], when: { model: [gru, rnn] } }
seeds: 3
earlyTerminate: { type: asha, minSteps: 500 }
budget: { runs: 50, seconds: 3600, parameters: 80000, steps: 1000000 }
`

describe("a plan", () => {
  test("has all that its file says, and defaults", () => {
    const { space, ...rest } = planOf(whole)
    expect(rest).toEqual({
      name: "plan.yaml",
      method: "random",
      seeds: [7, 8, 9],
      metric: { name: "validation", goal: "minimize" },
      earlyTerminate: { type: "asha", minSteps: 500, eta: 3 },
      budget: { runs: 50, seconds: 3600, parameters: 80_000, steps: 1_000_000 },
    })
    expect(space.recipe).toEqual({ data: "makemore-names", recipe: "lecture", steps: 2000 })
    expect(space.parameters.map(({ distribution }) => distribution).slice(0, 4)).toEqual([
      { values: [64, 96] },
      { distribution: "logUniform", min: 0.01, max: 0.3 },
      { distribution: "uniform", min: 0, max: 0.4 },
      { distribution: "intUniform", min: 2, max: 5 },
    ])
    expect(space.parameters[5].when).toEqual({ optimizer: ["sgd"] })
  })

  test("has points whose conditions hold, and their settings in the order of a recipe", () => {
    const { space } = planOf(whole)
    const random = new Generator(1)
    const points = Array.from({ length: 100 }, () => draw(space, random))
    for (const point of points) {
      const settings = settingsAt(space, point)
      expect("momentum" in settings).toBe(settings.optimizer === "sgd")
      expect("order" in settings).toBe(settings.model === "gru")
      expect(settings.context).toBe(settings.model === "gru" ? 9 : undefined)
      expect(settings).not.toHaveProperty("network")
    }
    expect(new Set(points.map(({ layers }) => layers))).toEqual(new Set([2, 3, 4, 5]))
    const turned = Object.fromEntries(Object.entries(points[0]).reverse())
    expect(JSON.stringify(settingsAt(space, turned))).toBe(JSON.stringify(settingsAt(space, points[0])))
  })

  test("of values alone is a grid, in which what is the same run stands once", () => {
    const { method, space } = planOf(
      "parameters: { hidden: [64, 64, 96], model: [flat, gru], heads: { values: [2, 4], when: { model: flat } } }",
    )
    expect(method).toBe("grid")
    expect(Array.from(gridOf(space))).toEqual([
      { hidden: 64, model: "flat", heads: 2 },
      { hidden: 64, model: "flat", heads: 4 },
      { hidden: 64, model: "gru" },
      { hidden: 96, model: "flat", heads: 2 },
      { hidden: 96, model: "flat", heads: 4 },
      { hidden: 96, model: "gru" },
    ])
  })

  test("of seeds alone has one point", () => {
    const { space, seeds } = planOf("{ recipe: { steps: 10 }, seeds: [3, 1] }")
    expect(seeds).toEqual([3, 1])
    expect(Array.from(gridOf(space))).toEqual([{}])
  })

  test("for accuracy maximizes it", () => {
    const { metric } = planOf("{ recipe: { classify: sex }, metric: { name: accuracy }, seeds: 2 }")
    expect(metric).toEqual({ name: "accuracy", goal: "maximize" })
  })

  test("has its conditions on the recipe too", () => {
    const plan = planOf(
      "{ recipe: { optimizer: sgd }, parameters: { momentum: { values: [0, 0.5], when: { optimizer: sgd } } } }",
    )
    expect(Array.from(gridOf(plan.space))).toEqual([{ momentum: 0 }, { momentum: 0.5 }])
    expect(Array.from(gridOf(withOverrides(plan, { optimizer: "adamw" }).space))).toEqual([{}])
  })
})

describe("settings of the command line", () => {
  test("leave the space", () => {
    const plan = withOverrides(planOf(whole), { hidden: 32, model: "rnn", seed: 5, learningRate: 0.1 })
    expect(plan.seeds).toEqual([5])
    expect(plan.space.recipe).toMatchObject({ hidden: 32, model: "rnn", learningRate: 0.1, steps: 2000 })
    const point = draw(plan.space, new Generator(2))
    expect(point).not.toHaveProperty("hidden")
    expect(settingsAt(plan.space, point)).toMatchObject({ hidden: 32, model: "rnn", learningRate: 0.1 })
    expect(point).toHaveProperty("order")
  })

  test("have to go with the plan", () => {
    expect(() => withOverrides(planOf(whole), { steps: 500 })).toThrow(
      "plan.yaml: earlyTerminate: minSteps: 500 is not below the recipe's steps, 500",
    )
    expect(() => withOverrides(planOf(whole), { split: "100,0,0" })).toThrow("no trial reports it")
    const seeded = planOf("{ recipe: { steps: 10 }, seeds: 3 }")
    expect(() => withOverrides(seeded, {}, 2)).toThrow("budget: runs: 2 is fewer than the 3 seeds")
    expect(withOverrides(seeded, { seed: 5 }, 2).budget).toEqual({ runs: 2 })
  })
})

describe("what is no plan gets a sentence", () => {
  test.each([
    ["", "plan.yaml: there is no plan in it: give a recipe, parameters and a method"],
    ["[1]", "there is no plan in it"],
    ["{}", "plan.yaml: nothing varies: give parameters, such as hidden: [64, 128], or several seeds"],
    ["{ parameters: {} }", "nothing varies"],
    [
      "{ paramters: {} }",
      'plan.yaml: there is no "paramters": did you mean parameters? It has recipe, param',
    ],
    ["{ hidden: [1, 2] }", 'there is no "hidden": it is a setting: move it to recipe or parameters'],
    ["{ recipe: { stpes: 1 } }", 'plan.yaml: recipe: there is no setting "stpes": did you mean steps?'],
    ["{ recipe: { steps: 0.5 } }", "plan.yaml: recipe: steps: 0.5: give a whole number from 1 to"],
    [
      "{ recipe: { learningRate: '0,01' } }",
      'plan.yaml: recipe: learningRate: "0,01": give a number above 0',
    ],
    ["{ seed: [1, 2] }", 'plan.yaml: there is no "seed": did you mean seeds?'],
    ["{ seed: 2 }", 'plan.yaml: there is no "seed": it is a setting: move it to recipe'],
    ["{ parameters: [hidden] }", 'plan.yaml: parameters: ["hidden"]: give parameters and their values'],
    ["{ parameters: { hiden: [1] } }", 'hiden: values: there is no setting "hiden": did you mean hidden?'],
    ["{ parameters: { hiden: { min: 1, max: 2 } } }", "did you mean hidden?"],
    ["{ parameters: { hidden: [] } }", "plan.yaml: parameters: hidden: values: the list is empty"],
    ["{ parameters: { hidden: { values: 3 } } }", "hidden: values: 3 is no list: give one, such as [1, 2]"],
    [
      "{ parameters: { hidden: 3 } }",
      "plan.yaml: parameters: hidden: 3 is one value: give a list or a range",
    ],
    ["{ parameters: { hidden: [8, -1] } }", "hidden: values: -1: give a whole number from 0 to 16,384"],
    ["{ parameters: { model: [wavnet] } }", 'model: values: "wavnet": give ngram, '],
    ["{ parameters: { model: [wavnet] } }", "did you mean wavenet?"],
    ["{ parameters: { hidden: { vales: [1] } } }", 'hidden: there is no "vales": did you mean values?'],
    ["{ parameters: { hidden: { values: [1], min: 1 } } }", "hidden: it has values and min: give values, or"],
    ["{ parameters: { hidden: { min: 1 } } }", "hidden: max is missing: give min and max, or values"],
    ["{ parameters: { hidden: { min: a, max: 2 } } }", 'hidden: min: "a": give a number'],
    ["{ parameters: { hidden: { min: 9, max: 2 } } }", "hidden: min 9 is not below max 2: exchange them"],
    ["{ parameters: { hidden: { min: 2, max: 2 } } }", "hidden: min 2 is not below max 2"],
    ["{ parameters: { hidden: { min: -1, max: 2 } } }", "hidden: min: -1: give a whole number from 0"],
    ["{ parameters: { ema: { min: 0, max: 1 } } }", "ema: max: 1: give a number from 0 to below 1"],
    [
      "{ parameters: { hidden: { min: 1, max: 2, distribution: uniform } } }",
      "hidden: distribution: uniform gives fractions: give intUniform or logIntUniform, as hidden takes whole",
    ],
    [
      "{ parameters: { ema: { min: 0, max: 0.5, distribution: logUniform } } }",
      "ema: min 0: logUniform begins above 0: raise it, or change the distribution",
    ],
    [
      "{ parameters: { warmup: { min: 0, max: 5, distribution: logIntUniform } } }",
      "warmup: min 0: logIntUniform begins above 0",
    ],
    [
      "{ parameters: { clipNorm: { min: 0.5, max: 5, distribution: intUniform } } }",
      "clipNorm: 0.5: intUniform is of whole numbers",
    ],
    [
      "{ parameters: { hidden: { min: 1, max: 2, distribution: log_uniform } } }",
      'hidden: distribution: "log_uniform": give uniform, logUniform, intUniform or logIntUniform; did you mean logUniform?',
    ],
    ["{ parameters: { seed: [1, 2] } }", "seed: it is no parameter: give seeds: [1, 2, 3] beside parameters"],
    ["{ parameters: { net: [{ seed: 1 }] } }", "net: values: seed: give seeds: [1, 2, 3]"],
    [
      "{ parameters: { net: [{ hiden: 1 }] } }",
      'net: values: there is no setting "hiden": did you mean hidden?',
    ],
    [
      "{ parameters: { net: [{ hidden: 1 }], hidden: [2] } }",
      "hidden: net sets hidden as well: leave it out",
    ],
    [
      "{ parameters: { momentum: { values: [0], when: { optimzer: sgd } } } }",
      "momentum: when: optimzer is neither in the recipe nor an earlier parameter",
    ],
    [
      "{ parameters: { momentum: { values: [0], when: { optimizer: sgd } }, optimizer: [sgd] } }",
      "momentum: when: optimizer is neither in the recipe nor an earlier parameter: give it there",
    ],
    [
      "{ parameters: { optimizer: [sgd], momentum: { values: [0], when: { optimzer: sgd } } } }",
      "optimzer is neither in the recipe nor an earlier parameter: did you mean optimizer?",
    ],
    [
      "{ parameters: { optimizer: [sgd], momentum: { values: [0], when: { optimizer: sdg } } } }",
      'momentum: when: optimizer: "sdg": give sgd, adamw or muon; did you mean sgd?',
    ],
    [
      "{ recipe: { optimizer: adamw }, parameters: { momentum: { values: [0], when: { optimizer: sgd } } } }",
      'momentum: when: optimizer: it is never ["sgd"]: give one of ["adamw"], or leave the parameter out',
    ],
    ["{ parameters: { hidden: { values: [1], when: 3 } } }", "hidden: when: 3: give a setting and its value"],
    ["{ method: bayes, seeds: 2 }", 'plan.yaml: method: "bayes": give grid, random or tpe'],
    [
      "{ method: grid, parameters: { ema: { min: 0, max: 0.5 } } }",
      "plan.yaml: method: grid: ema is a range of real numbers: give values, or the method random or tpe",
    ],
    ["{ seeds: [] }", "plan.yaml: seeds: the list is empty: give at least one seed"],
    ["{ seeds: [1, 2, 1] }", "plan.yaml: seeds: 1 is in the list twice: leave one out"],
    ["{ seeds: [a] }", 'plan.yaml: seeds: "a": give a whole number'],
    ["{ seeds: 0 }", "plan.yaml: seeds: 0: give a whole number from 1 to 10,000"],
    [
      "{ seeds: 2, metric: { name: valdation } }",
      'plan.yaml: metric: name: "valdation": give validation, accuracy, networkAlone or countsAlone; did you mean validation?',
    ],
    ["{ seeds: 2, metric: validation }", 'plan.yaml: metric: "validation": give an object with name, goal'],
    ["{ seeds: 2, metric: { goal: minimise } }", "metric: goal"],
    ["{ seeds: 2, metric: { name: accuracy } }", "metric: accuracy: no trial reports it, as none classifies"],
    [
      "{ seeds: 2, recipe: { split: '100,0,0' } }",
      "metric: validation: no trial reports it, as split 100,0,0 has no validation part",
    ],
    ["{ seeds: 2, earlyTerminate: { type: hyperband } }", 'earlyTerminate: type: "hyperband": give asha'],
    ["{ seeds: 2, earlyTerminate: { type: asha } }", "earlyTerminate: minSteps is missing: give the steps"],
    [
      "{ seeds: 2, earlyTerminate: { minSteps: 5, eta: 1 } }",
      "earlyTerminate: eta: 1: give a whole number from 2",
    ],
    ["{ seeds: 2, earlyTerminate: { minSteps: 5 } }", "earlyTerminate: it needs the steps of a whole trial"],
    [
      "{ recipe: { steps: 500 }, seeds: 2, earlyTerminate: { minSteps: 500 } }",
      "plan.yaml: earlyTerminate: minSteps: 500 is not below the recipe's steps, 500: lower it, or give more steps",
    ],
    [
      "{ parameters: { steps: [500, 900] }, earlyTerminate: { minSteps: 100 } }",
      "earlyTerminate: trials are compared at equal steps, and steps is a parameter",
    ],
    ["{ seeds: 2, budget: { run: 3 } }", 'plan.yaml: budget: there is no "run": did you mean runs?'],
    ["{ seeds: 3, budget: { runs: 2 } }", "plan.yaml: budget: runs: 2 is fewer than the 3 seeds"],
    ["{ seeds: 2, budget: { seconds: 0 } }", "plan.yaml: budget: seconds: 0: give a number above 0"],
  ])("%s", (yaml, sentence) => {
    expect(() => planOf(yaml)).toThrow(UserError)
    expect(() => planOf(yaml)).toThrow(sentence)
  })

  test("whatever it holds", () => {
    const names = ["recipe", "parameters", "seeds", "method", "metric", "budget", "earlyTerminate", "hidden"]
    const keys = fc.constantFrom(...names, "values", "min", "max", "when", "distribution", "__proto__")
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "medium" },
        fc.constantFrom(null, 1, -0.5, Number.NaN, "sgd", "asha", "uniform", true),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(keys, tie("tree"), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        try {
          parsePlan(value, "plan.yaml")
        } catch (error) {
          expect(error).toBeInstanceOf(UserError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

const own = globSync("experiments/**/*.yaml").flatMap((path) => {
  const value = parse(readFileSync(path, "utf8"))
  return "parameters" in value ? [{ path, value }] : []
})

test.each(own)("the project's own $path is a plan", ({ path, value }) => {
  const { space, seeds } = parsePlan(value, path)
  expect([...gridOf(space)].length * seeds.length).toBeGreaterThan(1)
})
