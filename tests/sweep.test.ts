/** `makewave sweep` on a small list, with processes: its trials, Ctrl-C, kills, and plans with faults. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { readRun } from "../src/runs/run.ts"
import { beginMakewave, makewaveHere, objects, THINGS } from "./command-line.ts"

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-sweep-"))
  writeFileSync(join(folder, "things.txt"), THINGS)
})
afterAll(() => rmSync(folder, { recursive: true }))

const plan = (changes = "") => `
recipe: { data: things.txt, recipe: lecture, model: flat, context: 3, embedding: 2, steps: 60, checkpointEvery: 10 }
parameters:
  hidden: [4, 8]
  learningRate: [0.1, 0.2, 0.4]
method: grid
${changes}`

const write = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content)
  return name
}

const journal = (sweep: string) => objects(readFileSync(join(folder, "runs", sweep, "sweep.jsonl"), "utf8"))

test("a dry run shows the trials and trains none", async () => {
  const { code, stdout } = await makewaveHere(["sweep", write("dry.yaml", plan()), "--dry-run"], folder)
  expect(code).toBe(0)
  expect(stdout).toContain("6 trials: grid over hidden, learningRate")
  const said = await makewaveHere(["sweep", "dry.yaml", "hidden=16", "--dry-run", "--json"], folder)
  expect(objects(said.stdout).map(({ settings }) => settings)).toMatchObject([
    { hidden: 16, learningRate: 0.1 },
    { hidden: 16, learningRate: 0.2 },
    { hidden: 16, learningRate: 0.4 },
  ])
})

test("trials have the environment of the sweep, such as the folder of its data", async () => {
  const seeds =
    "recipe: { data: makemore-names, recipe: lecture, model: flat, hidden: 2, steps: 1 }\nseeds: 2"
  const before = process.env.MAKEWAVE_DATA
  process.env.MAKEWAVE_DATA = resolve("../shared/data")
  try {
    const { code, stderr } = await beginMakewave(["sweep", write("data.yaml", seeds)], folder).ended
    expect([code, stderr]).toEqual([0, ""])
  } finally {
    if (before === undefined) delete process.env.MAKEWAVE_DATA
    else process.env.MAKEWAVE_DATA = before
  }
}, 60_000)

test("a sweep trains each trial as train would, and tells the best", async () => {
  const { code, stdout, stderr } = await beginMakewave(["sweep", write("all.yaml", plan()), "--json"], folder)
    .ended
  expect([code, stderr]).toEqual([0, ""])
  const said = objects(stdout)
  const { points, failed } = said.pop() as { points: { values: number[]; trials: string[] }[]; failed: [] }
  expect([said.length, points.length, failed.length]).toEqual([6, 6, 0])
  expect(points[0].values[0]).toBeLessThan(points[5].values[0])
  const [trial] = points[0].trials
  const { settings } = said.find((each) => each.trial === trial) as { settings: Record<string, unknown> }
  const given = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  await makewaveHere(["train", "--out", "alone", ...given], folder)
  const stateOf = async (run: string) => (await readRun(join(folder, run))).checkpoint.model
  expect(await stateOf(`runs/all/${trial}`)).toEqual(await stateOf("alone"))

  // The same again has nothing left to do.
  const again = await beginMakewave(["sweep", "all.yaml"], folder).ended
  expect(again.stdout).toContain("The best is in")
  expect(again.stdout).not.toContain("±")
  expect(journal("all")).toHaveLength(12)
})

test("a sweep of ensembles weighs the same runs in several ways", async () => {
  for (const seed of ["1", "2"])
    await makewaveHere(
      ["train", "things.txt", "--out", seed, "--steps", "5", "--model", "flat", "--seed", seed],
      folder,
    )
  const members = "{ data: things.txt, model: ensemble, members: '1,2' }"
  const path = write("ensembles.yaml", `recipe: ${members}\nparameters: { mixOrder: [1, 2] }`)
  const { stdout, stderr } = await beginMakewave(["sweep", path, "--json"], folder).ended
  expect(stderr).toBe("")
  expect(objects(stdout).pop()).toMatchObject({ failed: [], points: [{ steps: 0 }, { steps: 0 }] })
})

test("a sweep that was interrupted or killed goes on, and counts each trial once", {
  timeout: 120_000,
}, async () => {
  write("killed.yaml", plan("seeds: 2").replace("steps: 60", "steps: 1500"))
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    const { child, said, ended } = beginMakewave(["sweep", "killed.yaml"], folder)
    await expect
      .poll(() => said.stdout.match(/validation/g)?.length ?? 0, { timeout: 60_000 })
      .toBeGreaterThan(1)
    child.kill(signal)
    expect((await ended).code).toBe(signal === "SIGINT" ? 130 : null)
  }
  const { child, said, ended } = beginMakewave(["sweep", "killed.yaml"], folder)
  await expect.poll(() => said.stdout, { timeout: 60_000 }).toContain("validation")
  const [worker] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ")
  process.kill(Number(worker), "SIGKILL")
  expect((await ended).code).toBe(0)
  expect(said.stderr).toContain("it is resumed")
  expect(said.stdout).toContain("± is the standard deviation over seeds\n")
  const told = journal("killed").flatMap(({ trial }) => (trial ? [trial] : []))
  expect([told.length, new Set(told).size]).toEqual([12, 12])
})

test("a trial that fails is told with its sentence, and the sweep goes on", async () => {
  const networks = "network: { values: [{ model: flat }, { model: mlp }] }"
  const path = write("failing.yaml", plan().replace("learningRate: [0.1, 0.2, 0.4]", networks))
  const { code, stdout } = await beginMakewave(["sweep", path], folder).ended
  expect(code).toBe(0)
  expect(stdout).toMatch(/failed.*mlp\n {2}"abc" has 3 characters, and a context of 3 holds 2/)
  expect(stdout).toContain("2 of 4 points failed")
})

test("a dry run tells which trials would fail, and keeps to the budget", async () => {
  const networks = "network: { values: [{ model: flat }, { model: flat, norm: layer }] }"
  const path = write(
    "dry.yaml",
    plan("budget: { steps: 130 }").replace("learningRate: [0.1, 0.2, 0.4]", networks),
  )
  const { stdout } = await makewaveHere(["sweep", path, "--dry-run"], folder)
  expect(stdout).toMatch(/would fail: --norm layer: /)
  expect(stdout).toContain("3 trials: grid over hidden, network; at most 130 steps in all")
})

test.each([
  ["recipe: {", "not YAML or JSON"],
  ["recipe: { hiden: 4 }", "did you mean hidden"],
  ["parameters: { hidden: [] }", "hidden"],
  ["parameters: { hidden: [4], hidden: [8] }", "line 1: a name is there twice"],
  ["seeds: 2\nmetric: { goal: maximize }", "would call the worst validation the best: give minimize"],
  ["parameters: { hidden: { min: 9, max: 3 } }", "min"],
  ["seeds: 2\nmetric: { name: lost }", "validation"],
  ["recipe: { from: fault.yaml.run }\nseeds: 2", "fault.yaml.run: there is no run here"],
])("a plan with a fault, %s, is told", async (fault, sentence) => {
  const { code, stderr } = await makewaveHere(["sweep", write("fault.yaml", fault)], folder)
  expect(code).toBe(1)
  expect(stderr).toContain("fault.yaml")
  expect(stderr).toContain(sentence)
})

test("a budget of parameters leaves out what is larger", async () => {
  const path = write("small.yaml", plan("budget: { parameters: 200 }").replace("[4, 8]", "[4, 64]"))
  const { stdout } = await beginMakewave(["sweep", path, "--json"], folder).ended
  const { points, failed } = objects(stdout).pop() as { points: []; failed: { problem: string }[] }
  expect([points.length, failed.length]).toEqual([3, 3])
  expect(failed[0].problem).toContain("more than the budget of 200")
})
