/** The folder of a run: what is in it, who may write to it, and what is said of one that is damaged. Full disks: misfortunes.test.ts. */

import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { Vocabulary } from "../src/data/tokenizers/characters.ts"
import { UserError } from "../src/errors.ts"
import { readSafetensors, writeSafetensors } from "../src/interchange/safetensors.ts"
import { Generator } from "../src/random/torch.ts"
import { openText } from "../src/runs/corpora/text-corpus.ts"
import { lockFolder } from "../src/runs/lock.ts"
import { readMetrics } from "../src/runs/metrics.ts"
import { openModel } from "../src/runs/open-model.ts"
import { createModel, resolveRecipe } from "../src/runs/recipe.ts"
import { Run, readRun } from "../src/runs/run.ts"
import { runTraining } from "../src/runs/run-training.ts"
import type { Settings } from "../src/runs/settings.ts"
import { textRows } from "../src/runs/text-rows.ts"
import { evaluate } from "../src/training/evaluate.ts"
import { train } from "../src/training/train.ts"
import { withoutSeconds } from "./run-files.ts"

let folder = ""
let data = ""
let run = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-run-"))
  run = join(folder, "run")
  data = join(folder, "things.txt")
  writeFileSync(data, "abc\ncab\nbca\nabb\ncaa\nbcc\naab\nbba\nccb\nacb\nbac\ncba\n")
})
afterEach(() => rmSync(folder, { recursive: true }))

const tiny: Settings = {
  recipe: "lecture",
  model: "flat",
  context: 2,
  embedding: 2,
  hidden: 3,
  logEvery: 10,
  steps: 200,
}

async function trainAll(given: Settings = {}, { resume = false, steps = Number.POSITIVE_INFINITY } = {}) {
  const request = resume
    ? { given, resume: run, every: 1 }
    : { given: { ...tiny, data, ...given }, out: run, every: 1 }
  let taken = 0
  for await (const { kind } of runTraining(request)) if (kind === "progress" && ++taken >= steps) break
}

const file = (name: string) => join(run, name)

async function goOn(): Promise<void> {
  const resumed = await Run.resume(run)
  await resumed.goOn()
  await resumed.close()
}

/** The one sentence that something fails with. */
async function sentenceOf(failing: Promise<unknown>): Promise<string> {
  const error = await failing.then(
    () => expect.fail("it was to fail"),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(UserError)
  expect((error as Error).message).not.toContain("\n")
  return (error as Error).message
}

test("a run's folder holds the resolved recipe, every logged loss, the numbers and the samples", async () => {
  await trainAll({ evaluateEvery: 150 })
  expect(readdirSync(run).sort()).toEqual([
    "checkpoint.safetensors",
    "config.json",
    "metrics.jsonl",
    "samples.txt",
  ])
  const config = JSON.parse(readFileSync(file("config.json"), "utf8"))
  expect(config.recipe).toEqual(resolveRecipe({ ...tiny, data, evaluateEvery: 150 }))
  expect(config.vocabulary).toEqual(["a", "b", "c"])
  expect(config.data.lines).toBe(12)
  expect(config.parameters).toBe((await openModel(run)).model.parameterCount)

  const metrics = await readMetrics(run)
  expect(metrics.filter(({ loss }) => loss !== undefined).map(({ step }) => step)).toEqual(
    Array.from({ length: 20 }, (_, k) => 10 * k),
  )
  expect(metrics[15]).toEqual({ step: 150, validation: expect.any(Number) })
  expect(metrics.at(-1)).toEqual({
    step: 200,
    train: expect.any(Number),
    validation: expect.any(Number),
    seconds: expect.any(Number),
  })

  const { checkpoint } = await readRun(run)
  expect(checkpoint.training.steps).toBe(200)
  expect(Object.keys(checkpoint.model)).toContain("network.layers.2.weight")
  expect(readFileSync(file("samples.txt"), "utf8").split("\n")).toHaveLength(21)
})

test("a second run in a folder is refused, and so is resuming one that is running", async () => {
  await trainAll()
  expect(await sentenceOf(trainAll())).toMatch(/there is a run in this folder.*--resume/)

  const working = await Run.resume(run)
  expect(await sentenceOf(Run.resume(run))).toContain(`process ${process.pid} is training into this folder`)
  await working.close()
  await (await Run.resume(run)).close()
})

test("a folder that has files of such names, but no run, is not to be resumed", async () => {
  for (const name of ["metrics.jsonl", "config.json"]) {
    const other = join(folder, `mine-${name}`)
    mkdirSync(other)
    writeFileSync(join(other, name), "{}")
    const begun = runTraining({ given: { ...tiny, data }, out: other }).next()
    expect(await sentenceOf(begun)).toBe(
      `${other}: the folder has a file ${name} of its own: name another folder`,
    )
  }
})

test("a run begins in an empty folder, not among other files", async () => {
  expect(await sentenceOf(runTraining({ given: { ...tiny, data }, out: folder }).next())).toMatch(
    /: the folder has other files, such as .*: name a folder that is empty or does not exist$/,
  )
  expect(readdirSync(folder).filter((name) => /^(lock|config)\./.test(name))).toEqual([])
  mkdirSync(run)
  writeFileSync(join(run, ".gitignore"), "*")
  await trainAll()
})

test("the last samples of a model that never stops are cut at a hundred symbols", async () => {
  const many = join(folder, "many.txt")
  const symbols = Array.from({ length: 300 }, (_, k) => String.fromCodePoint(0x4e00 + k))
  writeFileSync(many, symbols.join("\n"))
  for await (const _ of runTraining({ given: { ...tiny, data: many, steps: 1 }, out: run }));
  const lengths = readFileSync(file("samples.txt"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.length)
  expect(Math.max(...lengths)).toBe(100)
})

test("of many processes that ask for a lock at once, one gets it", async () => {
  const program = `
    import { lockFolder } from ${JSON.stringify(resolve("src/runs/lock.ts"))}
    process.stdin.once("data", () => lockFolder(${JSON.stringify(folder)}).then(
      () => console.log("got it"),
      (error) => console.log(error.message),
    ))
    console.log("ready")`
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["pipe", "pipe", "inherit"],
    }),
  )
  try {
    await Promise.all(children.map(({ stdout }) => once(stdout, "data")))
    for (const { stdin } of children) stdin.write("go")
    const said = await Promise.all(children.map(async ({ stdout }) => String(await once(stdout, "data"))))
    expect(said.filter((line) => line === "got it\n")).toHaveLength(1)
    expect(said.filter((line) => /process \d+ is training into this folder/.test(line))).toHaveLength(3)
  } finally {
    for (const child of children) child.kill("SIGKILL")
  }
  await Promise.all(children.map((child) => child.exitCode ?? once(child, "exit")))

  // They are dead, and count for nothing.
  const many = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)))
  const [first, ...others] = many.filter((result) => result.status === "fulfilled")
  expect(others).toEqual([])
  expect(readdirSync(folder).sort()).toEqual([
    expect.stringMatching(`^lock\\.${process.pid}\\.`),
    "things.txt",
  ])
  await first.value.release()
  expect(readdirSync(folder)).toEqual(["things.txt"])

  writeFileSync(join(folder, `lock.${process.pid}`), "") // of a process before this one
  await (await lockFolder(folder)).release()
  expect(readdirSync(folder)).toEqual(["things.txt"])
})

test("metrics that the checkpoint does not know of are cut, a torn line too, and whole lines can be read meanwhile", async () => {
  await trainAll({}, { steps: 120 })
  const kept = await readMetrics(run)
  appendFileSync(file("metrics.jsonl"), '{"step":120,"loss":9}\n{"step":130,"lo')
  expect(await readMetrics(run)).toEqual([...kept, { step: 120, loss: 9 }])
  await goOn()
  expect(await readMetrics(run)).toEqual(kept)

  rmSync(file("metrics.jsonl"))
  await trainAll({}, { resume: true })
  expect((await readMetrics(run))[0].step).toBe(120)
})

test("with fewer metrics than the checkpoint counted, whole lines are kept, and a notice says so", async () => {
  await trainAll({}, { steps: 120 })
  const whole = readFileSync(file("metrics.jsonl"))
  const lines = whole.toString().split("\n")
  const kept = await readMetrics(run)
  const steps = (first: number) => kept.slice(first)
  const short = new RegExp(
    `metrics\\.jsonl: it has \\d+ of the ${whole.length} bytes that the checkpoint counted`,
  )
  for (const [left, then] of [
    [whole.subarray(0, -1), kept.slice(0, -1)], // torn
    [whole.subarray(0, 0), []],
    [Buffer.concat([whole.subarray(0, -30), Buffer.alloc(30)]), kept.slice(0, -1)], // a power cut
    [Buffer.alloc(whole.length), []],
    [Buffer.from(lines.slice(1).join("\n")), steps(1)], // edited
    [Buffer.from(`${lines.slice(3).join("\n")}{"step":120,"loss":9}\n{"step":130,"loss":9}\n`), steps(3)],
  ] as const) {
    writeFileSync(file("metrics.jsonl"), left)
    const notices: string[] = []
    const resumed = await Run.resume(run)
    await resumed.goOn((sentence) => notices.push(sentence))
    await resumed.log({ step: 120, loss: 3 })
    await resumed.close()
    expect(notices).toEqual([expect.stringMatching(short)])
    expect(await readMetrics(run)).toEqual([...then, { step: 120, loss: 3 }])
  }
  writeFileSync(file("metrics.jsonl"), whole)
  await trainAll({}, { resume: true })
  const again = await Run.resume(run)
  await again.goOn((sentence) => expect.fail(sentence))
  await again.close()

  writeFileSync(file("metrics.jsonl"), whole.toString().replace(lines[1], "of another program"))
  expect(await sentenceOf(Run.resume(run))).toMatch(
    /metrics\.jsonl: line 2: this is not a valid line of metrics: undo the edits to it, or delete the line$/,
  )
})

test("after a gap in the metrics, the next checkpoint counts them as they are", async () => {
  await trainAll({}, { steps: 120 })
  const whole = readFileSync(file("metrics.jsonl"))
  writeFileSync(file("metrics.jsonl"), whole.subarray(0, 100))
  await trainAll({}, { resume: true, steps: 10 })
  const resumed = await Run.resume(run)
  await resumed.goOn((sentence) => expect.fail(sentence))
  await resumed.close()
  expect((await readMetrics(run)).at(-1)).toMatchObject({ step: 120 })
})

test("what a kill has left half written is swept away", async () => {
  await trainAll({}, { steps: 1 })
  writeFileSync(file(".checkpoint.safetensors.0.tmp"), "half")
  writeFileSync(file(".mine.tmp"), "the user's")
  await goOn()
  expect(readdirSync(run)).toContain(".mine.tmp")
  expect(readdirSync(run)).not.toContain(".checkpoint.safetensors.0.tmp")
})

test("a checkpoint that is truncated, edited, or of another model or vocabulary gets one sentence, and nothing is lost", async () => {
  await trainAll({}, { steps: 150 })
  const whole = readFileSync(file("checkpoint.safetensors"))
  const refused = async (): Promise<string> => {
    const before = readFileSync(file("checkpoint.safetensors"))
    const sentence = await sentenceOf(trainAll({}, { resume: true }))
    expect(await sentenceOf(readRun(run))).toBe(sentence)
    expect(sentence).toContain(file("checkpoint.safetensors"))
    expect(readFileSync(file("checkpoint.safetensors"))).toEqual(before)
    expect(readdirSync(run).join()).not.toContain("lock")
    writeFileSync(file("checkpoint.safetensors"), whole)
    return sentence
  }

  truncateSync(file("checkpoint.safetensors"), whole.length - 1)
  expect(await refused()).toMatch(/not an intact safetensors file/)
  truncateSync(file("checkpoint.safetensors"), 0)
  expect(await refused()).toMatch(/not an intact safetensors file/)

  const edited = Buffer.from(whole)
  edited[edited.length - 3] ^= 1
  writeFileSync(file("checkpoint.safetensors"), edited)
  expect(await refused()).toMatch(/it was damaged or edited/)
  const { tensors, metadata } = readSafetensors(whole, "")
  writeFileSync(file("checkpoint.safetensors"), writeSafetensors(tensors, { ...metadata, steps: "20" }))
  expect(await refused()).toMatch(/it was damaged or edited/)
  writeFileSync(file("checkpoint.safetensors"), writeSafetensors(tensors, { format: "pt" }))
  expect(await refused()).toMatch(/not a checkpoint of makewave/)

  const mine = join(folder, "mine")
  cpSync(run, mine, { recursive: true })
  const other = async (given: Settings) => {
    rmSync(run, { recursive: true })
    await trainAll(given, { steps: 1 })
    const bytes = readFileSync(file("checkpoint.safetensors"))
    rmSync(run, { recursive: true })
    cpSync(mine, run, { recursive: true })
    writeFileSync(file("checkpoint.safetensors"), bytes)
    return refused()
  }
  expect(await other({ hidden: 4 })).toMatch(/of another model than config\.json/)
  const words = join(folder, "words.txt")
  writeFileSync(words, readFileSync(data, "utf8").replaceAll("c", "d"))
  expect(await other({ data: words })).toMatch(/of another vocabulary than config\.json/)

  await trainAll({}, { resume: true })
  expect((await readRun(run)).checkpoint.training.steps).toBe(200)
})

test("data, folder and flags that do not fit a run: one sentence each", async () => {
  await trainAll({}, { steps: 100 })
  const resume = (given: Settings = {}) => sentenceOf(trainAll(given, { resume: true }))
  expect(await resume({ hidden: 4 })).toMatch(/^--hidden 4: .* trains with 3/)
  expect(await resume({ clipNorm: 1 })).toMatch(/^--clip-norm 1: .* trains with none/)
  expect(await resume({ steps: 99 })).toMatch(/^--steps 99: .* has already taken 100 steps/)
  const lines = readFileSync(data, "utf8")
  writeFileSync(data, `${lines}abcabc\n`)
  expect(await resume()).toMatch(/ has changed since the training of /)
  writeFileSync(data, lines)

  const config = readFileSync(file("config.json"), "utf8")
  for (const [edited, sentence] of [
    ["{", /not a valid config of a run/],
    [config.replace('"flat"', '"flut"'), /model: "flut": give .*did you mean flat\?/],
    [config.replace('"hidden": 3', '"hidden": -3'), /hidden: -3: give a whole number from 0 to/],
    [config.replace('"a",', ""), /of another vocabulary/],
  ] as const) {
    writeFileSync(file("config.json"), edited)
    expect(await resume()).toMatch(sentence)
  }
  rmSync(file("config.json"))
  expect(await resume()).toMatch(/there is no run here \(no config\.json\)/)
})

test.each<[Settings, RegExp]>([
  [
    { embedding: 1000, context: 12, hidden: 16_000, optimizer: "adamw" },
    /^192,\d+,\d+ parameters take 3 numbers each with adamw: the checkpoint would have 2\.3 GB, and at most 2 GB can be kept: give a smaller/,
  ],
  [{ embedding: 1000, context: 8, hidden: 16_000, optimizer: "adamw", ema: 0.9 }, /take 4 numbers each/],
  [{ embedding: 5000, context: 8, hidden: 16_000 }, /has 640,\d+,\d+ parameters, and at most 500,000,000/],
])("a checkpoint over 2 GiB is refused before the training begins: %o", async (given, sentence) => {
  expect(await sentenceOf(trainAll(given))).toMatch(sentence)
  expect(readdirSync(folder)).toEqual(["things.txt"])
})

test("a value that a config could not keep begins no run", async () => {
  for (const [given, sentence] of [
    [{ learningRate: 1e30 }, "--learning-rate 1e+30: give a number above 0 and at most"],
    [{ hidden: 0.5 }, "--hidden 0.5: give a whole number"],
    [{ steps: Number.NaN }, "--steps NaN: give a whole number"],
  ] as const)
    expect(await sentenceOf(trainAll(given))).toContain(sentence)
  expect(readdirSync(folder)).toEqual(["things.txt"])
})

test("a folder that cannot be written to, or a file in its place, gets one sentence and leaves no files", async () => {
  writeFileSync(run, "")
  expect(await sentenceOf(trainAll())).toMatch(/this is a file: name a folder/)
  rmSync(run)

  mkdirSync(run)
  chmodSync(folder, 0o755)
  chmodSync(run, 0o555)
  const isRoot = process.getuid?.() === 0 // whom no permission stops
  if (isRoot) process.seteuid?.(65_534)
  try {
    expect(await sentenceOf(trainAll())).toMatch(/may not be written to/)
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
  expect(readdirSync(run)).toEqual([])
})

test("numbers beyond all bounds end the training before they reach a checkpoint", async () => {
  // Each step multiplies the weights by the learning rate times their decay.
  for (const [weightDecay, checkpointEvery, evaluateEvery] of [
    [1, 100, 100],
    [1, 100, 1],
    [1, 1, 100],
    [1e9, 1, 100],
    [1e9, 100, 1],
  ]) {
    const given = {
      learningRate: 1e9,
      weightDecay,
      schedule: "constant",
      checkpointEvery,
      evaluateEvery,
    } as const
    expect(await sentenceOf(trainAll(given))).toMatch(
      /step \d, of loss \S+, gave a non-finite value, first in (the (validation )?loss|network\S+( \(\w+\))?): the learning rate 1000000000 is too/,
    )
    for (const { validation } of await readMetrics(run)) expect(validation).not.toBeNaN()
    const kept = await Run.resume(run)
    for (const { data } of Object.values(kept.checkpoint?.model ?? {}))
      expect(data.every(Number.isFinite)).toBe(true)
    await kept.close()
    rmSync(run, { recursive: true })
  }
})

test("a final loss that is not finite is not logged, and the run can be read", async () => {
  const given = {
    model: "bigram",
    steps: 4,
    learningRate: 1e9,
    weightDecay: 16,
    schedule: "constant",
  } as const
  const { context: _, embedding: __, hidden: ___, ...others } = tiny
  const training = async () => {
    for await (const _ of runTraining({ given: { ...others, data, ...given }, out: run }));
  }
  expect(await sentenceOf(training())).toMatch(
    /^the training loss after 4 steps is (NaN|Infinity): the learning rate 1000000000 is too high/,
  )
  expect((await readMetrics(run)).every(({ train }) => train === undefined)).toBe(true)
  expect((await readRun(run)).checkpoint.training.steps).toBe(4)
})

test.each<[string, unknown, RegExp]>([
  [
    "a misspelled setting",
    { given: { stepz: 1 } },
    /^given: there is no setting "stepz": did you mean steps\?$/,
  ],
  ["no settings", { given: undefined }, /^given: undefined in place of settings: give an object/],
  [
    "another option",
    { given: {}, output: "x" },
    /^runTraining: there is no option output: it has given, out/,
  ],
  ["a misspelled change", { given: { stepz: 1 }, resume: true }, /^given: there is no setting "stepz": did/],
])("runTraining refuses %s in a sentence", async (_, request, sentence) => {
  const { resume, ...others } = request as { resume?: true }
  if (resume) await trainAll({ steps: 1 })
  const place = resume ? { resume: run } : { out: run }
  const training = runTraining({ ...place, ...others } as never)
  expect(await sentenceOf(training.next())).toMatch(sentence)
  expect(existsSync(run)).toBe(resume === true)
})

test("patience ends a training that becomes no better, keeps the best numbers, and reads those", async () => {
  const given: Settings = {
    evaluateEvery: 10,
    patience: 2,
    learningRate: 2,
    schedule: "constant",
    steps: 5000,
  }
  await trainAll(given)
  const validations = (await readMetrics(run)).filter(({ train, validation }) => validation && !train)
  const losses = validations.map(({ validation }) => validation!)
  const best = losses.indexOf(Math.min(...losses))
  expect(best).toBe(losses.length - 3)
  expect((await readRun(run)).checkpoint.training.steps).toBe(validations[best].step)
  expect((await readMetrics(run)).at(-1)?.validation).toBeCloseTo(losses[best], 5)

  const whole = readFileSync(file("metrics.jsonl"), "utf8")
  await trainAll({}, { resume: true })
  expect(readFileSync(file("metrics.jsonl"), "utf8")).toBe(whole) // even the seconds
  rmSync(run, { recursive: true })
  await trainAll(given, { steps: validations[best].step + 5 })
  await trainAll({}, { resume: true })
  expect(withoutSeconds(readFileSync(file("metrics.jsonl"), "utf8"))).toBe(withoutSeconds(whole))
  expect(await sentenceOf(trainAll({ ...given, evaluateEvery: 0 }))).toMatch(
    /^--patience 2: .*--evaluate-every/,
  )
})

test("averages of the weights are carried along, kept, and what others read", async () => {
  const given: Settings = { ema: 0.9, logEvery: 1, learningRate: 0.5, schedule: "constant", steps: 20 }
  const raw: Record<string, ArrayLike<number>>[] = []
  const recipe = resolveRecipe({ ...tiny, data, ...given })
  const model = createModel(recipe, 4).initialize(new Generator(1))
  const numbers = () =>
    Object.fromEntries(model.namedParameters().map(([name, { data }]) => [name, data.slice()]))
  raw.push(numbers())
  const rows = textRows(model, { lines: ["abc", "cab", "bca"] }, { vocabulary: Vocabulary.from(["abc"]) })
  const options = { ema: 0.9, steps: 20, rate: 0.5, every: 1 }
  const training = train(model, rows, options)
  for await (const _ of training) raw.push(numbers())
  for (const [name, { data }] of Object.entries(training.state().averages!))
    for (let i = 0; i < data.length; i++)
      expect(data[i]).toBeCloseTo(
        raw.map((each) => each[name][i]).reduce((a, b) => 0.9 * a + 0.1 * b),
        5,
      )
  await training.averaged(async () => expect(numbers()).not.toEqual(raw.at(-1)))
  expect(numbers()).toEqual(raw.at(-1))

  await trainAll({ ...given, steps: 100 })
  const end = (await readMetrics(run)).at(-1)?.validation
  const { config, checkpoint } = await readRun(run)
  const read = createModel(config.recipe, 4).loadStateDict(checkpoint.model)
  const { parts, vocabulary } = await openText(config.recipe)
  expect(await evaluate(read, textRows(read, parts.validation, { vocabulary }))).toBe(end)
  const resumed = await Run.resume(run)
  await resumed.close()
  read.loadStateDict(resumed.checkpoint!.model)
  expect(await evaluate(read, textRows(read, parts.validation, { vocabulary }))).not.toBe(end)
})
