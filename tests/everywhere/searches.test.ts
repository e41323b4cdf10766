/** The searches of a sweep: what each proposes, and that those which learn find better points than chance. */
import { describe, expect, test } from "vitest"
import {
  gridOf,
  mean,
  meanInterval,
  type Point,
  pointKey,
  promotable,
  rungs,
  type Space,
  searches,
  type Told,
} from "../../src/experiments/index.ts"
import { Generator } from "../../src/random/torch.ts"
import { found, space as learningCurves, STEPS } from "./learning-curves.ts"

const small: Space = {
  recipe: { steps: 100 },
  parameters: [
    { name: "optimizer", distribution: { values: ["sgd", "adamw"] } },
    { name: "momentum", distribution: { values: [0, 0.9] }, when: { optimizer: ["sgd"] } },
    { name: "layers", distribution: { distribution: "intUniform", min: 1, max: 3 } },
  ],
}

/** All that a search proposes, each told with a value. */
function proposals(method: keyof typeof searches, space: Space, most = 100, seed = 1): Told[] {
  const random = new Generator(seed)
  const search = searches[method](space)
  const told: Told[] = []
  for (let point: Point | undefined; told.length < most; told.push({ point, value: told.length % 7 })) {
    point = search.ask(told, random)
    if (!point) break
  }
  return told
}

test("every search proposes each point of a grid once and then nothing", () => {
  const grid = Array.from(gridOf(small))
  expect(grid).toHaveLength(9)
  for (const method of ["grid", "random", "tpe"] as const) {
    const points = proposals(method, small).map(({ point }) => point)
    expect(new Set(points.map((point) => pointKey(small, point))).size).toBe(9)
    expect(points).toHaveLength(9)
    if (method === "grid") expect(points).toEqual(grid)
    else expect(points).not.toEqual(grid)
  }
})

test("random points and TPE's are of the space, and a seed repeats them", () => {
  for (const method of ["random", "tpe"] as const) {
    const told = proposals(method, learningCurves, 20)
    for (const { point } of told) {
      const { learningRate, hidden, layers, optimizer } = point
      expect(learningRate).toBeGreaterThanOrEqual(1e-4)
      expect(learningRate).toBeLessThanOrEqual(1)
      expect(Number.isInteger(hidden)).toBe(true)
      expect([1, 2, 3, 4, 5, 6]).toContain(layers)
      expect("momentum" in point).toBe(optimizer === "sgd")
      expect("weightDecay" in point).toBe(optimizer === "adamw")
    }
    expect(proposals(method, learningCurves, 20)).toEqual(told)
    expect(proposals(method, learningCurves, 20, 2)).not.toEqual(told)
  }
})

describe("TPE", () => {
  const line: Space = {
    recipe: {},
    parameters: [{ name: "learningRate", distribution: { distribution: "uniform", min: 0, max: 1 } }],
  }
  /** Trials at 0.05, 0.15 ... 0.95, one of which is good. */
  const told = Array.from(
    { length: 10 },
    (_, k): Told => ({ point: { learningRate: 0.05 + 0.1 * k }, value: k === 3 ? 0 : 1 }),
  )
  const asked = (told: readonly Told[]) => {
    const random = new Generator(3)
    return Array.from({ length: 50 }, () => searches.tpe(line).ask(told, random)!.learningRate as number)
  }
  const near = (points: readonly number[], center: number) =>
    points.filter((point) => Math.abs(point - center) < 0.15).length

  test("proposes points near the good one", () => {
    expect(near(asked(told), 0.35)).toBeGreaterThan(40)
  })

  test("stays away from what still runs", () => {
    const running = Array.from({ length: 8 }, (): Told => ({ point: { learningRate: 0.35 } }))
    expect(near(asked([...told, ...running]), 0.35)).toBeLessThan(10)
  })

  test("takes what failed for bad, and what was stopped early for worse than what was not", () => {
    const failed = told.map((each) => ({ ...each, value: each.value === 0 ? Infinity : 1 }))
    expect(near(asked([...failed, { point: { learningRate: 0.8 }, value: 0.5 }]), 0.8)).toBeGreaterThan(40)
    const stopped = told.map((each, k) => ({ ...each, steps: k === 6 ? 200 : 100 }))
    expect(near(asked(stopped), 0.65)).toBeGreaterThan(40)
  })
})

describe("ASHA", () => {
  test("rungs are eta apart, and the last is that of a full training", () => {
    expect(rungs(100, 2700, 3)).toEqual([100, 300, 900, 2700])
    expect(rungs(500, 2000, 3)).toEqual([500, 1500, 2000])
    expect(rungs(500, 600, 3)).toEqual([500, 600])
    expect(rungs(500, 500, 3)).toEqual([500])
  })

  const at = (...values: (number | undefined)[]) => values.map((value, k) => ({ trial: `${k}`, value }))

  test("the best third of a rung goes on, each once, the highest rung first", () => {
    expect(promotable([[], [], []], 3)).toBeUndefined()
    expect(promotable([at(3, 1), [], []], 3)).toBeUndefined()
    expect(promotable([at(3, 1, 2), [], []], 3)).toEqual({ trial: "1", rung: 1 })
    expect(promotable([at(3, 1, 2), [{ trial: "1" }], []], 3)).toBeUndefined()
    expect(promotable([at(3, 1, 2, 5, 6, 4), [{ trial: "1" }], []], 3)).toEqual({ trial: "2", rung: 1 })
    const three = ["1", "2", "0"].map((trial, k) => ({ trial, value: k }))
    expect(promotable([at(3, 1, 2, 5, 6, 4, 9, 9, 9, 2.5, 9, 9), three, []], 3)).toEqual({
      trial: "1",
      rung: 2,
    })
  })

  test("what still runs does not count, and what failed goes nowhere", () => {
    expect(promotable([at(3, 1, undefined), [], []], 3)).toBeUndefined()
    expect(promotable([at(Infinity, Infinity, Infinity), [], []], 3)).toBeUndefined()
    expect(promotable([at(1, 2, 3)], 3)).toBeUndefined()
  })
})

describe("with the steps of 25 full trainings, over 20 seeds, beats random search", () => {
  const SEEDS = 20
  const full = [STEPS]
  const halved = rungs(222, STEPS, 3)
  const losses = (method: keyof typeof searches, steps: readonly number[]) =>
    Array.from({ length: SEEDS }, (_, k) =>
      found(searches[method](learningCurves), { rungs: steps, eta: 3, budget: 25 * STEPS, seed: k + 1 }),
    )
  const byChance = losses("random", full)

  test.for([
    ["TPE", "tpe", full],
    ["ASHA over random points", "random", halved],
    ["ASHA over TPE's points", "tpe", halved],
  ] as const)("%s", async ([, method, steps], { annotate }) => {
    const differences = losses(method, steps).map((loss, k) => loss - byChance[k])
    const [low, high] = meanInterval(differences)
    const interval = `${mean(differences).toFixed(4)}, 95 % within ${low.toFixed(4)} and ${high.toFixed(4)}`
    await annotate(interval)
    expect(high, interval).toBeLessThan(0)
  })
})
