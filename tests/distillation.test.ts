/** A network that learns from a teacher: its loss is that of the paper, its column holds what the teacher says, and a run of it is resumed exactly. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Ensemble, Mixture, NGram } from "../src/counting/index.ts"
import { type Dataset, sequences, Vocabulary, windows } from "../src/data/index.ts"
import { trainTrial } from "../src/experiments/trial.ts"
import { look, type Model, models } from "../src/models/index.ts"
import { Generator } from "../src/random/index.ts"
import { openText } from "../src/runs/corpora/text-corpus.ts"
import { distributionsOf } from "../src/runs/distributions.ts"
import { openAnyModel } from "../src/runs/open-model.ts"
import { readRun } from "../src/runs/run.ts"
import { runTraining, type TrainingRequest } from "../src/runs/run-training.ts"
import type { Settings } from "../src/runs/settings.ts"
import { openTeacher } from "../src/runs/teacher.ts"
import { textRows } from "../src/runs/text-rows.ts"
import { interpret } from "../src/tensor/interpreter.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { type Batch, tableOf, traceBatch } from "../src/training/columns.ts"
import { type LossFunction, nextSymbolLoss, traceLoss } from "../src/training/loss.ts"
import { makewaveHere, objects } from "./command-line.ts"

const lines = ["abc", "ab", "cab", "bb", "acca"]
const vocabulary = Vocabulary.from(lines)
const V = vocabulary.size
const encoded = lines.map((line) => [...vocabulary.encode(line)])

/** Far from uniform. */
function initialized<M extends Model>(model: M, seed = 5): M {
  const random = new Generator(seed)
  for (const parameter of model.parameters()) parameter.data = random.randn(parameter.size)
  return model
}
const gru = () => new models.gru({ vocabularySize: V, contextLength: 5, embedding: 3, hidden: 4 })
const flat = () => new models.flat({ vocabularySize: V, contextLength: 2, embedding: 3, hidden: 4 })
const counts = () => new NGram({ order: 3, vocabularySize: V }).fit(encoded)

const softmax = (logits: readonly number[]): number[] => {
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0)
  return logits.map((logit) => Math.exp(logit) / sum)
}

/** p of the symbol after `before`, by one context read on its own. */
function naive(model: Model | NGram | Mixture | Ensemble, before: readonly number[]): number[] {
  if (model instanceof NGram) return [...model.probabilities(before)]
  if (model instanceof Ensemble) {
    const each = model.members.map((member) => naive(member, before))
    return each[0].map((_, v) => each.reduce((sum, p, k) => sum + model.weights[k] * p[v], 0))
  }
  if (model instanceof Mixture) {
    const [network, counted] = [naive(model.network, before), naive(model.counts, before)]
    const weight = model.weightsByBin?.[model.counts.binAfter(before)] ?? model.weight
    return network.map((p, k) => weight * p + (1 - weight) * counted[k])
  }
  const T = model.contextLength
  const ids = model.reads === "windows" ? [...Array<number>(T).fill(0), ...before].slice(-T) : [0, ...before]
  return softmax([...look(model, ids).at(-1)!.values].slice(-V))
}

/** Every symbol and stop with what stands before it. */
const places = encoded.flatMap((ids) =>
  [...ids, 0].map((symbol, at) => ({ before: ids.slice(0, at), symbol })),
)

function byFrequency(): Mixture {
  const mixture = new Mixture({ network: initialized(gru()), counts: counts() })
  mixture.weightsByBin = Array.from({ length: mixture.counts.contextBins.count }, (_, bin) =>
    bin % 2 ? 0.2 : 0.9,
  )
  return mixture
}

const teachers: [string, () => Model | NGram | Mixture | Ensemble][] = [
  ["a network of sequences", () => initialized(gru())],
  ["a network of windows", () => initialized(flat())],
  ["n-grams", counts],
  ["a mixture", () => new Mixture({ network: initialized(gru()), counts: counts(), weight: 0.3 })],
  ["a mixture by frequency", byFrequency],
  ["an ensemble with one", () => new Ensemble([byFrequency(), counts()])],
]

test.each(teachers)("the distributions of %s are those of each context on its own", async (_, create) => {
  const model = create()
  const found = await distributionsOf(model, { lines }, { vocabulary })
  expect(found).toHaveLength(places.length * V)
  for (const [k, { before }] of places.entries())
    for (const [symbol, p] of naive(model, before).entries()) expect(found[k * V + symbol]).toBeCloseTo(p, 5)
})

describe.each<[string, () => Model, (lines: readonly string[], of: Vocabulary) => Dataset]>([
  ["windows", flat, (all, of) => windows(all, of, 2)],
  ["sequences", gru, (all, of) => sequences(all, of, 5)],
])("the loss of %s", (_, create, rowsOf) => {
  const rows = rowsOf(lines, vocabulary)
  const random = new Generator(2)
  const isThere = Array.from(rows.targets.data, (target) => target >= 0)
  const taught = isThere.flatMap((there) =>
    there ? softmax([...random.randn(V)]) : Array<number>(V).fill(0),
  )
  const shape = [...rows.targets.shape, V]
  const data: Dataset = { ...rows, teacher: { data: Float32Array.from(taught), shape } }

  test.each([0, 0.25, 1])("weighs the teacher's with that of the next symbol, %d", (teacherWeight) => {
    const network = initialized(create()).eval()
    const [N] = rows.inputs.shape
    const all = Tensor.constant([...Array(N).keys()], [N], "int32")
    const { batch, whole, numbers } = traceBatch(tableOf(data), all)
    const loss = nextSymbolLoss(network, { teacherWeight }) as LossFunction<never> as LossFunction
    const { minimize, report } = traceLoss(loss, batch as Batch)
    const leaves = new Map(Object.entries(whole).map(([name, leaf]) => [leaf, numbers[name]]))
    const { loss: ofSymbols, teacherLoss } = report as Record<string, Tensor>
    const [minimized, s, t] = interpret([minimize, ofSymbols, teacherLoss], leaves).map(([x]) => x)

    let [nats, ofTeacher] = [0, 0]
    const positions = isThere.flatMap((there, k) => (there ? [k] : []))
    for (const [at, { before, symbol }] of places.entries()) {
      const logs = naive(network, before).map(Math.log)
      nats -= logs[symbol]
      for (const [k, log] of logs.entries()) ofTeacher -= taught[positions[at] * V + k] * log
    }
    expect(s).toBeCloseTo(nats / places.length, 5)
    expect(t).toBeCloseTo(ofTeacher / places.length, 5)
    expect(minimized).toBeCloseTo((1 - teacherWeight) * s + teacherWeight * t, 10)
  })
})

describe("a run", () => {
  let folder = ""
  const at = (name: string) => join(folder, name)
  const given = (more: Settings = {}): Settings => ({
    data: at("things.txt"),
    recipe: "lecture",
    model: "gru",
    embedding: 3,
    hidden: 5,
    steps: 30,
    checkpointEvery: 10,
    evaluateEvery: 10,
    logEvery: 1,
    batchSize: 8,
    optimizer: "adamw",
    learningRate: 0.02,
    ...more,
  })
  async function trained(request: TrainingRequest, until = Infinity): Promise<void> {
    for await (const event of runTraining({ ...request, every: 5 }))
      if (event.kind === "progress" && event.progress.step >= until) return
  }
  const contentOf = (run: string, file: string) => readFileSync(at(`${run}/${file}`))

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "makewave-distillation-"))
    const syllables = ["ba", "be", "ka", "ki", "mo"]
    const things = syllables.flatMap((a) => syllables.map((b) => a + b + (a < b ? a : "")))
    writeFileSync(at("things.txt"), `${things.join("\n")}\n`)
    writeFileSync(at("others.txt"), `${things.toReversed().join("\n")}\n`)
    writeFileSync(at("labelled.csv"), `word,kind\n${things.map((word, k) => `${word},${k % 2}\n`).join("")}`)
    await trained({ given: given({ mixOrder: 3 }), out: at("teacher") })
    await trained({ given: { data: at("things.txt"), model: "ngram", order: 2 }, out: at("counted") })
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each<[string, Settings]>([
    ["sequences", {}],
    ["windows", { model: "flat", context: 3, embedding: 3, hidden: 5 }],
    ["pieces of lines", { truncate: 2 }],
    ["packed lines", { pack: 9 }],
  ])("of %s: the column has each target's distribution, in the rows' order", async (_, more) => {
    await trained({ given: given({ ...more, steps: 1 }), out: at("untaught") })
    const { config } = await readRun(at("untaught"))
    rmSync(at("untaught"), { recursive: true })
    const corpus = await openText(config.recipe)
    const recipe = { ...config.recipe, teacher: at("teacher") }
    const teacher = await openTeacher(recipe, { corpus, runtime: {} })
    const { model, ...codec } = await openAnyModel(at("teacher"))
    const found = await distributionsOf(model, corpus.parts.train, codec)
    const student = new models[recipe.model as "gru"]({
      ...recipe,
      vocabularySize: corpus.vocabulary.size,
      contextLength: recipe.context,
    })
    const rows = textRows(student, corpus.parts.train, corpus, recipe)
    const { teacher: column, ...others } = await teacher!.teach(student, rows)
    expect(others).toEqual(rows)
    const size = corpus.vocabulary.size
    expect(column!.shape).toEqual([...rows.targets.shape, size])
    let place = 0
    for (const [k, target] of rows.targets.data.entries()) {
      const here = column!.data.subarray(k * size, (k + 1) * size)
      const wanted = target < 0 ? new Float32Array(size) : found.subarray(place, place + size)
      expect(here).toEqual(wanted)
      if (target >= 0) place += size
    }
    expect(place).toBe(found.length)
  })

  test.each<[string, Settings]>([
    ["sequences", {}],
    ["windows", { model: "flat", context: 3 }],
  ])("of %s: lines that the teacher makes come after the data's, with its distributions", async (_, more) => {
    await trained({ given: given({ ...more, steps: 1 }), out: at("untaught") })
    const { config } = await readRun(at("untaught"))
    rmSync(at("untaught"), { recursive: true })
    const corpus = await openText(config.recipe)
    const taught = (teacherLines: number) =>
      openTeacher({ ...config.recipe, teacher: at("teacher"), teacherLines }, { corpus, runtime: {} })
    const { model, ...codec } = await openAnyModel(at("teacher"))
    const student = new models[config.recipe.model as "gru"]({
      ...config.recipe,
      vocabularySize: corpus.vocabulary.size,
      contextLength: config.recipe.context,
    })
    const rows = textRows(student, corpus.parts.train, corpus)
    const own = await (await taught(0))!.teach(student, rows)
    const all = await (await taught(500))!.teach(student, rows)

    // The lines, read off the targets behind those of the data.
    const text = Array.from(all.targets.data.subarray(rows.targets.data.length))
      .filter((target) => target >= 0)
      .map((target) => (target === 0 ? "\n" : corpus.vocabulary.decode([target])))
      .join("")
    const made = text.split("\n").slice(0, -1)
    expect(made.length).toBeGreaterThan(200)
    expect(Math.max(...made.map(({ length }) => length))).toBeLessThanOrEqual(corpus.longest!)
    const extra = textRows(student, { lines: made }, codec)
    for (const name of ["inputs", "targets"] as const) {
      expect(all[name].data).toEqual(Int32Array.of(...rows[name].data, ...extra[name].data))
      expect(all[name].shape[0]).toBe(rows[name].shape[0] + extra[name].shape[0])
    }
    const found = await distributionsOf(model, { lines: made }, codec)
    const isTarget = (k: number) => extra.targets.data[k] >= 0
    const size = corpus.vocabulary.size
    const column = all.teacher!.data
    expect(column.subarray(0, own.teacher!.data.length)).toEqual(own.teacher!.data)
    const behind = column.subarray(own.teacher!.data.length)
    expect(behind.filter((_, k) => isTarget(Math.floor(k / size)))).toEqual(found)
    expect(behind.filter((p, k) => !isTarget(Math.floor(k / size)) && p !== 0)).toHaveLength(0)
  })

  test("of lines that a teacher makes, those longer than the data's are left out, and so many as do not fit are refused before", async () => {
    await trained({ given: given({ steps: 1 }), out: at("alone") })
    const { config } = await readRun(at("alone"))
    const recipe = { ...config.recipe, teacher: at("teacher"), teacherLines: 300 }
    const corpus = await openText(recipe)
    const student = initialized(
      new models.gru({ ...recipe, vocabularySize: corpus.vocabulary.size, contextLength: recipe.context }),
    )
    const rows = textRows(student, corpus.parts.train, corpus)
    const notices: string[] = []
    const options = { runtime: {}, notice: (sentence: string) => notices.push(sentence) }
    const short = await openTeacher(recipe, { corpus: { ...corpus, longest: 2 }, ...options })
    const { targets } = await short!.teach(student, rows)
    const made = targets.shape[0] - rows.targets.shape[0]
    expect(notices).toEqual([
      `--teacher ${at("teacher")}: of 300 lines that it made, ${made} are no longer than those of the data: the others are left out`,
    ])
    const { parts } = corpus
    const few = { ...corpus, parts: { ...parts, train: { lines: parts.train.lines.slice(0, 1) } } }
    const many = await openTeacher({ ...recipe, teacherLines: 1_000_000 }, { corpus: few, ...options })
    await expect(many!.teach(student, rows)).rejects.toThrow(/exceed the 1 GiB .* \(--teacher-lines\)$/)
  })

  test("of lines that a teacher makes, those whose symbols join are left out", async () => {
    // An accent at the start of a line is a symbol of its own. Behind a letter it would be part of that.
    writeFileSync(at("accents.txt"), ["ab", "ba", "aab", "bba", "\u0301a", "\u0301b", "\u0301ab"].join("\n"))
    const data = { data: at("accents.txt"), split: "100,0,0" }
    await trained({ given: { ...data, model: "ngram", order: 1 }, out: at("mixing") })
    await trained({
      given: given({ ...data, evaluateEvery: 0, teacher: at("mixing"), teacherLines: 200 }),
      out: at("unmixed"),
    })
    expect((await readRun(at("unmixed"))).checkpoint.training.steps).toBe(30)
  })

  test("stops at once, as a trial, while its teacher makes lines", async () => {
    const stopping = new AbortController()
    const settings = given({ teacher: at("teacher"), teacherLines: 100_000 })
    const ending = trainTrial({ name: "student", settings }, at("stopped"), { signal: stopping.signal })
    setTimeout(() => stopping.abort(), 300)
    expect(await ending).toEqual({ kind: "stopped" })
    expect(existsSync(at("stopped"))).toBe(false)
  })

  test("learns its teacher's probabilities: a bigram model those of 2-grams", async () => {
    const taught = { model: "bigram", embedding: undefined, hidden: undefined, optimizer: "adamw" } as const
    const settings = given({ ...taught, teacher: at("counted"), teacherWeight: 1, steps: 1500 })
    await trained({ given: { ...settings, learningRate: 0.05, schedule: "cosine" }, out: at("bigram") })
    const student = await openAnyModel(at("bigram"))
    const teacher = await openAnyModel(at("counted"))
    for (const symbol of ["b", "k", "a", "o"]) {
      const before = [...student.vocabulary.encode(symbol)]
      const logits = look(student.model as Model, [0, ...before]).at(-1)!.values
      const learned = softmax([...logits.slice(-student.vocabulary.size)])
      for (const [k, p] of [...(teacher.model as NGram).probabilities(before)].entries())
        expect(Math.abs(learned[k] - p), `${k} after ${symbol}`).toBeLessThan(0.02)
    }
  })

  test.each<[string, Settings]>([
    ["sequences", {}],
    ["windows", { model: "flat", context: 3 }],
    ["mixed with counts, averaged", { mixOrder: 2, ema: 0.8 }],
    ["its teacher's lines", { teacherLines: 50 }],
  ])("of %s, resumed, is as the unbroken one, bit for bit", async (name, more) => {
    const [whole, broken] = [`whole ${name}`, `broken ${name}`]
    const settings = given({ teacher: at("teacher"), teacherWeight: 0.7, ...more })
    await trained({ given: settings, out: at(whole) })
    await trained({ given: settings, out: at(broken) }, 15)
    await trained({ given: {}, resume: at(broken) })
    for (const file of ["config.json", "samples.txt"])
      expect(contentOf(broken, file).equals(contentOf(whole, file)), file).toBe(true)
    const withoutTime = (run: string) =>
      contentOf(run, "metrics.jsonl")
        .toString()
        .replace(/"seconds":[\d.]+/g, "")
    expect(withoutTime(broken)).toBe(withoutTime(whole))
    const { config, checkpoint } = await readRun(at(whole))
    expect({ ...(await readRun(at(broken))).checkpoint, seconds: 0, metricsBytes: 0 }).toEqual({
      ...checkpoint,
      seconds: 0,
      metricsBytes: 0,
    })
    expect(config.teacher).toEqual({
      name: at("teacher"),
      sha256: expect.stringMatching(/^\w{64}$/),
      steps: 30,
    })
    const [line] = contentOf(whole, "metrics.jsonl").toString().split("\n")
    expect(JSON.parse(line)).toMatchObject({ loss: expect.any(Number), teacherLoss: expect.any(Number) })
  })

  test("goes on with the teacher that it began with, wherever that is, and with no other", async () => {
    cpSync(at("teacher"), at("moving"), { recursive: true })
    await trained({ given: given({ teacher: at("moving") }), out: at("student") }, 10)
    cpSync(at("moving"), at("moved"), { recursive: true })
    rmSync(at("moving"), { recursive: true })
    const resumed = (more: Settings) => trained({ given: more, resume: at("student") })
    await expect(resumed({})).rejects.toThrow(/--teacher .*moving: .*there is no run here/)
    await expect(resumed({ teacher: at("counted") })).rejects.toThrow(
      /--teacher .*counted: it is not the teacher that the run began with/,
    )
    await resumed({ teacher: at("moved") })
    expect((await readRun(at("student"))).config.recipe.teacher).toBe(at("moved"))
  })

  test.each<[string, Settings, RegExp]>([
    [
      "other data",
      { data: "others.txt" },
      /--teacher .*teacher: it was trained on other data, .*things\.txt: give a run/,
    ],
    [
      "another split",
      { split: "70,20,10" },
      /its --split is 80,10,10, and here it is 70,20,10, so it may have learned lines of the validation part/,
    ],
    [
      "labels that it does not know",
      { model: "wavenet-2016", data: "labelled.csv", column: "word", condition: "kind" },
      /teacher: it is conditioned on nothing, and this run on kind: give both the same --condition/,
    ],
    ["another seed", { splitSeed: 1 }, /its --split-seed is 42, and here it is 1/],
    [
      "a weight alone",
      { teacher: undefined, teacherWeight: 0.5 },
      /--teacher-weight 0.5: it is the weight of a teacher's/,
    ],
    [
      "lines of none",
      { teacher: undefined, teacherLines: 5 },
      /--teacher-lines 5: it is the number of lines that a teacher makes/,
    ],
    [
      "lines without labels",
      { model: "wavenet-2016", data: "labelled.csv", column: "word", classify: "kind", teacherLines: 5 },
      /--teacher-lines 5: the lines that a teacher makes have no labels/,
    ],
    ["a weight above 1", { teacherWeight: 1.5 }, /--teacher-weight 1.5: give a number from 0 to 1/],
    ["no teacher there", { teacher: "nowhere" }, /--teacher nowhere: nowhere: there is no run here/],
  ])("is refused with %s", async (_, more, sentence) => {
    const data = at(more.data ?? "things.txt")
    const sizes = more.column ? { embedding: undefined, hidden: undefined } : {}
    const settings = given({ teacher: at("teacher"), ...more, ...sizes, data })
    await expect(trained({ given: settings, out: at("refused") })).rejects.toThrow(sentence)
  })

  test("at the command line says from whom it learns, and so does --json", async () => {
    const flags = ["train", "things.txt", "--model", "bigram", "--steps", "5", "--teacher", "teacher"]
    const { stdout } = await makewaveHere([...flags, "--out", "told"], folder)
    expect(stdout).toMatch(/^run: told, learns from teacher$/m)
    const json = await makewaveHere([...flags, "--out", "as-json", "--json"], folder)
    expect(objects(json.stdout).at(-1)).toMatchObject({ teacher: { name: "teacher", steps: 30 } })
    const looked = await makewaveHere(["inspect", "told", "--json"], folder)
    expect(objects(looked.stdout)[0]).toHaveProperty("diagnosis")
    const found = await makewaveHere(["lr-find", ...flags.slice(1), "--json"], folder)
    expect(objects(found.stdout)[0]).toMatchObject({ model: "bigram" })
  })
})
