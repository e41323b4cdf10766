/** A sweep's study and its loop, with workers that only compute: every trial is counted once, whatever dies in between. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { JOURNAL } from "../src/experiments/journal.ts"
import type { Plan } from "../src/experiments/plan.ts"
import { Study } from "../src/experiments/study.ts"
import { runSweep } from "../src/experiments/sweep.ts"
import type { Outcome, Trial } from "../src/experiments/trial.ts"
import { WorkerLostError, type Workers } from "../src/experiments/workers.ts"
import { memoryStore } from "../src/runs/memory-store.ts"

const hidden = [8, 16, 24, 32, 40, 48, 56, 64, 72]

const plan = (changes: Partial<Plan> = {}): Plan => ({
  name: "plan.yaml",
  space: {
    recipe: { data: "names", recipe: "lecture", steps: 900 },
    parameters: [{ name: "hidden", distribution: { values: hidden } }],
  },
  method: "grid",
  seeds: [1],
  metric: { name: "validation", goal: "minimize" },
  budget: {},
  ...changes,
})

/** The best of the hidden sizes is 40; a seed adds a little, and so does a training that is not yet over. */
function outcomeOf({ settings, until }: Trial): Outcome {
  const { hidden = 0, seed = 0, steps = 0 } = settings
  const taken = until ?? steps
  const validation = 2 + Math.abs(hidden - 40) / 100 + seed / 1000 + 1 / taken
  return { kind: "trained", values: { validation }, steps: taken, taken, seconds: 1, parameters: hidden }
}

/** Counts how often each trial was trained to each rung. */
function fakeWorkers(answer: (trial: Trial) => Outcome = outcomeOf, count = 2) {
  const trained: Trial[] = []
  const workers: Workers = {
    count,
    async train(trial) {
      const outcome = answer(trial)
      trained.push(trial)
      return outcome
    },
    close: async () => {},
  }
  return { workers, trained }
}

async function finish(study: Study, workers: Workers, signal?: AbortSignal) {
  for await (const _ of runSweep(study, workers, { signal }));
  await study.close()
  return study.results()
}

const best = (entries: ReturnType<Study["results"]>) =>
  entries.toSorted((a, b) => a.values[0] - b.values[0])[0].point

test("a grid trains each of its points once, and the study knows the best", async () => {
  const { workers, trained } = fakeWorkers()
  const study = await Study.open(plan(), memoryStore())
  const entries = await finish(study, workers)
  expect(trained.map(({ settings }) => settings.hidden)).toEqual(hidden)
  expect(best(entries)).toEqual({ hidden: 40 })
  expect(new Set(trained.map(({ name }) => name)).size).toBe(hidden.length)
  expect([study.ended, study.total]).toEqual([hidden.length, hidden.length])
})

test("each seed of a point is a trial of its own, and its value is the mean", async () => {
  const { workers, trained } = fakeWorkers()
  const seeded = plan({ seeds: [1, 3], budget: { runs: 6 } })
  const entries = await finish(await Study.open(seeded, memoryStore()), workers)
  expect(trained.map(({ settings }) => [settings.hidden, settings.seed])).toEqual(
    hidden.slice(0, 3).flatMap((size) => [
      [size, 1],
      [size, 3],
    ]),
  )
  expect(entries[0].values[1] - entries[0].values[0]).toBeCloseTo(0.002)
})

test.each([
  ["a grid", plan({ seeds: [1, 2] })],
  ["halving", plan({ earlyTerminate: { type: "asha", minSteps: 100, eta: 3 } })],
])(
  "%s that is killed between any two lines of its journal goes on, and counts each trial once",
  async (_, plan) => {
    const whole = memoryStore()
    const unbroken = await finish(await Study.open(plan, whole), fakeWorkers().workers)
    const journal = (await whole.read(JOURNAL))!
    const ends = [0, ...[...journal.entries()].flatMap(([k, byte]) => (byte === 10 ? [k + 1] : []))]
    for (const end of ends) {
      const store = memoryStore()
      // The kill may have left a part of the next line.
      await store.write(JOURNAL, journal.slice(0, Math.min(journal.length, end + 7)))
      const { workers, trained } = fakeWorkers()
      const entries = await finish(await Study.open(plan, store), workers)
      const lines = new TextDecoder().decode(journal.slice(0, end)).split("\n").filter(Boolean)
      const told = lines.map((line) => JSON.parse(line)).filter(({ trial }) => trial)
      const keys = [
        ...told.map(({ trial, until }) => `${trial} ${until}`),
        ...trained.map(({ name, until }) => `${name} ${until}`),
      ]
      expect(new Set(keys).size).toBe(keys.length)
      // Which trials a rung promotes depends on the order in which they end.
      if (plan.earlyTerminate) expect(best(entries)).toEqual({ hidden: 40 })
      else expect(entries).toEqual(unbroken)
    }
  },
)

test("what was trained under another plan of the same folder is not trained again", async () => {
  const store = memoryStore()
  await finish(await Study.open(plan(), store), fakeWorkers().workers)
  const { workers, trained } = fakeWorkers()
  const wider = plan()
  const parameters = [{ name: "hidden", distribution: { values: [...hidden, 80] } }]
  const entries = await finish(
    await Study.open({ ...wider, space: { ...wider.space, parameters } }, store),
    workers,
  )
  expect(trained.map(({ settings }) => settings.hidden)).toEqual([80])
  expect(entries).toHaveLength(10)
})

test("asynchronous halving ends the worse ones early, and the best is trained to its end", async () => {
  const { workers, trained } = fakeWorkers()
  const study = await Study.open(
    plan({ earlyTerminate: { type: "asha", minSteps: 100, eta: 3 } }),
    memoryStore(),
  )
  const entries = await finish(study, workers)
  const count = (until?: number) => trained.filter((trial) => trial.until === until).length
  expect([count(100), count(300)]).toEqual([9, expect.toSatisfy((n) => n >= 3 && n <= 6)])
  expect(count(undefined)).toBeGreaterThanOrEqual(1)
  expect(entries.filter(({ steps }) => steps === 900).map(({ point }) => point)).toContainEqual({
    hidden: 40,
  })
})

test("a trial that fails is told why, and the others go on", async () => {
  const failing = (trial: Trial): Outcome =>
    trial.settings.hidden === 16 ? { kind: "failed", problem: "too wide" } : outcomeOf(trial)
  const entries = await finish(await Study.open(plan(), memoryStore()), fakeWorkers(failing).workers)
  expect(entries[1]).toMatchObject({ values: [], problem: "too wide" })
  expect(best(entries.filter(({ problem }) => problem === undefined))).toEqual({ hidden: 40 })
})

test("a trial that failed is tried again when the sweep goes on", async () => {
  const store = memoryStore()
  const failing = (trial: Trial): Outcome =>
    trial.settings.hidden === 16 ? { kind: "failed", problem: "too wide" } : outcomeOf(trial)
  await finish(await Study.open(plan(), store), fakeWorkers(failing).workers)
  const { workers, trained } = fakeWorkers()
  const entries = await finish(await Study.open(plan(), store), workers)
  expect(trained.map(({ settings }) => settings.hidden)).toEqual([16])
  expect(entries[1].values).toHaveLength(1)
})

test("a point whose trials do not report the metric has failed", async () => {
  const { workers } = fakeWorkers()
  const metric = { name: "networkAlone", goal: "minimize" } as const
  const [entry] = await finish(await Study.open(plan({ metric }), memoryStore()), workers)
  expect(entry).toMatchObject({ values: [], problem: "it reports no networkAlone: change the plan's metric" })
})

test("a lost worker's trial is given again, and fails after the fifth time", async () => {
  const deaths = new Map<number, number>()
  const dying = (trial: Trial): Outcome => {
    const { hidden: size = 0 } = trial.settings
    const count = deaths.get(size) ?? 0
    if ((size === 24 && count < 4) || size === 32) {
      deaths.set(size, count + 1)
      throw new WorkerLostError("killed")
    }
    return outcomeOf(trial)
  }
  const entries = await finish(await Study.open(plan(), memoryStore()), fakeWorkers(dying).workers)
  expect(deaths).toEqual(
    new Map([
      [24, 4],
      [32, 5],
    ]),
  )
  expect(entries[2].values).toHaveLength(1)
  expect(entries[3].problem).toContain("died 5 times")
})

test("a sweep that is stopped tells nothing of the trials that it stopped", async () => {
  const store = memoryStore()
  const stopping = new AbortController()
  const { workers } = fakeWorkers((trial) => {
    if (trial.settings.hidden === 24) stopping.abort()
    return stopping.signal.aborted ? { kind: "stopped" } : outcomeOf(trial)
  })
  await finish(await Study.open(plan(), store), workers, stopping.signal)
  const { workers: others, trained } = fakeWorkers()
  expect(best(await finish(await Study.open(plan(), store), others))).toEqual({ hidden: 40 })
  expect(trained[0].settings.hidden).toBe(24)
})

test("the budget of steps or seconds ends a sweep", async () => {
  for (const [budget, count] of [
    [{ steps: 2700 }, 1],
    [{ steps: 2700 }, 8],
    [{ seconds: 3 }, 1],
  ] as const) {
    const { workers, trained } = fakeWorkers(outcomeOf, count)
    await finish(await Study.open(plan({ budget }), memoryStore()), workers)
    expect(trained).toHaveLength(3)
  }
})

test("a trial that was resumed uses up its budget with all its steps", async () => {
  const { workers, trained } = fakeWorkers((trial) => ({ ...outcomeOf(trial), taken: 100 }), 1)
  await finish(await Study.open(plan({ budget: { steps: 2700 } }), memoryStore()), workers)
  expect(trained).toHaveLength(3)
})

test("trials of another plan in the folder do not use up the budget", async () => {
  const store = memoryStore()
  await finish(await Study.open(plan(), store), fakeWorkers().workers)
  const { workers, trained } = fakeWorkers(outcomeOf, 1)
  const parameters = [{ name: "hidden", distribution: { values: [80, 88, 96] } }]
  const { space } = plan()
  const other = plan({ space: { ...space, parameters }, budget: { steps: 1800 } })
  await finish(await Study.open(other, store), workers)
  expect(trained.map(({ settings }) => settings.hidden)).toEqual([80, 88])
})

test("two sweeps do not share a folder at a time", async () => {
  const store = memoryStore()
  const study = await Study.open(plan(), store)
  await expect(Study.open(plan(), store)).rejects.toThrow("another training")
  await study.close()
})

test("the folder of a run is not that of a sweep", async () => {
  const store = memoryStore("runs/wide")
  await store.write("config.json", "{}")
  await expect(Study.open(plan(), store)).rejects.toThrow("runs/wide: this is the folder of a run")
})

test("a line of the journal that was edited is named", async () => {
  const store = memoryStore("runs/wide")
  for (const line of ["{}}", "{}", "null", "1"]) {
    await store.write(JOURNAL, `${line}\n`)
    await expect(Study.open(plan(), store)).rejects.toThrow(
      "runs/wide/sweep.jsonl: line 1: this is no line of a journal",
    )
  }
})

test("a teacher that was trained again makes other trials", async () => {
  const folder = mkdtempSync(join(tmpdir(), "makewave-study-"))
  const { space } = plan()
  const taught = plan({ space: { ...space, recipe: { ...space.recipe, teacher: folder } } })
  const names: string[] = []
  for (const content of ["one", "two", "two"]) {
    writeFileSync(join(folder, "checkpoint.safetensors"), content)
    names.push((await (await Study.open(taught, memoryStore())).next())!.name)
  }
  expect(names[1]).not.toBe(names[0])
  expect(names[2]).toBe(names[1])
  rmSync(folder, { recursive: true })
})
