/**
 * Sound from a folder to a file, on the command line: a network learns three tones, each from a folder of its own, and the sound that it
 * makes for a folder has that folder's tone as the peak of its spectrum. Source: the end-to-end test of
 * https://github.com/ibab/tensorflow-wavenet.
 */
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { stopwatch } from "../src/cli/stopwatch.ts"
import type { Dataset } from "../src/data/dataset.ts"
import { readWav, spectralPeak, writeWav } from "../src/data/sound/index.ts"
import type { WaveNet2016 } from "../src/models/index.ts"
import { Generator } from "../src/random/index.ts"
import { labelFileNames } from "../src/runs/corpora/label-file-names.ts"
import { sound } from "../src/runs/corpora/sound.ts"
import { openSound } from "../src/runs/corpora/sound-corpus.ts"
import { openAnyModel } from "../src/runs/open-model.ts"
import { createModel, resolveRecipe } from "../src/runs/recipe.ts"
import { runTraining } from "../src/runs/run-training.ts"
import type { EvaluationReport } from "../src/training/index.ts"
import { makewaveHere, objects, THINGS } from "./command-line.ts"

vi.setConfig({ testTimeout: 60_000 })

const tones = { high: 590, low: 155, middle: 310 }
const rate = 4000

let folder = ""
const here = (...args: string[]) => makewaveHere(args, folder)

const small = ["--layers", "6", "--stacks", "1", "--residual-channels", "16", "--dilation-channels", "16"]
const shape = [
  ...small,
  "--skip-channels",
  "32",
  "--context",
  "256",
  "--batch-size",
  "8",
  "--sample-rate",
  String(rate),
]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "makewave-sound-run-"))
  const generator = new Generator(1)
  for (const [name, frequency] of Object.entries(tones)) {
    // A little hiss, without which the net learns a few hundred samples by heart, and is lost where it leaves them.
    const hiss = generator.rand(2 * rate)
    mkdirSync(join(folder, "tones", name), { recursive: true })
    const samples = Float32Array.from({ length: 2 * rate }, (_, k) =>
      Math.fround(0.5 * Math.sin((2 * Math.PI * frequency * k) / rate) + 0.04 * (hiss[k] - 0.5)),
    )
    writeFileSync(join(folder, "tones", name, "tone.wav"), await writeWav({ sampleRate: rate, samples }))
  }
  writeFileSync(join(folder, "things.txt"), THINGS)
  const trained = await here(
    ...["train", "tones", ...shape],
    ...["--steps", "200", "--learning-rate", "0.01", "--out", "run"],
  )
  expect(trained.stderr).toBe("")
  expect(trained.stdout).toContain(
    "tones: 3 sounds, 0:06 minutes at 4,000 Hz: high 0:02 minutes, low 0:02 minutes",
  )
  expect(trained.stdout).toMatch(/^step +0 of 200 {3}loss 5\.5\d+ of 5\.545$/m)
  expect(trained.stdout).toMatch(/^uniform, ln 256 +5\.5452 +5\.5452$/m)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

describe("a network of three tones", () => {
  test.each(Object.entries(tones))("makes the %s one when it is asked for", async (label, frequency) => {
    const args = ["--seconds", "0.5", "--condition", label, "--out", `${label}.wav`, "--seed", "3", "--json"]
    const { stdout, stderr } = await here("sample", "run", ...args)
    const [told] = objects(stdout)
    expect(told).toMatchObject({ label, wav: `${label}.wav`, svg: `${label}.svg`, seconds: 0.5 })
    expect(stderr).toContain(
      `sample run --seconds 0.5 --condition ${label} --out ${label}.wav --seed 3 --json\n`,
    )
    const sound = await readWav(readFileSync(join(folder, `${label}.wav`)))
    expect([sound.sampleRate, sound.samples.length]).toEqual([rate, rate / 2])
    expect(Math.abs(spectralPeak(sound) - frequency)).toBeLessThan(1.5)
    expect(told.spectralPeak).toBeCloseTo(spectralPeak(sound), 0)
    expect(told.levelDecibels).toBeGreaterThan(-12)
    expect(told.levelDecibels).toBeLessThan(-6)
    expect(readFileSync(join(folder, `${label}.svg`), "utf8")).toContain(
      `${label}, made by wavenet-2016 after 200 steps`,
    )
  })

  test("makes one of each, in the run's folder, when it is asked for none; the same with the same seed", async () => {
    const make = () => here("sample", "run", "--seconds", "0.1", "--seed", "5")
    const { stdout } = await make()
    expect(stdout).toMatch(/^ +high +low +middle$/m)
    expect(stdout).toMatch(/^length +0\.10 s +0\.10 s +0\.10 s$/m)
    const paths = Object.keys(tones).map((label) => join(folder, "run", `sample-${label}.wav`))
    const before = paths.map((path) => readFileSync(path))
    await make()
    expect(paths.map((path) => readFileSync(path))).toEqual(before)
  })

  test("is evaluated by tone, against a guess", async () => {
    const { stdout } = await here("evaluate", "run", "--part", "validation", "--json")
    const [{ validation, reports }] = objects(stdout) as {
      validation: number
      reports: Record<string, EvaluationReport>
    }[]
    expect(validation).toBeLessThan(2.5)
    expect(Object.keys(reports.validation.labels ?? {})).toEqual(["high", "low", "middle"])
    expect(reports.validation.symbols).toBe((3 * 2 * rate) / 10)
    const text = await here("evaluate", "run", "--data", "tones")
    expect(text.stdout).toContain("a uniform guess has loss 5.5452")
    expect(text.stdout).toMatch(/crops +nats\/sample/)
  })

  test("is looked into, plotted and exported; only text leaves as JavaScript", async () => {
    expect((await here("inspect", "run", "--batch-size", "2")).stdout).toContain(
      "After 200 steps, on one batch of 2 rows",
    )
    expect((await here("plot", "run")).stdout).toContain("nats per sample")
    expect(readFileSync(join(folder, "run", "loss.svg"), "utf8")).toContain("uniform guess, ln 256 = 5.545")
    expect((await here("export", "run", "--format", "onnx")).stdout).toMatch(/model\.onnx: [\d,]+ bytes/)
    const script = await here("export", "run", "--format", "javascript")
    expect(script).toMatchObject({ code: 1, stderr: expect.stringContaining("run is trained on sound") })
    const found = await here("lr-find", "tones", ...shape, "--steps", "4", "--json")
    expect(objects(found.stdout)[0]).toMatchObject({ model: "wavenet-2016", optimizer: "adamw" })
  })

  test("resumes as if it had never stopped", async () => {
    const train = (out: string, steps: string) =>
      here(
        "train",
        "tones",
        ...shape,
        "--schedule",
        "constant",
        "--steps",
        steps,
        "--checkpoint-every",
        "7",
        "--out",
        out,
      )
    await train("whole", "14")
    await train("parts", "7")
    const resumed = await here("train", "--resume", "parts", "--steps", "14")
    expect(resumed.stdout).toContain("resumed after 7 steps")
    const losses = (run: string) =>
      objects(readFileSync(join(folder, run, "metrics.jsonl"), "utf8"))
        .filter(({ loss }) => loss !== undefined)
        .map(({ step, loss }) => [step, loss])
    expect(losses("parts")).toEqual(losses("whole"))
    expect(losses("whole").length).toBe(14)
  })
})

test("sounds of one folder have no label, are predicted inside as they can be everywhere, and must stay as they were", async () => {
  const args = [...shape, "--steps", "2", "--predict", "inside", "--tensorboard", "--out", "one"]
  const [{ sounds }] = objects((await here("train", "tones/low", ...args, "--json")).stdout).slice(-1)
  expect(sounds).toMatchObject([
    { wav: join("one", "sample.wav"), svg: join("one", "sample.svg"), seconds: 1 },
  ])
  const { recipe, data, condition } = JSON.parse(readFileSync(join(folder, "one", "config.json"), "utf8"))
  expect(recipe).toMatchObject({
    sampleRate: rate,
    predict: "inside",
    silence: 40,
    model: "wavenet-2016",
    optimizer: "adamw",
  })
  expect([data.lines, condition]).toEqual([1, undefined])

  const tone = join(folder, "tones", "low", "tone.wav")
  const before = readFileSync(tone)
  writeFileSync(tone, await writeWav({ sampleRate: rate, samples: new Float32Array(rate).fill(0.1) }))
  const { stderr } = await here("train", "--resume", "one", "--steps", "4")
  writeFileSync(tone, before)
  expect(stderr).toContain("has changed since the training of one: ")
})

test("by default the network sees an eighth of a second, and a crop is that and a quarter of a second to predict", () => {
  const recipe = resolveRecipe({ data: "speech", condition: "folder" }, { defaults: sound.defaults })
  const model = createModel(recipe, 256, { labels: 2 }) as WaveNet2016
  expect([model.receptiveField, model.contextLength, model.parameterCount]).toEqual([1024, 3071, 251_072])
  expect(recipe).toMatchObject({
    steps: 5000,
    batchSize: 2,
    learningRate: 0.002,
    schedule: "cosine",
    warmup: 100,
  })
  const other = resolveRecipe(
    { data: "speech", optimizer: "sgd", schedule: "constant" },
    { defaults: sound.defaults },
  )
  expect(other).toMatchObject({ learningRate: 0.1, momentum: 0 })
  expect(other).not.toHaveProperty("warmup")
  // What a run has kept is taken as it is.
  expect(resolveRecipe(recipe)).toEqual(recipe)
})

test("all that takes time besides the steps is told, and how far it is", async () => {
  const told: [string, number][] = []
  const events = runTraining({
    given: {
      data: join(folder, "tones"),
      layers: 4,
      stacks: 1,
      sampleRate: rate,
      steps: 1,
      evaluateEvery: 0,
    },
    out: join(folder, "told"),
    loading: { onSound: (read, total) => told.push(["sounds", read / total]) },
    onStage: (stage, done) => told.push([stage, done]),
  })
  for await (const { kind } of events) expect(kind).toBeTypeOf("string")
  const stages = Map.groupBy(told, ([stage]) => stage)
  expect([...stages.keys()]).toEqual([
    "sounds",
    "compiling the step",
    "evaluating the training part",
    "evaluating the validation part",
  ])
  for (const each of stages.values()) {
    const done = each.map(([, done]) => done)
    expect([done[0], done.at(-1)]).toEqual([0, 1])
    expect(done).toEqual(done.toSorted((a, b) => a - b))
  }
})

test("a sound goes into a FIFO as it is, and nothing is made for a place that cannot be written", async () => {
  const fifo = join(folder, "fifo")
  execFileSync("sh", ["-c", `mkfifo "$0"`, fifo])
  const reader = spawn("cat", [fifo], { stdio: ["ignore", "pipe", "inherit"] })
  const pieces: Uint8Array[] = []
  reader.stdout.on("data", (piece) => pieces.push(piece))
  const ended = once(reader, "close")
  const made = await here(
    "sample",
    "run",
    "--seconds",
    "0.1",
    "--condition",
    "low",
    "--out",
    "fifo",
    "--json",
  )
  await ended
  expect((await readWav(Buffer.concat(pieces))).samples.length).toBe(rate / 10)
  expect(objects(made.stdout)[0]).toMatchObject({ wav: "fifo", seconds: 0.1 })
  expect(objects(made.stdout)[0]).not.toHaveProperty("svg")
  expect(readdirSync(folder).filter((name) => name.startsWith("fifo"))).toEqual(["fifo"])

  for (const [out, sentence] of [
    ["nowhere/a.wav", /nowhere\/a.wav: not written: its folder does not exist/],
    ["-", /--out -: standard output carries the report of the sound: name a file/],
  ] as const) {
    const { code, stderr } = await here("sample", "run", "--seconds", "3600", "--out", out)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(sentence) })
  }
})

test("what took the time is summed up, if the steps did not", () => {
  const now = vi.spyOn(performance, "now")
  const told = (...seconds: number[]) => {
    let at = 0
    now.mockImplementation(() => 1000 * at)
    const watch = stopwatch()
    for (const [k, kind] of (["begun", "progress", "trained", "evaluated", "sampled"] as const).entries()) {
      at += seconds[k]
      watch.at({ kind })
    }
    return watch.reading()
  }
  expect(told(8, 2, 7, 14, 2)).toBe(
    "33.0 s in all: preparation 8.0, training 9.0, evaluation 14.0, samples 2.0",
  )
  expect(told(0.5, 2, 700, 1, 1)).toBeUndefined()
  now.mockRestore()
})

test("of a few long files the training part is judged by as much of it as the validation part has", async () => {
  const long = { sampleRate: rate, samples: new Float32Array(50 * rate).fill(0.5) }
  mkdirSync(join(folder, "long"))
  writeFileSync(join(folder, "long", "a.wav"), await writeWav(long))
  const recipe = resolveRecipe(
    { data: join(folder, "long"), sampleRate: rate, layers: 4, stacks: 1 },
    { defaults: sound.defaults },
  )
  const [corpus, model] = [await openSound(recipe), createModel(recipe, 256)]
  const counted = ({ targets: { data } }: Dataset) => data.filter((target) => target >= 0).length
  const [sample, validation] = [corpus.trainingSample(model), corpus.rows(model, "validation")].map(counted)
  expect([sample, validation]).toEqual([5 * rate, 5 * rate])
})

test("labels of any letters become files of the run's folder, and of no other", async () => {
  const labels = [
    "$`$&$'",
    "../../escape",
    "A",
    "a",
    "CON",
    "sl/ash",
    "x".repeat(250),
    `${"x".repeat(249)}y`,
    "é\u0000\n",
  ]
  const names = labelFileNames(labels)
  expect(names).toEqual([
    "$`$&$'".replaceAll(/[^$]/g, "_").replaceAll("$", "_"),
    ".._.._escape",
    "A",
    "a-2",
    "CON",
    "sl_ash",
    "x".repeat(100),
    `${"x".repeat(100)}-2`,
    "é__",
  ])
  expect(labelFileNames(["日".repeat(80)])).toEqual(["日".repeat(33)])

  // A folder's name may have everything but "/" and "\0"; a run that was received has any label.
  const folders = ["$`$&", "x".repeat(250), "plain"]
  for (const name of folders)
    cpSync(join(folder, "tones", "low"), join(folder, "odd", name), { recursive: true })
  const trained = await here("train", "odd", ...shape, "--steps", "1", "--out", "odd-run")
  expect([trained.code, trained.stderr]).toEqual([0, ""])
  const opened = await openAnyModel(join(folder, "odd-run"))
  const condition = { ...opened.condition!, values: ["$`$&", "/../../../escape", "x".repeat(250)] }
  const notice = () => {}
  const request = {
    choice: {},
    seed: 1,
    seconds: 0.01,
    out: join(folder, "odd-run", "made.wave"),
    runtime: {},
    notice,
  }
  for await (const made of sound.sample({ ...opened, condition }, request)) expect(made).toBeTypeOf("object")
  expect(readdirSync(join(folder, "odd-run")).filter((name) => name.endsWith(".wave"))).toEqual([
    "made-_.._.._.._escape.wave",
    "made-____.wave",
    `made-${"x".repeat(100)}.wave`,
  ])
})

describe("impossible requests get a sentence", () => {
  test.each([
    [["sample", "run", "--condition", "hight"], /"hight": the data has no such folder: did you mean high\?/],
    [
      ["sample", "run", "--count", "3"],
      /--count: run makes sound, for which there is --seconds: leave it out/,
    ],
    [["sample", "run", "--maximum-length", "3"], /--maximum-length: run makes sound/],
    [["sample", "run", "--only-new"], /--only-new: run makes sound, for which there is --seconds: leave it/],
    [["sample", "run", "--no-repeats"], /--no-repeats: run makes sound/],
    [
      ["sample", "text", "--until", "line"],
      "--until: text makes lines: each line ends by itself: leave it out, it is for running text",
    ],
    [["sample", "text", "--seconds", "3"], /--seconds: text makes text, for which there is --count/],
    [["sample", "run", "--out", "nowhere/a.wav"], /nowhere\/a\.wav: not written: its folder does not exist/],
    [
      ["evaluate", "run", "--samples", "5"],
      /--samples 5: n-grams judge text, and this is sound: leave it out/,
    ],
    [["evaluate", "run", "--judge-order", "3"], /--judge-order 3: n-grams judge text/],
    [["evaluate", "text", "--judge-order", "3"], /--judge-order 3: it needs a run with labels/],
    [["evaluate", "text", "--no-header"], /--no-header: it says how to read --data, .*: give --data too, or/],
    [["sample", "text", "--column", "x"], /--column: it says how to read --data/],
    [["inspect", "text", "--column", "x"], /--column: it says how to read --data/],
    [["sample", "text", "--data", "nowhere"], /^error: nowhere: /],
    [
      ["train", "people.csv", "--model", "wavenet-2016", "--column", "name", "--condition", "name"],
      /--column and --condition name: a column is either the lines or their labels: name another/,
    ],
    [["sample", "run", "--out", "hello.mp3"], /--out hello\.mp3: give a name that ends in \.wav$/m],
    [["sample", "run", "--seconds", "0"], /--seconds 0: give a number above 0/],
    [
      ["train", "names", "--sample-rate", "8000"],
      /--sample-rate 8000: it needs a folder of WAV files: names is none/,
    ],
    [["train", "things.txt", "--silence", "30"], /--silence 30: it is a setting of sound/],
    [["train", "tones/low/tone.wav"], /this is one file: give the folder of \.wav files that it is in/],
    [["train", "tones", "--model", "gru"], /--model gru: sound is for wavenet-2016/],
    [["train", "tones", "--model", "ngram"], /--model ngram: sound is for wavenet-2016/],
    [["train", "tones", "--column", "name"], /--column name: it is for text, and this is sound/],
    [["train", "tones", "--condition", "sex"], /--condition sex: sounds have no label but their folder/],
    [["train", "tones/low", "--condition", "folder"], /all sounds are in one folder/],
    [
      ["train", "tones", "--layers", "14"],
      /receptive field has 32,768 samples, but the longest sound only 12,800/,
    ],
    [
      ["train", "tones", "--context", "100"],
      /a crop of 100 samples is shorter than .* 1,024: .*--context 2024/,
    ],
    [["train", "empty"], /there are no \.wav files in this folder/],
    [["train", "broken"], /a\.wav: not a WAV file/],
    [["train", "tones", "--predict", "outside"], /--predict.*give everywhere or inside/],
  ])("makewave %s", async (args, sentence) => {
    mkdirSync(join(folder, "empty"), { recursive: true })
    mkdirSync(join(folder, "broken"), { recursive: true })
    writeFileSync(join(folder, "broken", "a.wav"), THINGS)
    if (args[1] === "text" && !existsSync(join(folder, "text")))
      await here("train", "things.txt", "--model", "bigram", "--steps", "2", "--out", "text")
    const { code, stderr } = await here(...args)
    expect(stderr).toMatch(sentence)
    expect(code).toBe(1)
  })
})
