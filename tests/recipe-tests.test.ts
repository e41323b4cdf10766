/** Recipes of a report tested against each other, by line and by seed: the same numbers as compare's, and what each form of the report says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type EvaluatedRun, evaluateRun } from "../src/experiments/evaluated-run.ts"
import type { Report } from "../src/experiments/report.ts"
import { averageOf, mean, pairedTest, welchTest } from "../src/experiments/statistics.ts"
import { runTraining } from "../src/runs/run-training.ts"
import type { Settings } from "../src/runs/settings.ts"
import { makewaveHere, objects } from "./command-line.ts"

let folder = ""
const at = (...names: string[]) => join(folder, ...names)
const makewave = (...args: string[]) => makewaveHere(["report", ...args], folder)
const evaluated = new Map<string, EvaluatedRun>()

/** In the order of the plan; by their losses the order is good, fair, poor. */
const recipes: Record<string, { settings: Settings; seeds: number[] }> = {
  poor: { settings: { steps: 3 }, seeds: [1, 2] },
  fair: { settings: { steps: 60 }, seeds: [1, 2, 3] },
  good: { settings: { steps: 300 }, seeds: [1, 2] },
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "makewave-recipe-tests-"))
  const syllables = ["ba", "lo", "mi", "ra", "tu", "ven"]
  const things = syllables.flatMap((a) => syllables.flatMap((b) => [a + b, a + b, b + a + a + b]))
  writeFileSync(at("things.txt"), things.join("\n"))
  writeFileSync(at("others.txt"), things.slice(0, 40).join("\n"))
  const given = {
    ...{ recipe: "lecture", model: "flat", context: 3, hidden: 8, duplicates: "apart" },
    data: at("things.txt"),
  } as const
  const train = async (name: string, settings: Settings) => {
    for await (const _ of runTraining({ given: { ...given, ...settings } as Settings, out: at(name) }));
  }
  const points: string[] = []
  for (const [name, { settings, seeds }] of Object.entries(recipes)) {
    const trials = seeds.map((seed) => `${name}-${seed}`)
    points.push(`${JSON.stringify({ plan: "1", point: settings, trials })}\n`)
    for (const [k, seed] of seeds.entries()) {
      await train(join("runs", trials[k]), { ...settings, seed })
      const run = at("runs", trials[k])
      evaluated.set(trials[k], await evaluateRun(run, { part: "validation", notice: () => {} }))
    }
  }
  writeFileSync(at("runs/sweep.jsonl"), points.join(""))
  await train("elsewhere/a", { steps: 30 })
  await train("elsewhere/other data", { steps: 3, data: at("others.txt") })
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

const reportOf = async (...args: string[]): Promise<Report> => {
  const { code, stdout, stderr } = await makewave(...args, "--tests", "--json", "--out", "report.html")
  expect([code, stderr.replace(/^.* …\n/gm, "")]).toEqual([0, ""]) // stages are told on a busy machine
  return objects(stdout)[0] as unknown as Report
}

const runsOf = (name: string) => recipes[name].seeds.map((seed) => evaluated.get(`${name}-${seed}`)!)
const lossesOf = (name: string) => runsOf(name).map(({ report }) => report.natsPerSymbol.value)

/** The lines of a recipe, all or those that are in the training part or not, by their mean losses. */
function linesOf(name: string, wanted?: boolean) {
  const runs = runsOf(name)
  const { losses, seen } = runs[0].lines
  return losses
    .map(({ symbols }, k) => ({ symbols, nats: mean(runs.map(({ lines }) => lines.losses[k].nats)) }))
    .filter((_, k) => wanted === undefined || seen![k] === wanted)
}

test("each recipe is tested against the best: by line with the means over its seeds, and by seed", async () => {
  const { entries, tests } = await reportOf()
  expect(tests).toEqual({ against: "first", row: "line", unevaluated: [] })
  expect(entries.map(({ runs: [first] }) => first)).toEqual(["good-1", "fair-1", "poor-1"])
  expect(entries[0].test).toBeUndefined()
  for (const [k, name] of ["good", "fair", "poor"].entries()) {
    const { unseen, seen, validation } = entries[k]
    const of = (what: "unseen" | "seen") =>
      averageOf(runsOf(name).map(({ report }) => report[what]!.natsPerSymbol.value))
    expect([unseen, seen]).toEqual([of("unseen"), of("seen")])
    expect(validation?.mean).toBeCloseTo(mean(lossesOf(name)), 5)
    if (k === 0) continue
    expect(entries[k].test).toEqual({
      against: "#1",
      ...pairedTest(linesOf("good"), linesOf(name)),
      unseen: pairedTest(linesOf("good", false), linesOf(name, false)),
      seen: pairedTest(linesOf("good", true), linesOf(name, true)),
      seeds: welchTest(lossesOf("good"), lossesOf(name)),
      verdict: expect.any(String),
    })
  }
  const { test } = entries[1]
  if (test === undefined || "problem" in test) throw new Error("it is not tested")
  expect(test.difference).toBeCloseTo(mean(lossesOf("fair")) - mean(lossesOf("good")), 12)
  expect(test.difference).toBeCloseTo(test.seeds!.difference, 12)
})

test("in the order of the plan each is tested against the first, the one before it, or that of a run", async () => {
  const against = async (...args: string[]) =>
    (await reportOf("--sort", "trial", ...args)).entries.map(
      ({ rank, test }) => `#${rank} ${test?.against ?? "-"}`,
    )
  expect(await against()).toEqual(["#3 -", "#2 #3", "#1 #3"])
  expect(await against("--against", "previous")).toEqual(["#3 -", "#2 #3", "#1 #2"])
  expect(await against("--against", "fair-3")).toEqual(["#3 #2", "#2 -", "#1 #2"])
  expect(await against("--against", "runs/good-2")).toEqual(["#3 #1", "#2 #1", "#1 -"])
})

test("a difference that seeds do not show is undecided, however clear it is by line", async () => {
  const { entries } = await reportOf("--where", "steps != 60", "--sort", "trial")
  const { test } = entries[1]
  expect(test).toMatchObject({ verdict: "better", p: expect.any(Number) })
  // The deviation over two seeds that are far apart is large.
  const name = at("runs/good-1/checkpoint.safetensors")
  const whole = readFileSync(name)
  writeFileSync(name, readFileSync(at("runs/poor-2/checkpoint.safetensors")))
  try {
    const { entries } = await reportOf("--where", "steps != 60", "--sort", "trial")
    const { test } = entries[1]
    if (test === undefined || "problem" in test) throw new Error("it is not tested")
    expect(test.p).toBeLessThan(0.05)
    expect(test.interval[1]).toBeLessThan(0)
    expect(test.seeds!.p).toBeGreaterThan(0.05)
    expect(test.verdict).toBe("undecided")
  } finally {
    writeFileSync(name, whole)
  }
})

test("all forms have the tests in columns, with what they mean", async () => {
  await makewave("--tests", "--sort", "trial", "--against", "previous")
  const [markdown, html] = ["md", "html"].map((end) => readFileSync(at(`runs/report.${end}`), "utf8"))
  expect(markdown).toMatch(
    /\| unseen \| seen \| against \| difference \| 95 %, by line \| p, by line \| 95 %, by seed \| p, by seed \| verdict \|/,
  )
  expect(markdown).toMatch(
    /\| #3 \| -0\.\d{4} \| -\d\.\d{4} to [-+]\d\.\d{4} \| [<\d. ]+ \| [-+]\d\.\d{4} to [-+]\d\.\d{4} \| [<\d. ]+ \| (better|undecided) \|/,
  )
  for (const text of [markdown, html]) {
    expect(text).toContain(
      "Each recipe is tested against the one before it by its losses on the validation part",
    )
    expect(text).toContain("Lines and seeds are two sources of chance: by line, ")
  }
  expect(markdown).toContain(
    ": with 2 tests, expect up to 0.1 such errors, as the p values are not corrected",
  )
  expect(markdown).not.toContain("The first was found to be the best")
  expect(markdown.match(/^\| *# .*$/m)?.[0].match(/\bsteps\b/g)).toHaveLength(1)
  expect(html).toContain("<button>verdict</button>")
  const { stdout, stderr } = await makewave("--tests", "--where", "seed = 1")
  expect(stdout).toMatch(
    /^# +validation +runs +unseen +seen +against +difference +95 %, by line +p, by line +verdict/,
  )
  expect(stderr).toContain("The first was found to be the best on the same lines")
  expect(stdout).toMatch(/ (better|worse), one seed /)
  expect(markdown).not.toContain("one seed")
  expect(stderr).toContain('by each of these tests, with "one seed" by line alone; undecided is within noise')
  expect(stderr).toContain("; only several seeds of both show whether the recipes differ in other trainings.")
})

test("what cannot be tested is told: other data, and runs without a checkpoint", async () => {
  const { entries } = await reportOf("elsewhere", "--sort", "run")
  expect(entries[1].test).toEqual({
    against: expect.stringMatching(/^#[12]$/),
    problem: expect.stringMatching(/^#[12] and #[12] were trained on different data \(/),
  })
  const checkpoint = at("elsewhere/a/checkpoint.safetensors")
  const whole = readFileSync(checkpoint)
  rmSync(checkpoint)
  const without = await reportOf("elsewhere", "--sort", "run")
  expect(without.tests?.unevaluated).toMatchObject([
    { run: expect.stringContaining("elsewhere/a"), problem: expect.stringContaining("checkpoint") },
  ])
  expect(without.entries[1].test).toMatchObject({
    problem: expect.stringMatching(/^#\d could not be evaluated$/),
  })
  const said = await makewave("elsewhere", "--tests", "--sort", "run")
  expect(said.stderr).toContain("1 recipe could not be tested, as #")
  expect(said.stderr).toContain("1 run could not be evaluated, such as ")
  const alone = await makewave("elsewhere/a", "--tests")
  expect([alone.code, alone.stdout]).toEqual([1, ""])
  expect(alone.stderr).toContain("checkpoint")
  writeFileSync(checkpoint, whole)
})

test("a running text whose validation part is one passage is not tested", async () => {
  writeFileSync(at("short.txt"), "the cat sat on the mat and slept\n".repeat(60))
  for (const order of [2, 3]) {
    const given = { data: at("short.txt"), running: true, model: "ngram", order } as Settings
    for await (const _ of runTraining({ given, out: at("short", String(order)) }));
  }
  const { entries, tests } = await reportOf("short")
  expect(tests).toMatchObject({ row: "passage", unevaluated: [] })
  expect(entries[1].test).toEqual({
    against: "#1",
    problem: "the validation part is 1 passage, too short to test a difference of #1 and #2: 6 are the least",
  })
})

test("data that was changed is found where --data says, by compare too, and other data is refused", async () => {
  const lines = readFileSync(at("things.txt"), "utf8")
  writeFileSync(at("kept.txt"), lines)
  writeFileSync(at("things.txt"), lines.replace("ba", "xx"))
  try {
    const compare = (...args: string[]) =>
      makewaveHere(["compare", "runs/good-1", "runs/poor-1", ...args], folder)
    expect((await compare()).stderr).toMatch(
      /things\.txt has changed since the training of runs\/good-1: .* say with --data where a copy is, or train anew\n$/,
    )
    const [{ runs }] = objects((await compare("--data", "kept.txt", "--json")).stdout)
    expect(runs).toMatchObject(
      ["good-1", "poor-1"].map((name) => ({ loss: evaluated.get(name)!.report.natsPerSymbol })),
    )
    expect((await compare("--data", "others.txt")).stderr).toContain(
      "--data others.txt: this is not the list that runs/good-1 was trained on: give that\n",
    )
    const { entries } = await reportOf("--data", "kept.txt")
    expect(entries[0].seen).toBeDefined()
  } finally {
    writeFileSync(at("things.txt"), lines)
  }
})

test.each([
  [["--data", "x.txt"], "--data x.txt: without --tests nothing is evaluated: give it too"],
  [["--against", "first"], "--against first: without --tests nothing is evaluated: give it too"],
  [
    ["--tests", "--against", "elsewhere/a"],
    "--against elsewhere/a: this is none of the runs of the report: give first, previous, or a run such as good-1",
  ],
  [
    ["--tests", "--format", "csv"],
    "--tests: csv has no leaderboard: leave out --tests, or give --format html",
  ],
])("%j is refused in a sentence", async (args, sentence) => {
  const { code, stdout, stderr } = await makewave(...args)
  expect([code, stdout, stderr]).toEqual([1, "", `error: ${sentence}\n`])
})
