/** Runs at a glance: what the listing reads of run folders, which conditions it takes, and what it says of broken ones. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { listRuns } from "../src/experiments/listing.ts"
import { runsCsv } from "../src/experiments/runs-csv.ts"
import { resolveRecipe } from "../src/runs/recipe.ts"
import { Run } from "../src/runs/run.ts"
import { type RunConfig, showConfig } from "../src/runs/run-config.ts"
import type { Settings } from "../src/runs/settings.ts"
import { beginMakewave, makewaveHere, objects, THINGS } from "./command-line.ts"

let folder = ""
const at = (...names: string[]) => join(folder, ...names)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-listing-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

const configOf = (settings: Settings, more: Partial<RunConfig> = {}): RunConfig => ({
  recipe: resolveRecipe({ recipe: "lecture", model: "flat", steps: 1000, ...settings }),
  data: { lines: 3, sha256: "" },
  vocabulary: ["a", "b", "c"],
  parameters: 100,
  ...more,
})

const line = (metrics: object) => `${JSON.stringify(metrics)}\n`
const losses = Array.from({ length: 10 }, (_, k) => line({ step: 100 * k, loss: 2 - k / 10, rate: 0.1 }))
const validated = line({ step: 1000, validation: 1.25 })
const end = line({ step: 1000, train: 1.1, validation: 1.2, seconds: 12.5 })

/** Writes a run of these files, last changed `time` seconds after an epoch. */
function write(name: string, files: Record<string, string>, time = 0): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(at(name, file)), { recursive: true })
    writeFileSync(at(name, file), content)
    utimesSync(at(name, file), 1.7e9 + time, 1.7e9 + time)
  }
}

const finished = (settings: Settings, more?: Partial<RunConfig>, last = end) => ({
  "config.json": showConfig(configOf(settings, more)),
  "metrics.jsonl": [...losses, validated, last].join(""),
})

const makewave = (...args: string[]) => makewaveHere(["runs", ...args], folder)

test("a row has what the config and the end of the metrics tell, the newest first", async () => {
  write("runs/finished", finished({ data: "some/where/things.txt", hidden: 64 }), 1)
  write("runs/first/1a2b3c", finished({ seed: 7 }, { parameters: 99_999 }), 3)
  write(
    "runs/broken-off",
    { ...finished({}), "metrics.jsonl": [...losses, validated, losses[9]].join("") },
    2,
  )
  write("runs/torn", { ...finished({}), "metrics.jsonl": `${losses.join("")}{"step":1000,"lo` }, 0)
  write("runs/just-begun", { "config.json": showConfig(configOf({})) }, -1)
  const { rows, broken } = await listRuns(at("runs"))
  expect(broken).toEqual([])
  expect(rows.map(({ recipe: _, ...row }) => row)).toEqual([
    {
      run: at("runs/first/1a2b3c"),
      ...{ model: "flat", data: "names", tokens: "characters", parameters: 99_999, taken: 1000, steps: 1000 },
      ...{ train: 1.1, validation: 1.2, seconds: 12.5, when: "2023-11-14T22:13:23.000Z", state: "finished" },
    },
    {
      run: at("runs/broken-off"),
      ...{
        model: "flat",
        data: "names",
        tokens: "characters",
        parameters: 100,
        taken: 901,
        steps: 1000,
        validation: 1.25,
      },
      ...{ when: "2023-11-14T22:13:22.000Z", state: "stopped" },
    },
    {
      run: at("runs/finished"),
      ...{
        model: "flat",
        data: "things.txt",
        tokens: "characters",
        parameters: 100,
        taken: 1000,
        steps: 1000,
      },
      ...{ train: 1.1, validation: 1.2, seconds: 12.5, when: "2023-11-14T22:13:21.000Z", state: "finished" },
    },
    {
      run: at("runs/torn"),
      ...{ model: "flat", data: "names", tokens: "characters", parameters: 100, taken: 901, steps: 1000 },
      ...{ when: "2023-11-14T22:13:20.000Z", state: "stopped" },
    },
    {
      run: at("runs/just-begun"),
      ...{ model: "flat", data: "names", tokens: "characters", parameters: 100, taken: 0, steps: 1000 },
      ...{ when: "2023-11-14T22:13:19.000Z", state: "stopped" },
    },
  ])
  expect((await listRuns(at("runs/first/1a2b3c"))).rows).toEqual([rows[0]])
})

test("a link to what is listed anyway, or to a folder above, lists no run again", async () => {
  write("runs/plain", finished({}))
  write("runs/wide/1a2b3c", finished({ seed: 7 }))
  write("elsewhere", finished({ seed: 8 }))
  for (const [name, to] of Object.entries({
    above: "..",
    itself: ".",
    again: "plain",
    trial: "wide/1a2b3c",
    other: "../elsewhere",
  }))
    symlinkSync(to, at("runs", name))
  const { rows } = await listRuns(at("runs"))
  const names = rows.map(({ run }) => run.slice(at("runs").length + 1))
  expect(names.filter((name) => !/^(above\/elsewhere|other)$/.test(name)).sort()).toEqual([
    "plain",
    "wide/1a2b3c",
  ])
  expect(names).toHaveLength(3)
})

test("of long metrics only the end is read: a line that its beginning cuts in two does not count", async () => {
  const many = Array.from({ length: 1000 }, (_, step) => line({ step, loss: 2, rate: 0.1 })).join("")
  write("runs/long", { ...finished({}), "metrics.jsonl": line({ step: 0, validation: 9 }) + many + end })
  write("runs/going-on", { ...finished({}), "metrics.jsonl": `${validated}${many}\n\n` })
  write("runs/one-line", { ...finished({}), "metrics.jsonl": line({ step: 7, loss: 1, note: 1 }) })
  const { rows, broken } = await listRuns(at("runs"))
  expect(broken).toEqual([])
  const seen = rows.map(({ run, taken, validation }) => [run.slice(at("runs").length + 1), taken, validation])
  expect(Object.fromEntries(seen.map(([name, ...found]) => [name, found]))).toEqual({
    long: [1000, 1.2],
    "going-on": [1000, undefined],
    "one-line": [8, undefined],
  })
})

test("patience ends a run early, a pause does not", async () => {
  const early = line({ step: 400, train: 1.1, validation: 1.2, seconds: 1 })
  write("runs/patient", finished({ patience: 2 }, {}, early))
  write("runs/paused", finished({}, {}, early))
  const { rows } = await listRuns(at("runs"))
  const stateOf = (name: string) => rows.find(({ run }) => run === at("runs", name))?.state
  expect([stateOf("patient"), stateOf("paused")]).toEqual(["finished", "stopped"])
})

test("a run of an earlier version: its parameters are counted, and its last line has a training loss", async () => {
  const old = line({ step: 1000, train: 1.1, validation: 1.2 })
  write("runs/old", finished({ hidden: 8, embedding: 4, context: 3 }, { parameters: undefined }, old))
  write("runs/counts", {
    "config.json": showConfig({
      ...configOf({}),
      recipe: resolveRecipe({ model: "ngram" }),
      parameters: undefined,
    }),
    "metrics.jsonl": line({ step: 0, train: 1, validation: 2 }),
  })
  const { rows } = await listRuns(at("runs"))
  expect(rows.find(({ model }) => model === "flat")).toMatchObject({
    // 4 symbols of 4 numbers, 12 x 8, batch normalization of 8, 8 x 4 with a bias
    parameters: 16 + 96 + 16 + 36,
    state: "finished",
  })
  expect(rows.find(({ model }) => model === "ngram")).toMatchObject({
    parameters: undefined,
    state: "finished",
  })
})

test("a run is training while a process trains into its folder, and looking takes no lock", async () => {
  const store = at("runs/busy")
  const run = await Run.create(store, configOf({}))
  expect((await listRuns(at("runs"))).rows[0].state).toBe("training")
  await run.close()
  expect((await listRuns(at("runs"))).rows[0].state).toBe("stopped")
  writeFileSync(at("runs/busy/lock.999999999.1.0123456789ab"), ".") // of another machine, just touched
  expect((await listRuns(at("runs"))).rows[0].state).toBe("training")
  utimesSync(at("runs/busy/lock.999999999.1.0123456789ab"), 1.7e9, 1.7e9)
  expect((await listRuns(at("runs"))).rows[0].state).toBe("stopped")
  expect(readdirSync(at("runs/busy"))).toContain("lock.999999999.1.0123456789ab")

  writeFileSync(at("things.txt"), THINGS)
  const args = [
    "train",
    "things.txt",
    "--model",
    "flat",
    "--steps",
    "1000000",
    "--out",
    "runs/other",
    "--json",
  ]
  const { child, ended } = beginMakewave(args, folder)
  await new Promise((resolve) => child.stdout.once("data", resolve))
  const stateOf = async () =>
    (await listRuns(at("runs"))).rows.find(({ run }) => run === at("runs/other"))?.state
  expect(await stateOf()).toBe("training")
  child.kill("SIGKILL")
  await ended
  expect(await stateOf()).toBe("stopped")
})

test("broken runs hide no other: a notice counts them, and --json has them", async () => {
  write("runs/good", finished({}))
  write("runs/no-config", { "metrics.jsonl": losses.join("") })
  write("runs/damaged", { ...finished({}), "config.json": showConfig(configOf({})).slice(0, 200) })
  write("runs/foreign", { "config.json": '{ "name": "mine" }' })
  write("runs/nonsense", { ...finished({}), "metrics.jsonl": `${losses.join("")}nonsense\n` })
  write("runs/empty", { ...finished({}), "metrics.jsonl": "" })
  write("runs/pictures", { "a.png": "" })
  write("runs", { "notes.txt": "" })
  mkdirSync(at("runs/config-folder/config.json"), { recursive: true })
  symlinkSync("nowhere", at("runs/link"))
  const { code, stdout, stderr } = await makewave()
  expect(code).toBe(0)
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((row) => row.split(" ")[0])
      .sort(),
  ).toEqual(["run", "runs/empty", "runs/good"])
  expect(stderr).toMatch(/^\n2 runs\n5 broken, such as runs\/\S+: .*\(--json has them all\)\n$/)
  const problems = objects((await makewave("--json")).stdout).filter(({ problem }) => problem)
  expect(Object.fromEntries(problems.map(({ run, problem }) => [run, problem]))).toEqual({
    "runs/config-folder":
      "runs/config-folder: it cannot be read (EISDIR): change its permissions, or delete it if nobody needs it",
    "runs/damaged": "runs/damaged/config.json: this is not a valid config of a run: undo the edits to it",
    "runs/foreign": "runs/foreign/config.json: this is not a valid config of a run: undo the edits to it",
    "runs/no-config":
      "runs/no-config: it has no config.json: put it back, or delete the folder if nobody needs it",
    "runs/nonsense":
      "runs/nonsense/metrics.jsonl, near its end: this is not a valid line of metrics: undo the edits to it, or delete the line",
  })
})

test("a thousand runs, some of them broken, take less than a second of the processor", async () => {
  const config = showConfig(configOf({}))
  const metrics = Array.from({ length: 20 }, () => losses.join("")).join("") + end
  for (let k = 0; k < 1000; k++) {
    const name = k % 2 ? `runs/sweep/${k}` : `runs/${k}`
    write(name, { "config.json": k % 50 === 0 ? "{" : config, "metrics.jsonl": k % 50 === 1 ? "" : metrics })
  }
  await listRuns(at("runs/1")).catch(() => {})
  const before = process.cpuUsage()
  const { rows, broken } = await listRuns(at("runs"))
  const { user, system } = process.cpuUsage(before)
  expect([rows.length, broken.length]).toEqual([980, 20])
  expect((user + system) / 1e6).toBeLessThan(1)
})

test("--where compares fields and settings, --sort orders, and several conditions hold together", async () => {
  write("runs/a", finished({ hidden: 64, seed: 1 }, { parameters: 30_000 }), 1)
  write("runs/b", finished({ hidden: 128, optimizer: "adamw" }, { parameters: 90_000 }), 2)
  write(
    "runs/c",
    finished({ model: "gru", data: "my list.txt", tensorboard: true }, { parameters: 50_000 }),
    3,
  )
  write("runs/d", { ...finished({ hidden: 96 }), "metrics.jsonl": losses.join("") }, 4)
  const listed = async (...args: string[]) => {
    const { stdout, stderr } = await makewave(...args, "--json")
    expect(stderr).toBe("")
    return stdout === ""
      ? ""
      : objects(stdout)
          .map(({ run }) => String(run).at(-1))
          .join("")
  }
  expect(await listed()).toBe("dcba")
  expect(await listed("--where", "parameters < 80000")).toBe("dca")
  expect(await listed("--where", "parameters<=50_000 and parameters>100")).toBe("ca")
  expect(await listed("--where", "parameters < 50000 and parameters > 100")).toBe("a")
  expect(await listed("--where", "hidden >= 96", "--where", "state = finished")).toBe("b")
  expect(await listed("--where", "model = gru")).toBe("c")
  expect(await listed("--where", "model != gru AND optimizer == sgd")).toBe("da")
  expect(await listed("--where", "data = 'my list.txt' and tensorboard = true")).toBe("c")
  expect(await listed("--where", "tensorboard != true")).toBe("dba")
  expect(await listed("--where", "learning-rate = 1e-1 and seed = 1")).toBe("a")
  expect(await listed("--where", "validation > 0")).toBe("cba")
  expect(await listed("--where", "when < 2023-11-14T22:13:22")).toBe("a")
  expect(await listed("--where", "parameters < 0")).toBe("")
  expect(await listed("--sort", "parameters")).toBe("dacb")
  expect(await listed("--sort", "-parameters")).toBe("bcad")
  expect(await listed("--sort", "validation")).toBe("cbad")
  expect((await makewave("--where", "hidden > 100")).stderr).toBe("\n1 run of 4\n")
})

test("runs that read other tokens are told apart", async () => {
  write("runs/of-characters", finished({}), 1)
  write("runs/of-words", finished({ tokens: "words" }), 2)
  write("runs/sound", finished({}), 0)
  const sound = configOf({})
  write("runs/sound", {
    "config.json": showConfig({ ...sound, recipe: { ...sound.recipe, sampleRate: 8000 } }),
  })
  const tokensOf = async (...args: string[]) =>
    objects((await makewave(...args, "--json")).stdout).map(({ tokens }) => tokens)
  expect(await tokensOf("--sort", "run")).toEqual(["characters", "words", undefined])
  expect(await tokensOf("--where", "tokens = characters")).toEqual(["characters"])
  const { stdout } = await makewave("--sort", "run")
  expect(stdout.split("\n").map((row) => row.split(/ +/)[3])).toEqual([
    "tokens",
    "characters",
    "words",
    "-",
    undefined,
  ])
  expect((await makewave("--where", "tokens = words")).stdout).not.toContain("tokens")
  const [head, ...lines] = runsCsv((await listRuns(at("runs"))).rows).split("\r\n")
  const place = head.split(",").indexOf("tokens")
  expect(lines.map((cells) => cells.split(",")[place])).toEqual(["words", "characters", "", undefined])
})

test.each([
  [["--where", "paramters < 3"], '--where "paramters < 3": runs have no paramters: did you mean parameters?'],
  [
    ["--where", "zzzzzzzzz < 3"],
    '--where "zzzzzzzzz < 3": runs have no zzzzzzzzz: give run, model, data, tokens, parameters, taken, steps, train, validation, seconds, when, state or trial, or a setting of train --help',
  ],
  [["--where", "hidden < many"], '--where "hidden < many": hidden: "many" is no number: give one'],
  [["--where", "optimizer = adam"], /optimizer: give sgd.*; did you mean adamw\?$/],
  [["--where", "state = finish"], /state: give training, finished or stopped; did you mean finished\?$/],
  [["--where", "tensorboard = yes"], /tensorboard: give true or false$/],
  [["--where", "model < gru"], '--where "model < gru": model has no order: compare it with = or !='],
  ...[
    "",
    "hidden",
    "hidden 3",
    "hidden < 3 or seed = 1",
    "hidden < 3 and",
    "< 3",
    "data = 'a",
    "hidden = 3 = 4",
  ].map(
    (text) =>
      [
        ["--where", text],
        `--where ${JSON.stringify(text)}: this is no comparison: give one such as "parameters < 80000", or several joined by and; a text with spaces stands in quotes`,
      ] as const,
  ),
  [["--sort", "validaton"], "--sort validaton: runs have no validaton: did you mean validation?"],
  [["nowhere"], "nowhere: there is no such folder: give one that has runs, such as runs"],
  [["."], ".: there are no runs in it: train first, or name another folder"],
  [[".", "--json"], ".: there are no runs in it: train first, or name another folder"],
] as const)("%j is refused in a sentence", async (args, sentence) => {
  const { code, stdout, stderr } = await makewave(...args)
  expect([code, stdout]).toEqual([1, ""])
  const said = stderr.replace(/^error: /, "").trimEnd()
  if (typeof sentence === "string") expect(said).toBe(sentence)
  else expect(said).toMatch(sentence)
})

test("the table leaves out what does not fit the terminal, and keeps the run and its validation loss", async () => {
  write("runs/a-run-with-a-rather-long-name", finished({}))
  const { columns } = process.stdout
  try {
    const heads: Record<number, string[]> = {}
    for (const width of [200, 90, 70]) {
      process.stdout.columns = width
      const rows = (await makewave()).stdout.trimEnd().split("\n")
      for (const row of rows) expect(row.length).toBeLessThanOrEqual(width)
      heads[width] = rows[0].split(/ +/)
      expect(rows[1]).toContain("runs/a-run-with-a-rather-long-name")
    }
    const all = [
      "run",
      "model",
      "data",
      "parameters",
      "steps",
      "train",
      "validation",
      "seconds",
      "when",
      "state",
    ]
    expect(heads[200]).toEqual(all)
    expect(heads[90].length).toBeLessThan(all.length)
    expect(heads[70]).toEqual(expect.arrayContaining(["run", "validation", "state"]))
    expect(heads[70].length).toBeLessThan(heads[90].length)
  } finally {
    process.stdout.columns = columns
  }
})

test("trials of a sweep have their places in its last plan, and --sort trial puts them in order", async () => {
  const asked = (plan: string, ...trials: string[]) => line({ plan, point: {}, trials })
  const journal = [
    asked("first", "a1", "a2"),
    asked("first", "old"),
    line({ trial: "a1", outcome: { kind: "stopped" } }),
    '{"plan":"first","point":{},"tri\n',
    asked("changed", "b1", "b2"),
    asked("changed", "a1", "a2"),
    '{"plan":"changed","point":{},"tr',
  ].join("")
  for (const name of ["old", "a1", "b2", "b1", "a2", "stranger"]) write(`runs/wide/${name}`, finished({}))
  write("runs/wide", { "sweep.jsonl": journal.replace('"po', '"po\n') })
  const places = Object.fromEntries(
    (await listRuns(at("runs"))).rows.map(({ run, trial }) => [run.split("/").at(-1), trial]),
  )
  expect(places).toEqual({ b1: 1, b2: 2, a1: 3, a2: 4, old: 5, stranger: undefined })
  const sorted = objects((await makewave("--sort", "trial", "--where", "trial >= 2", "--json")).stdout)
  expect(sorted.map(({ trial }) => trial)).toEqual([2, 3, 4, 5])
})
