/** Kept models: that of a run in 16 bits, which opens as the run does, and those that come with the package under a name. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { requirePortable } from "../src/experiments/queued-files.ts"
import { keepModel, openAnyModel, openModel, readConfig, runTraining } from "../src/runs/index.ts"
import { isPackaged, packagedStore } from "../src/runs/packaged.ts"
import type { Settings } from "../src/runs/settings.ts"
import { makewaveHere, objects } from "./command-line.ts"

let folder = ""
const at = (...names: string[]) => join(folder, ...names)

async function train(given: Settings, out: string): Promise<void> {
  for await (const _ of runTraining({ given, out }));
}

const things: Settings = {
  model: "wavenet-2016",
  residualChannels: 8,
  skipChannels: 8,
  layers: 2,
  batchSize: 16,
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "makewave-kept-"))
  const syllables = ["ba", "lo", "mi", "ra", "tu", "ven"]
  const lines = syllables.flatMap((a) => syllables.flatMap((b) => [a + b, a + b + a]))
  writeFileSync(at("things.txt"), lines.join("\n"))
  const data = at("things.txt")
  await train({ ...things, data, steps: 300, ema: 0.9 }, at("runs/run"))
  await train(
    { ...things, data, recipe: "lecture", steps: 20, from: at("runs/run"), teacher: at("runs/run") },
    at("runs/taught"),
  )
  await train({ data, model: "ngram", order: 3 }, at("runs/counts"))
  await keepModel(at("runs/run"), at("kept"))
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.unstubAllEnvs())

const makewave = (...args: string[]) => makewaveHere(args, folder)

describe("a kept model", () => {
  test("opens as its run does, with the numbers in 16 bits and the recipe that trains it again", async () => {
    const [run, kept] = await Promise.all([openModel(at("runs/run")), openModel(at("kept"))])
    expect(kept.config.recipe).toEqual(run.config.recipe)
    expect(kept.config.vocabulary).toEqual(run.config.vocabulary)
    expect(kept.steps).toBe(300)
    const [was, is] = [run, kept].map(({ model }) => model.stateDict())
    for (const [name, { data }] of Object.entries(is)) {
      expect(data).toEqual(data instanceof Int32Array ? data : Float32Array.from(new Float16Array(data)))
      for (const [k, x] of data.entries()) expect(x).toBeCloseTo(was[name].data[k], 2)
    }
    expect(is).not.toEqual(was)
    expect(statSync(at("kept/model.safetensors")).size).toBeLessThan(2 * run.model.parameterCount + 4000)
  })

  test("has the loss that its config claims, within 0.0001 of its run's", async () => {
    const { stdout } = await makewave("evaluate", "kept", "runs/run", "--json")
    const [kept, run] = objects(stdout) as { validation: number }[]
    const claimed = (await readConfig(at("kept"))).kept?.validation
    expect(claimed).toBeCloseTo(kept.validation, 6)
    expect(Math.abs(kept.validation - run.validation)).toBeLessThan(1e-4)
    expect(kept.validation).not.toBe(run.validation)
  })

  test("names the runs that it was trained with, without their places", async () => {
    await keepModel(at("runs/taught"), at("pupil"))
    const { recipe, from, teacher, data } = await readConfig(at("pupil"))
    expect(recipe).toMatchObject({ from: "run", teacher: "run" })
    expect([from?.name, teacher?.name]).toEqual(["run", "run"])
    expect(teacher?.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(Object.keys(data)).toEqual(["lines", "sha256"])
  })

  test("is taken where a run of a network is", async () => {
    const { stdout } = await makewave("compare", "kept", "runs/run", "--json")
    const [{ runs }] = objects(stdout) as { runs: { finished: boolean; steps: number }[] }[]
    expect(runs).toMatchObject([{ finished: true, steps: 300 }, { finished: true }])
    const ensemble = await makewave("ensemble", "kept", "runs/counts", "--out", "runs/both", "--json")
    expect(ensemble).toMatchObject({ code: 0, stderr: "" })
    const short = ["train", "things.txt", "--steps", "2", "--evaluate-every", "0", "--json"]
    const tuned = await makewave(...short, "--from", "kept", "--out", "runs/tuned")
    expect(objects(tuned.stdout).at(-1)).toMatchObject({ from: { name: "kept", steps: 300 } })
    const taught = await makewave(...short, "--model", "bigram", "--teacher", "kept", "--out", "runs/bigram")
    expect(objects(taught.stdout).at(-1)).toMatchObject({ teacher: { name: "kept", steps: 300 } })
    const [row] = objects((await makewave("runs", "kept", "--json")).stdout)
    const { kept } = await readConfig(at("kept"))
    expect(row).toMatchObject({ state: "finished", taken: 300, validation: kept?.validation })
  })

  test("tells its layers, and refuses what needs the state or the losses of a training", async () => {
    const inspected = await makewave("inspect", "kept", "--json")
    expect(objects(inspected.stdout)[0]).toMatchObject({ model: "wavenet-2016" })
    expect(inspected.stderr).toBe(
      "no activations and gradients: kept is a kept model, without the state of its training: name a run\n",
    )
    const faults: [string[], string][] = [
      [
        ["plot", "kept"],
        "kept: it is a kept model, without the losses of its training, so there is nothing to plot",
      ],
      [
        ["train", "--resume", "kept"],
        "kept: it is a kept model, without the state of its training: go on from it",
      ],
    ]
    for (const [args, sentence] of faults) {
      const { code, stderr } = await makewave(...args)
      expect(stderr).toContain(`error: ${sentence}`)
      expect(code).toBe(1)
    }
    const { stderr } = await makewave("evaluate", "kept", "--part", "test")
    expect(stderr).toContain("kept: it is a kept model, where no opening of the test part is noted")
    expect(existsSync(at("kept/test-openings.jsonl"))).toBe(false)
  })

  test("is exported beside the folder, not into it", async () => {
    expect((await makewave("export", "kept", "--format", "onnx")).stdout).toMatch(/^kept\.onnx: /)
    expect(existsSync(at("kept.onnx"))).toBe(true)
  })

  test("is none of counts, and takes no folder of a run", async () => {
    await expect(keepModel(at("runs/counts"), at("none"))).rejects.toThrow("has no layers of its own")
    const mixed: Settings = { ...things, data: at("things.txt"), steps: 2, mixOrder: 3 }
    await train(mixed, at("runs/mixed"))
    await expect(keepModel(at("runs/mixed"), at("none"))).rejects.toThrow("its model holds counts")
    await expect(keepModel(at("runs/run"), at("runs/taught"))).rejects.toThrow(
      "there is a run in this folder",
    )
    expect(existsSync(at("none"))).toBe(false)
    await keepModel(at("runs/run"), at("kept")) // again
  })

  test("is refused without its numbers, or with a config that was edited", async () => {
    cpSync(at("kept"), at("damaged"), { recursive: true })
    rmSync(at("damaged/model.safetensors"))
    await expect(openModel(at("damaged"))).rejects.toThrow(
      "model.safetensors: there is no such file: put it back",
    )
    const config = JSON.parse(readFileSync(at("damaged/config.json"), "utf8"))
    writeFileSync(at("damaged/config.json"), JSON.stringify({ ...config, kept: { steps: "many" } }))
    await expect(openModel(at("damaged"))).rejects.toThrow("this is not a valid config of a run")
  })
})

describe("the package", () => {
  beforeEach(() => {
    vi.stubEnv("MAKEWAVE_DATA", at("nothing"))
    vi.stubEnv("XDG_CACHE_HOME", at("cache"))
  })

  test.each(["base", "challenge"])("has %s, of less than 2 MB, whatever the folder", async (name) => {
    const { folder: place, config, steps, model } = await openModel(name)
    expect(place).toBe(name)
    expect(config.kept).toEqual({ steps, validation: expect.any(Number) })
    expect(config.parameters).toBe(model.parameterCount)
    expect(statSync(join(name, "model.safetensors")).size).toBeLessThan(2_000_000)
    const { stdout } = await makewave("sample", name, "--count", "3", "--seed", "1", "--json")
    expect(objects(stdout)).toHaveLength(3)
  })

  test("samples without the data, downloads none unasked, and says in one line what it cannot tell", async () => {
    const fetched = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("no network"))
    try {
      const { code, stdout, stderr } = await makewave("sample", "challenge", "--count", "4", "--seed", "1")
      expect([code, stdout.split("\n")]).toEqual([0, expect.toSatisfy((lines) => lines.length === 5)])
      expect(stderr).toMatch(
        /^cannot tell which samples are new: the lines of challenge are not here: give --data makemore-names\n4 samples from challenge\nReproduce with: .* sample challenge --count 4 --seed 1\n$/,
      )
      expect(fetched).not.toHaveBeenCalled()
      const asked = await makewave("sample", "challenge", "--count", "4", "--data", "makemore-names")
      expect(asked.stderr).toMatch(/^error: makemore-names: .* could not be downloaded/)
      expect(fetched).toHaveBeenCalledOnce()
      const evaluated = await makewave("evaluate", "challenge")
      expect(evaluated.stderr).toMatch(
        /^error: makemore-names: .* could not be downloaded: .*Download it by hand/,
      )
    } finally {
      fetched.mockRestore()
    }
  })

  test("gives way to a run or a kept model of the same name", async () => {
    mkdirSync(at("elsewhere/challenge"), { recursive: true })
    const here = (...args: string[]) => makewaveHere(args, at("elsewhere"))
    expect((await here("sample", "challenge", "--count", "1")).stderr).toContain(
      "the lines of challenge are not",
    )
    cpSync(at("runs/run"), at("elsewhere/challenge"), { recursive: true })
    cpSync(at("runs/run"), at("elsewhere/runs/base"), { recursive: true })
    cpSync(at("things.txt"), at("elsewhere/things.txt"))
    expect((await here("sample", "challenge", "--count", "2")).stderr).toMatch(/^2 samples from challenge, /)
    expect((await here("sample", "base", "--count", "2")).stderr).toMatch(/^2 samples from runs.base, /)
    const before = process.cwd()
    process.chdir(at("elsewhere"))
    try {
      expect((await openAnyModel("challenge")).config.kept).toBeUndefined()
      expect([await isPackaged("challenge"), await isPackaged("base")]).toEqual([false, true])
      await keepModel("challenge", "base")
      expect((await openModel("base")).config.kept?.steps).toBe(300)
    } finally {
      process.chdir(before)
    }
  })

  test("lists its models where a name is unknown, and stays as it is", async () => {
    expect((await makewave("sample", "chalenge")).stderr).toMatch(
      /^error: chalenge: there is no run here: did you mean challenge\? .*; models of the package: base, challenge\n$/,
    )
    expect((await makewave("train", "--resume", "challenge")).stderr).toContain(
      "go on from it with --from challenge",
    )
    await expect(keepModel(at("runs/run"), packagedStore("base"))).rejects.toThrow(
      "base: this model comes with the package and stays as it is",
    )
  })

  test("has models that a run starts from, and refuses them beside other data", async () => {
    const short = ["train", "things.txt", "--steps", "2", "--evaluate-every", "0", "--json"]
    const tuned = await makewave(...short, "--from", "challenge", "--out", "runs/from-challenge")
    const { steps } = await openModel("challenge")
    expect(objects(tuned.stdout).at(-1)).toMatchObject({ from: { name: "challenge", steps } })
    const other = "challenge: it was trained on other data, makemore-names"
    expect((await makewave("ensemble", "runs/counts", "challenge")).stderr).toContain(`--members ${other}`)
    expect((await makewave(...short, "--teacher", "challenge")).stderr).toContain(`--teacher ${other}`)
  })

  test("is on every machine, so its models go through a queue", async () => {
    await expect(requirePortable({ from: "base", teacher: "challenge" })).resolves.toBeUndefined()
    await expect(requirePortable({ teacher: at("runs/run") })).rejects.toThrow("on this machine alone")
  })
})

describe.skipIf(!process.env.MAKEWAVE_DATA)("challenge, on names.txt", () => {
  test("has the loss that is claimed, however it is asked for", { timeout: 120_000 }, async () => {
    const claimed = (await readConfig("challenge")).kept?.validation
    const { stdout } = await makewave("evaluate", "challenge", "--data", "makemore-names", "--json")
    const [{ validation, reports }] = objects(stdout) as { validation: number; reports: object }[]
    expect(Math.abs(validation - claimed!)).toBeLessThan(1e-4)
    expect(reports).toMatchObject({
      train: { lines: 25_626 },
      validation: { lines: 3203, seen: { lines: 424 }, unseen: { lines: 2779 } },
    })
    const [own] = objects((await makewave("evaluate", "challenge", "--part", "validation", "--json")).stdout)
    expect(own.validation).toBe(validation)
  })

  test("stands beside runs of the same data", { timeout: 120_000 }, async () => {
    await makewave("train", "makemore-names", "--model", "ngram", "--order", "2", "--out", "runs/bigrams")
    const compared = await makewave("compare", "challenge", "runs/bigrams", "--json")
    expect(objects(compared.stdout)[0]).toMatchObject({ tests: [{ run: "runs/bigrams", verdict: "worse" }] })
  })
})

test.skipIf(!process.env.MAKEWAVE_DATA)(
  "challenge has the losses that docs/challenge.md claims",
  async () => {
    const { stdout } = await makewaveHere(["evaluate", "challenge", "--data", "makemore-names", "--json"])
    const [{ validation, reports }] = objects(stdout) as [
      { validation: number; reports: Record<string, Record<string, { natsPerSymbol: { value: number } }>> },
    ]
    const { config, model } = await openModel("challenge")
    expect(validation).toBeCloseTo(config.kept?.validation ?? 0, 4)
    const ledger = readFileSync("docs/challenge.md", "utf8")
    const parameters = model.parameterCount.toLocaleString("en")
    const [, ...claimed] =
      new RegExp(`\\| ${parameters} \\| \\*\\*([\\d.]+)\\*\\* \\| ([\\d.]+) \\| ([\\d.]+)`).exec(ledger) ?? []
    const { unseen, seen } = reports.validation
    expect(claimed).toEqual(
      [validation, unseen.natsPerSymbol.value, seen.natsPerSymbol.value].map((x) => x.toFixed(4)),
    )
  },
  120_000,
)
