/** Runs beside each other: what differs, which differences are more than chance, seeds, and the openings of the test part. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { compareRuns, letterOf, type RunTest } from "../src/experiments/comparison.ts"
import { namesByDifference } from "../src/experiments/differences.ts"
import type { EvaluatedRun } from "../src/experiments/evaluated-run.ts"
import { mean, pairedTest, standardDeviation, welchTest } from "../src/experiments/statistics.ts"
import { Generator } from "../src/random/torch.ts"
import { resolveRecipe } from "../src/runs/recipe.ts"
import { runTraining } from "../src/runs/run-training.ts"
import type { Settings } from "../src/runs/settings.ts"
import { evaluationReport, type LineLoss } from "../src/training/evaluation-report.ts"
import { makewaveHere, objects } from "./command-line.ts"

const generator = new Generator(3)
const base = Array.from({ length: 200 }, (): LineLoss => {
  const symbols = 3 + Math.floor(8 * generator.nextUniform())
  return { symbols, nats: 2 * symbols + 2 * generator.nextNormal() }
})
const noise = base.map(() => generator.nextNormal())

/** A run that loses so much more a line than `base`, and as much more again or less by chance. */
const evaluated = (
  folder: string,
  {
    more = 0,
    spread = 0,
    seen,
    ...settings
  }: Settings & { more?: number; spread?: number; seen?: boolean[] } = {},
  sha256 = "same",
): EvaluatedRun => {
  const losses = base.map(({ nats, symbols }, k) => ({ symbols, nats: nats + more + spread * noise[k] }))
  const lines = seen && losses.map((_, k) => (seen[k] ? "seen" : `line ${k}`))
  return {
    folder,
    config: {
      recipe: resolveRecipe({ recipe: "lecture", model: "flat", ...settings }),
      data: { lines: 200, sha256 },
      vocabulary: ["a"],
    },
    parameters: 100,
    steps: 1000,
    finished: true,
    report: evaluationReport(losses, lines && { lines, seen: ["seen"] }),
    lines: { losses, sha256, ...(seen && { seen }) },
  }
}

const testsOf = (...runs: EvaluatedRun[]) => compareRuns(runs, "validation").tests as RunTest[]

test("a difference is more than chance where both tests agree, and else none can be shown", () => {
  const [better, worse, undecided, same] = testsOf(
    evaluated("first"),
    evaluated("better", { more: -0.1, spread: 0.3 }),
    evaluated("worse", { more: 0.1, spread: 0.3 }),
    evaluated("undecided", { more: 0.001, spread: 0.3 }),
    evaluated("same"),
  )
  expect([better, worse, undecided, same].map(({ verdict }) => verdict)).toEqual([
    "better",
    "worse",
    "undecided",
    "same",
  ])
  const shift = (0.1 * base.length) / base.reduce((sum, { symbols }) => sum + symbols, 0)
  expect(Math.abs(better.difference + shift)).toBeLessThan(3 * better.standardError!)
  expect(better).toMatchObject({ name: "b", run: "better", against: "first" })
  expect(better.sentence).toMatch(
    /^b is better than a by 0\.\d{4} ± 0\.\d{4} nats per symbol: more than chance \(p < 0\.0001\)$/,
  )
  expect(worse.sentence).toMatch(/^c is worse than a by /)
  expect(undecided.sentence).toMatch(
    /^no difference can be shown: the loss of d is (lower|higher) than that of a by 0\.\d{4} ± 0\.\d{4} nats per symbol \(p = 0\.\d+\)$/,
  )
  expect(same.sentence).toBe("e and a have the same loss on every line")
})

test("one test alone is not enough, and the sentence says which one it is", () => {
  // A few lines are much better, all others slightly worse: ranks and totals disagree.
  const first = evaluated("first")
  const losses = base.map(({ nats, symbols }, k) => ({ symbols, nats: nats + (k % 20 === 0 ? -1.5 : 0.05) }))
  const [mixed] = testsOf(first, { ...first, folder: "mixed", lines: { ...first.lines, losses } })
  expect(mixed.p).toBeLessThan(0.05)
  expect(mixed.interval[0] * mixed.interval[1]).toBeLessThan(0)
  expect(mixed.verdict).toBe("undecided")
  expect(mixed.sentence).toContain("no difference can be shown, though Wilcoxon's test alone sees one: ")
})

test("lines of the training part are tested apart", () => {
  const seen = base.map((_, k) => k % 4 === 0)
  const first = evaluated("first", { seen })
  const losses = first.lines.losses.map(({ nats, symbols }, k) => ({
    symbols,
    nats: nats + (seen[k] ? -1 : 0.01 * noise[k]),
  }))
  const second: EvaluatedRun = {
    ...first,
    folder: "memorized",
    report: evaluationReport(losses),
    lines: { ...first.lines, losses },
  }
  const { runs, tests } = compareRuns([first, second], "validation")
  const only = (wanted: boolean) => (_: LineLoss, k: number) => seen[k] === wanted
  const apart = (wanted: boolean) =>
    pairedTest(first.lines.losses.filter(only(wanted)), losses.filter(only(wanted)))
  expect(tests[0]).toMatchObject({ unseen: apart(false), seen: apart(true) })
  expect((tests[0] as RunTest).unseen?.p).toBeGreaterThan(0.05)
  expect((tests[0] as RunTest).seen?.p).toBeLessThan(0.0001)
  expect(runs[0].unseen).toEqual(first.report.unseen?.natsPerSymbol)
  expect(runs[0].seen).toEqual(first.report.seen?.natsPerSymbol)
})

test("labels make other data, but no other lines", () => {
  const first = evaluated("first")
  const labelled = evaluated("labelled", { more: 0.1 }, "with labels")
  const [test] = testsOf(first, { ...labelled, lines: { ...labelled.lines, sha256: first.lines.sha256 } })
  expect(test).toMatchObject({ name: "b", verdict: "worse" })
})

test("where lines cannot be paired, a sentence says why", () => {
  const first = evaluated("first")
  const { tests } = compareRuns(
    [
      first,
      evaluated("other data", { data: "languages" }, "other"),
      evaluated("other parts", { splitSeed: 7 }),
      { ...first, lines: { ...first.lines, losses: first.lines.losses.slice(1) } },
      { ...first, config: { ...first.config, vocabulary: { tokens: "bytes" } } },
    ],
    "validation",
  )
  const consequence =
    "so there are no lines to compare them by; their losses can be compared roughly, by the standard errors"
  expect(tests).toEqual([
    {
      ...{ name: "b", run: "other data", against: "first" },
      problem: `a and b were trained on different data (names and languages, by their hashes), ${consequence}`,
    },
    {
      ...{ name: "c", run: "other parts", against: "first" },
      problem: `a and c split the data differently (--split-seed 42 and 7), ${consequence}`,
    },
    {
      ...{ name: "d", run: "first", against: "first" },
      problem: `a and d predict different symbols of the same data, ${consequence}`,
    },
    {
      ...{ name: "e", run: "first", against: "first" },
      problem: "a and e have different vocabularies: their losses do not compare",
    },
  ])
})

test("words of different vocabularies do not compare, on different data neither", () => {
  const words = (folder: string, vocabulary: string[], sha256?: string): EvaluatedRun => {
    const run = evaluated(folder, { tokens: "words" }, sha256)
    return { ...run, config: { ...run.config, vocabulary: { tokens: "words", words: vocabulary } as never } }
  }
  const { tests } = compareRuns(
    [words("many", ["the", "of"]), words("few", ["the"]), words("other", ["the"], "other")],
    "validation",
  )
  expect(tests).toMatchObject([
    { problem: "a and b have different vocabularies: their losses do not compare" },
    { problem: "a and c have different vocabularies: their losses do not compare" },
  ])
})

test("a part of one line is too short for a test, but not for its losses", () => {
  const [first, second] = [evaluated("first"), evaluated("second", { more: 0.1 })].map((run) => ({
    ...run,
    lines: { ...run.lines, losses: run.lines.losses.slice(0, 1) },
  }))
  const { tests, runs } = compareRuns([first, second], "validation")
  expect(tests).toEqual([
    {
      ...{ name: "b", run: "second", against: "first" },
      problem: "the validation part is 1 line, too short to test a difference of a and b: 6 are the least",
    },
  ])
  expect(runs).toHaveLength(2)
})

test("runs that differ only in their seed are summarized, and the settings that differ are listed", () => {
  const runs = [
    evaluated("a1", { seed: 1, more: 0.1 }),
    evaluated("other", { hidden: 7, more: 0.2 }),
    evaluated("a2", { seed: 2, more: 0.3, threads: 2, logEvery: 50 }),
    evaluated("a1 again", { seed: 1, more: 0.1 }),
    evaluated("a3", { seed: 3, more: 0.2 }),
    evaluated("a4 of other data", { seed: 4 }, "other"),
  ]
  const { seeds, settings } = compareRuns(runs, "validation")
  const losses = [3, 2, 4].map((k) => runs[k].report.natsPerSymbol.value)
  const [group, ...others] = seeds
  expect(others).toEqual([])
  expect(group).toMatchObject({ names: ["d", "c", "e"], runs: ["a1 again", "a2", "a3"], seeds: [1, 2, 3] })
  expect(group.mean).toBeCloseTo(mean(losses), 12)
  expect(group.standardDeviation).toBeCloseTo(standardDeviation(losses), 12)
  expect(group.interval[1] - group.mean).toBeCloseTo(
    (4.302652729749462 * group.standardDeviation) / Math.sqrt(3),
    9,
  )
  expect(settings).toEqual({
    hidden: [200, 7, 200, 200, 200, 200],
    seed: [1, 42, 2, 1, 3, 4],
    threads: [null, null, 2, null, null, null],
    logEvery: [100, 100, 50, 100, 100, 100],
  })
})

test("recipes with several seeds are tested against each other, on the same data only", () => {
  const run = (hidden: number, seed: number, more: number, sha256?: string) =>
    evaluated(`${hidden}-${seed}`, { hidden, seed, more }, sha256)
  const runs = [
    ...[run(8, 1, 0), run(8, 2, 0.02), run(9, 1, -0.3), run(9, 2, -0.32), run(7, 1, 0.03)],
    ...[run(6, 1, -0.4), run(6, 2, 0.4), run(5, 1, 0, "other"), run(5, 2, 0.1, "other")],
  ]
  const { seedTests, seeds } = compareRuns(runs, "validation")
  expect(seeds).toHaveLength(4)
  const losses = (...places: number[]) => places.map((k) => runs[k].report.natsPerSymbol.value)
  expect(seedTests).toMatchObject([
    { names: ["c", "d"], against: ["a", "b"], verdict: "better", ...welchTest(losses(0, 1), losses(2, 3)) },
    {
      names: ["f", "g"],
      against: ["a", "b"],
      verdict: "undecided",
      ...welchTest(losses(0, 1), losses(5, 6)),
    },
  ])
  expect(seedTests[0].sentence).toMatch(
    /^over seeds, the recipe of c d is better than that of a b by 0\.\d{4} ± 0\.\d{4} nats per symbol: more than chance \(p = 0\.\d+\)$/,
  )
  expect(seedTests[1].sentence).toMatch(
    /^over seeds, no difference can be shown: the mean of f g is (lower|higher) than that of a b by /,
  )
})

test("names go on after z", () => {
  expect([0, 25, 26, 51, 52, 701, 702].map(letterOf)).toEqual(["a", "z", "aa", "az", "ba", "zz", "aaa"])
})

test("runs are named by what tells them apart", () => {
  const names = (...settings: Settings[]) =>
    namesByDifference(
      settings.map((each, k) => ({
        folder: `sweep/run-${k}`,
        recipe: resolveRecipe({ recipe: "lecture", model: "flat", ...each }),
      })),
    )
  expect(names({ seed: 1, threads: 2 }, { seed: 2 })).toEqual(["seed 1", "seed 2"])
  expect(names({ hidden: 64, data: "a/b/things.txt" }, { hidden: 96 })).toEqual([
    "data things.txt, hidden 64",
    "data names, hidden 96",
  ])
  expect(names({ clipNorm: 1 }, {})).toEqual(["clipNorm 1", "no clipNorm"])
  expect(names({}, { model: "gru", embedding: 3, optimizer: "adamw", hidden: 9 })).toEqual(["flat", "gru"])
  const gru = { model: "gru", embedding: 3, optimizer: "adamw", hidden: 9 } as const
  expect(names({}, { ...gru, seed: 1 }, { ...gru, seed: 2 })).toEqual([
    "flat, seed 42",
    "gru, seed 1",
    "gru, seed 2",
  ])
  const far = {
    embedding: 3,
    hidden: 9,
    context: 4,
    batchSize: 7,
    learningRate: 0.3,
    steps: 7,
    momentum: 0.5,
  }
  expect(names({}, far)).toEqual(["run-0", "run-1"])
  expect(names({}, {})).toEqual(["run-0", "run-1"])
})

describe("the command", () => {
  let folder = ""
  const at = (name: string) => join(folder, name)
  const makewave = (...args: string[]) => makewaveHere(args, folder)
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "makewave-comparison-"))
    const syllables = ["ba", "lo", "mi", "ra", "tu", "ven"]
    const things = syllables.flatMap((a) => syllables.flatMap((b) => [a + b, a + b + a, b + a + a + b]))
    writeFileSync(at("things.txt"), things.join("\n"))
    const given = { recipe: "lecture", model: "flat", context: 3, hidden: 8, data: at("things.txt") } as const
    for (const [name, settings] of Object.entries({
      long: { steps: 300 },
      short: { steps: 3 },
      again: { steps: 3, seed: 7 },
      longer: { steps: 300, seed: 7 },
      counted: { model: "ngram", context: undefined, hidden: undefined },
    }))
      for await (const _ of runTraining({ given: { ...given, ...settings } as Settings, out: at(name) }));
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  test("prints the settings, the losses, the tests and what they say", async () => {
    const { code, stdout, stderr } = await makewave("compare", "long", "short", "counted")
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toMatch(/^a {2}long\nb {2}short\nc {2}counted\n\nsetting +a +b +c\n/)
    expect(stdout).toMatch(/\nmodel +flat +flat +ngram\n/)
    expect(stdout).toMatch(/\nsteps +300 +3 +-\n/)
    expect(stdout).toMatch(
      /\n +parameters +steps +validation, nats\/symbol\na +\d+ +300 +\d\.\d{4} ± \d\.\d{4}\n/,
    )
    expect(stdout).toMatch(/\nb +\+\d\.\d{4} ± \d\.\d{4} +\+\d\.\d{4} to \+\d\.\d{4} +[<\d. ]+\n/)
    expect(stdout).toMatch(
      /\nb is worse than a by \d\.\d{4} ± \d\.\d{4} nats per symbol: more than chance \(p/,
    )
    expect(stdout).toContain(
      "These tests compare the models. Only several seeds show whether the recipes differ.",
    )
  })

  test("--json has the same, and the losses that evaluate gives", async () => {
    const [{ runs, tests, seeds, part }] = objects(
      (await makewave("compare", "short", "again", "long", "--json")).stdout,
    ) as unknown as ReturnType<typeof compareRuns>[]
    expect(part).toBe("validation")
    for (const { run, loss } of runs) {
      const [{ reports }] = objects((await makewave("evaluate", run, "--json")).stdout) as {
        reports: Record<string, { natsPerSymbol: unknown }>
      }[]
      expect(loss).toEqual(reports.validation.natsPerSymbol)
    }
    expect(tests[1]).toMatchObject({
      ...{ name: "c", run: "long", verdict: "better" },
      ...{ difference: expect.any(Number), standardError: expect.any(Number), p: expect.any(Number) },
      interval: [expect.any(Number), expect.any(Number)],
    })
    const { difference } = tests[1] as RunTest
    expect(difference).toBeCloseTo(runs[2].loss.value - runs[0].loss.value, 12)
    expect(seeds).toMatchObject([{ names: ["a", "b"], seeds: [42, 7] }])
  })

  test("two recipes of two seeds are tested over seeds, and one with one seed is not", async () => {
    const only = "Only several seeds show whether the recipes differ."
    const { stdout } = await makewave("compare", "short", "again", "long", "longer")
    expect(stdout).toMatch(
      /\nover seeds +difference to a b +95 % interval +p\nc d +-\d\.\d{4} ± \d\.\d{4} +-\d/,
    )
    expect(stdout.match(/^± is the standard error over lines$/gm)).toHaveLength(2)
    expect(stdout).toMatch(/\nc d .*\n± is the standard error over seeds\n/)
    expect(stdout).toMatch(/\nover seeds, .*c d .* a b by \d\.\d{4}/)
    expect(stdout).not.toContain(only)
    expect((await makewave("compare", "short", "again")).stdout).not.toContain(only)
    expect((await makewave("compare", "short", "again", "long")).stdout).toContain(only)
  })

  test("a run that is not finished is told, with its steps", async () => {
    cpSync(at("long"), at("paused"), { recursive: true })
    const config = readFileSync(at("paused/config.json"), "utf8")
    writeFileSync(at("paused/config.json"), config.replace('"steps": 300', '"steps": 900'))
    const { stdout } = await makewave("compare", "short", "paused")
    expect(stdout).toMatch(/\nb +\d+ +300\/900 /)
    expect(stdout).toContain("b is not finished, so its loss may still fall: train --resume goes on with it")
    const [{ runs }] = objects((await makewave("compare", "short", "paused", "--json")).stdout)
    expect(runs).toMatchObject([
      { steps: 3, plannedSteps: 3, finished: true },
      { steps: 300, plannedSteps: 900, finished: false },
    ])
    expect((await makewave("ensemble", "short", "paused", "--out", "of-paused")).stderr).toContain(
      "paused: it is not finished, at 300/900 steps: train --resume paused goes on with it\n",
    )
  })

  test("an ensemble of one run is told, and a run that is named twice", async () => {
    const said = async (...args: string[]) => (await makewave("ensemble", ...args)).stderr
    const one = "long: an ensemble of one run predicts what the run does: name others beside it\n"
    expect(await said("long", "--out", "e1")).toContain(one)
    expect(await said("long", "./long", "--out", "e2")).toContain(one)
    expect(await said("long", "--mix-order", "3", "--out", "e3")).not.toContain("ensemble of one run")
    expect(await said("long", "short", "long", "--out", "e4")).toContain(
      "the same run is named more than once, which gives it more weight: --weights does that too\n",
    )
  })

  test.each(["compare", "evaluate", "plot", "ensemble"])(
    "%s leaves out the files of a sweep's folder",
    async (command) => {
      writeFileSync(at("sweep.jsonl"), "")
      writeFileSync(at("report.html"), "")
      const { code, stderr } = await makewave(command, "long", "report.html", "short", "sweep.jsonl")
      expect([code, stderr]).toEqual([
        0,
        expect.stringContaining("report.html, sweep.jsonl: no folders, so no runs: they are left out\n"),
      ])
      expect((await makewave(command, "sweep.jsonl")).code).toBe(1)
      rmSync(at("runs"), { recursive: true, force: true })
    },
  )

  test("plot draws several runs in one chart, named by what differs", async () => {
    const { stdout, stderr } = await makewave("plot", "long", "short", "again", "--svg", "losses.svg")
    expect(stdout).toMatch(/^Training loss, nats per symbol\n\n/)
    const names = ["seed 42, steps 300", "seed 42, steps 3", "seed 7, steps 3"]
    const legend = stdout.trimEnd().split("\n").at(-1)!
    for (const name of names) expect(legend).toMatch(new RegExp(`${name}( {3}|$)`))
    expect(stderr).toBe("\nThe chart is in losses.svg\n")
    for (const name of names) expect(readFileSync(at("losses.svg"), "utf8")).toContain(`>${name}<`)
    expect(readdirSync(at("long"))).not.toContain("loss.svg")
    const [{ runs }] = objects((await makewave("plot", "long", "again", "--json")).stdout) as {
      runs: Record<string, unknown>[]
    }[]
    for (const { run, name: _, ...curves } of runs) {
      const [{ picture: __, run: ___, ...alone }] = objects(
        (await makewave("plot", String(run), "--json")).stdout,
      )
      expect(curves).toEqual(alone)
    }
    const refused = await makewave("plot", "long", "counted")
    expect([refused.code, refused.stdout]).toEqual([1, ""])
    expect(refused.stderr).toContain("counted: there are no batch losses to plot")
  })

  test("evaluate prints one table of several runs, and an object for each", async () => {
    const { stdout, stderr } = await makewave("evaluate", "long", "counted", "--part", "train", "validation")
    expect(stderr).toBe("")
    expect(stdout).toMatch(/^a {2}long after 300 steps\nb {2}counted\n\n +lines +nats\/symbol/)
    const rows = stdout.trimEnd().split("\n").slice(4)
    expect(rows.map((row) => row.split(/ {2,}/)[0])).toEqual([
      "a train",
      "a validation",
      "b train",
      "b validation",
    ])
    const each = await makewave("evaluate", "long", "counted", "--json")
    const alone = await makewave("evaluate", "counted", "--json")
    expect(each.stdout.split("\n")[1]).toBe(alone.stdout.trimEnd())
    expect(objects(each.stdout).map(({ run }) => run)).toEqual(["long", "counted"])
    const markdown = (await makewave("evaluate", "long", "counted", "--markdown")).stdout
    expect(markdown).toMatch(/^- a: long after 300 steps\n- b: counted\n\n\| {2}\| lines \|/)
  })

  test("the test part is opened by name, and each opening is noted in the run", async () => {
    expect(readdirSync(at("long"))).not.toContain("test-openings.jsonl")
    expect((await makewave("compare", "long", "short", "--part", "test")).stderr).toBe("")
    const { stderr, stdout } = await makewave(
      "evaluate",
      "long",
      "counted",
      "--part",
      "validation",
      "test",
      "--json",
    )
    expect(stderr).toBe("long: its test part was opened once before: choose nothing by its loss\n")
    expect(objects(stdout)[0]).toHaveProperty("test")
    expect((await makewave("compare", "long", "short", "--part", "test")).stderr).toBe(
      "long: its test part was opened 2 times before: choose nothing by its loss\n" +
        "short: its test part was opened once before: choose nothing by its loss\n",
    )
    const openings = objects(readFileSync(at("long/test-openings.jsonl"), "utf8"))
    expect(openings.map(({ command }) => String(command).replace(/^.*?(?=compare|evaluate)/, ""))).toEqual([
      "compare long short --part test",
      "evaluate long counted --part validation test --json",
      "compare long short --part test",
    ])
    for (const { when } of openings)
      expect(Math.abs(Date.now() - Date.parse(String(when)))).toBeLessThan(600_000)
    await makewave("evaluate", "long", "--part", "train")
    expect(objects(readFileSync(at("long/test-openings.jsonl"), "utf8"))).toHaveLength(3)
  })

  test("an opening that cannot be noted is none", async () => {
    const blocked = at("again/test-openings.jsonl")
    mkdirSync(blocked)
    const { code, stdout, stderr } = await makewave("evaluate", "again", "--part", "test")
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toContain("test-openings.jsonl")
    rmSync(blocked, { recursive: true })
  })

  test.each([
    [
      [],
      "compare: there is nothing to compare: give the folders of at least two runs, such as runs/a runs/b",
    ],
    [["long"], "long: one run alone cannot be compared: name another beside it"],
    [
      ["long", "nowhere"],
      "nowhere: there is no run here: give the folder of a run, such as runs/NAME; models of the package: base, challenge",
    ],
    [
      ["long", "short", "--part", "tests"],
      "--part tests: give train, validation or test; did you mean test?",
    ],
  ])("compare %j is refused in a sentence", async (args, sentence) => {
    const { code, stdout, stderr } = await makewave("compare", ...args)
    expect([code, stdout, stderr]).toEqual([1, "", `error: ${sentence}\n`])
  })
})
